"""What is watched at the edge, by metrics that exist in us-east-1 alone."""

from __future__ import annotations

from spec.monitoring import Alarms
from understudy.alarm import Alarm
from understudy.metric import Metric


def site_alarm(domain: str, health_check_id: str, limits: Alarms) -> Alarm:
    """The site as users see it."""
    return Alarm(
        subject="site",
        what="down",
        severity="critical",
        meaning=f"https://{domain} does not answer users on several continents.",
        look_first="the alarms of the services; if they are silent: DNS, certificate, firewall, CDN.",
        comparison="below",
        threshold=1,
        value=Metric("AWS/Route53", "HealthCheckStatus", {"HealthCheckId": health_check_id}, "Minimum"),
        periods=limits.down_minutes,
        missing="breaching",
    )


def cdn_alarm(distribution_id: str, limits: Alarms) -> Alarm:
    """Errors that users get, those included that the CDN gives because it reaches nobody."""
    return Alarm(
        subject="cdn",
        what="errors",
        severity="critical",
        meaning=f"Users get 5xx for more than {limits.error_percent:g} % of their requests.",
        look_first="the services' error alarms; if they are silent, the CDN does not reach the load balancer.",
        comparison="above",
        threshold=limits.error_percent,
        value=Metric(
            "AWS/CloudFront", "5xxErrorRate", {"DistributionId": distribution_id, "Region": "Global"}, "Average"
        ),
        period_seconds=60 * limits.minutes,
        periods=1,
    )
