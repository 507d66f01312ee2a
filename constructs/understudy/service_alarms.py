"""What is watched about each service, and about the load balancer in front of them."""

from __future__ import annotations

from spec import Deployment
from spec.monitoring import Alarms
from spec.services import Service as ServiceSpec
from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.metric_math import greatest, total
from understudy.service import Service
from understudy.service_metrics import insight, running_tasks, target_metrics, usage

MILLISECONDS = 1000


def service_alarms(deployment: Deployment, service: Service) -> list[Alarm]:
    """Of one released service; one without an image has no tasks, and nothing to be said about them."""
    name, limits = service.name, deployment.monitoring.alarms
    alarms = [
        Alarm(
            subject=name,
            what="cpu",
            severity="critical",
            meaning=f"Tasks of {name} use more than {limits.cpu_percent:g} % of their CPU.",
            look_first="whether scaling has reached max_replicas; then what changed: releases, traffic.",
            comparison="above",
            threshold=limits.cpu_percent,
            value=usage(service, "CPUUtilization"),
            periods=limits.minutes,
        ),
        Alarm(
            subject=name,
            what="memory",
            severity="critical",
            meaning=f"Tasks of {name} use more than {limits.memory_percent:g} % of their memory; at 100 % they are killed.",
            look_first="whether it grows since the last release (a leak) or with traffic (scaling).",
            comparison="above",
            threshold=limits.memory_percent,
            value=usage(service, "MemoryUtilization"),
            periods=limits.minutes,
        ),
        _down(deployment, service),
    ]
    if deployment.monitoring.container_insights != "disabled":
        alarms.append(_disk(service, limits))
    if service.target_group is not None:
        alarms += _requests(deployment, service)
    return alarms


def _down(deployment: Deployment, service: Service) -> Alarm:
    """Fewer tasks than always run. A release keeps the old ones until the new ones are healthy, so it is silent.

    Of two target groups the fuller one counts: the other is empty between releases.
    """
    least = least_tasks(service.spec)
    healthy = target_metrics(service, "healthy", "HealthyHostCount", "Minimum")
    value, metrics = _largest(healthy or {"tasks": running_tasks(deployment, service)})
    return Alarm(
        subject=service.name,
        what="down",
        severity="critical",
        meaning=f"Fewer than {least} healthy tasks of {service.name}.",
        look_first="the service's events and the reason of its last stopped task; then its log.",
        comparison="below",
        threshold=least,
        value=value,
        metrics=metrics,
        periods=deployment.monitoring.alarms.down_minutes,
        missing="breaching",
    )


def least_tasks(service: ServiceSpec) -> int:
    """The lowest number that scaling may go down to, on any schedule, and one at least."""
    schedules = service.scaling.schedules if service.scaling else ()
    return max(1, min([service.replicas, *(schedule.min_replicas for schedule in schedules)]))


def _disk(service: Service, limits: Alarms) -> Alarm:
    return Alarm(
        subject=service.name,
        what="disk",
        severity="warning",
        meaning=f"Tasks of {service.name} have filled more than {limits.disk_percent:g} % of their ephemeral storage.",
        look_first="what the service leaves in its writable paths.",
        comparison="above",
        threshold=limits.disk_percent,
        value="100 * used / reserved",
        metrics={
            "used": insight(service, "EphemeralStorageUtilized"),
            "reserved": insight(service, "EphemeralStorageReserved"),
        },
        periods=limits.minutes,
    )


def _requests(deployment: Deployment, service: Service) -> list[Alarm]:
    name, limits = service.name, deployment.monitoring.alarms
    errors = target_metrics(service, "errors", "HTTPCode_Target_5XX_Count", "Sum")
    requests = target_metrics(service, "requests", "RequestCount", "Sum")
    alarms = [
        Alarm(
            subject=name,
            what="errors",
            severity="critical",
            meaning=f"{name} answers more than {limits.error_percent:g} % of requests with 5xx.",
            look_first=f"the last release of {name}, then its log for the first error.",
            comparison="above",
            threshold=limits.error_percent,
            value=f"IF({total(requests)} > 0, 100 * {total(errors)} / {total(requests)}, 0)",
            metrics={**errors, **requests},
            # The share over the whole time, not five shares: a few requests a minute would make each of those 0 or 100.
            period_seconds=60 * limits.minutes,
            periods=1,
        )
    ]
    if deployment.objectives.response_ms is not None:
        value, metrics = _largest(target_metrics(service, "slowest", "TargetResponseTime", "p95"))
        alarms.append(
            Alarm(
                subject=name,
                what="response-time",
                severity="warning",
                meaning=f"One request in twenty to {name} takes longer than {deployment.objectives.response_ms} ms.",
                look_first="CPU of the service and of the database, then slow queries.",
                comparison="above",
                threshold=deployment.objectives.response_ms / MILLISECONDS,
                value=value,
                metrics=metrics,
                periods=limits.minutes,
            )
        )
    return alarms


def _largest(metrics: dict[str, Metric]) -> tuple[Metric | str, dict[str, Metric]]:
    """What an alarm reads to judge by the largest of `metrics`: the only one itself, or an expression over them."""
    first = next(iter(metrics.values()))
    return (first, {}) if len(metrics) == 1 else (greatest(metrics), metrics)


def load_balancer_alarms(deployment: Deployment, load_balancer: str) -> list[Alarm]:
    """Of all requests together, those counted that no task has answered."""
    objective = deployment.objectives.error_rate
    if objective is None:
        return []

    def metric(name: str) -> Metric:
        return Metric("AWS/ApplicationELB", name, {"LoadBalancer": load_balancer}, "Sum")

    return [
        Alarm(
            subject="load-balancer",
            what="error-rate",
            severity="warning",
            meaning=f"More than {100 * objective:g} % of all requests fail: the objective for errors is being missed.",
            look_first="which service's own alarms ring; if none does, no task answered (502, 503, 504).",
            comparison="above",
            threshold=objective,
            # SUM leaves out what has no data; `+` would have none as soon as one of the two has none.
            value="IF(requests > 0, SUM([targets, own]) / requests, 0)",
            metrics={
                "targets": metric("HTTPCode_Target_5XX_Count"),
                "own": metric("HTTPCode_ELB_5XX_Count"),
                "requests": metric("RequestCount"),
            },
            period_seconds=60 * deployment.monitoring.alarms.minutes,
            periods=1,
        )
    ]
