"""A certificate that nobody renews."""

from __future__ import annotations

from typing import Final

from understudy.alarm import Alarm
from understudy.metric import Metric

DAY_SECONDS: Final = 86_400


def certificate_alarm(subject: str, certificate_arn: str, days: int) -> Alarm:
    """ACM renews sixty days before the end, so fewer than `days` left means that it cannot."""
    return Alarm(
        subject=subject,
        what="certificate",
        severity="warning",
        meaning=f"The certificate ends in less than {days} days, and its renewal has failed.",
        look_first="its validation records: the hosted zone must be delegated and still have them.",
        comparison="below",
        threshold=days,
        value=Metric("AWS/CertificateManager", "DaysToExpiry", {"CertificateArn": certificate_arn}, "Minimum"),
        period_seconds=DAY_SECONDS,
        periods=1,
        missing="ignore",
    )
