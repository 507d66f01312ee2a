"""What a service's own metrics are called, and those of its target groups."""

from __future__ import annotations

from spec import Deployment
from understudy.metric import Metric
from understudy.service import Service


def usage(service: Service, name: str, statistic: str = "Average") -> Metric:
    """CPUUtilization or MemoryUtilization, in percent of what the tasks have."""
    return Metric("AWS/ECS", name, _dimensions(service), statistic)


def running_tasks(deployment: Deployment, service: Service) -> Metric:
    """Tasks that run.

    Container Insights counts them. Without it, each running task is one sample of a minute's CPUUtilization (ECS
    Developer Guide, service metrics: the service's RUNNING task count).
    """
    if deployment.monitoring.container_insights == "disabled":
        return usage(service, "CPUUtilization", "SampleCount")
    return Metric("ECS/ContainerInsights", "RunningTaskCount", _dimensions(service))


def insight(service: Service, name: str, statistic: str = "Average") -> Metric:
    """A metric of Container Insights; there is none where it is disabled."""
    return Metric("ECS/ContainerInsights", name, _dimensions(service), statistic)


def target_metrics(service: Service, key: str, name: str, statistic: str) -> dict[str, Metric]:
    """A metric of the requests to a service, for each of its target groups: which of them is live alternates.

    By IDs for metric math: `key` alone if there is one, else `<key>_blue`, `<key>_green`, `<key>_internal_blue` ... None
    for a service that nobody calls.
    """
    found = {
        f"{key}{way}_{colour}": Metric("AWS/ApplicationELB", name, dimensions, statistic)
        for way, pair in zip(("", "_internal"), service.pairs, strict=False)
        for colour, dimensions in pair.dimensions.items()
    }
    return found if len(found) != 1 else {key: next(iter(found.values()))}


def _dimensions(service: Service) -> dict[str, str]:
    return {"ClusterName": service.cluster_name, "ServiceName": service.service_name}
