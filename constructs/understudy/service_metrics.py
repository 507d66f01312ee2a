"""What a service's own metrics are called, and those of its target group."""

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


def target_metric(service: Service, name: str, statistic: str) -> Metric:
    """A metric of the requests to a service that has a target group.

    Raises:
        ValueError: it has none, because nobody calls it.
    """
    if service.target_group is None:
        raise ValueError(f"nobody calls {service.name}, so no load balancer measures it")
    dimensions = {
        "TargetGroup": service.target_group.target_group_full_name,
        "LoadBalancer": service.load_balancer.full_name,
    }
    return Metric("AWS/ApplicationELB", name, dimensions, statistic)


def _dimensions(service: Service) -> dict[str, str]:
    return {"ClusterName": service.cluster_name, "ServiceName": service.service_name}
