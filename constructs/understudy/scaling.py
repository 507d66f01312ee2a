"""How the number of a service's tasks follows its load."""

from __future__ import annotations

from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from spec import Deployment
from spec.services import QueueDepth, Scaling
from understudy.service import Service
from understudy.service_metrics import running_tasks

_Policy = autoscaling.CfnScalingPolicy
_Query = _Policy.TargetTrackingMetricDataQueryProperty
_Configuration = _Policy.TargetTrackingScalingPolicyConfigurationProperty


class ServiceScaling(Construct):
    """Target tracking and schedules of the spec, for a service that has been released.

    The largest number that any target asks for wins, and tasks leave only when every target agrees (Application Auto
    Scaling User Guide, target tracking). A service without an image has none of this: a schedule's minimum would start
    tasks that have nothing to run.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        service: Service,
        scaling: Scaling,
        broker_name: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._scaling = scaling
        self._target = autoscaling.CfnScalableTarget(
            self,
            "Resource",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{service.cluster_name}/{service.service_name}",
            min_capacity=service.spec.replicas,
            max_capacity=scaling.max_replicas,
            scheduled_actions=_scheduled(scaling) or None,
        )
        if scaling.cpu_percent is not None:
            self._predefined("Cpu", scaling.cpu_percent, "ECSServiceAverageCPUUtilization")
        if scaling.memory_percent is not None:
            self._predefined("Memory", scaling.memory_percent, "ECSServiceAverageMemoryUtilization")
        if scaling.requests_per_minute is not None and service.target_group is not None:
            label = f"{service.load_balancer.full_name}/{service.target_group.target_group_full_name}"
            policy = self._predefined("Requests", scaling.requests_per_minute, "ALBRequestCountPerTarget", label)
            # Application Auto Scaling refuses a target group that no rule of the load balancer leads to.
            policy.node.add_dependency(service.target_group.load_balancer_attached)
        if scaling.queue_depth is not None and broker_name is not None:
            self._queue(scaling.queue_depth, broker_name, deployment, service)

    def _predefined(self, name: str, target: float, metric: str, label: str | None = None) -> _Policy:
        specification = _Policy.PredefinedMetricSpecificationProperty(
            predefined_metric_type=metric, resource_label=label
        )
        return self._track(name, target, predefined=specification)

    def _queue(self, depth: QueueDepth, broker_name: str, deployment: Deployment, service: Service) -> None:
        """Waiting messages of one queue for each running task."""
        tasks = running_tasks(deployment, service)
        metrics = [
            _Query(
                id="messages",
                return_data=False,
                metric_stat=_stat(
                    "AWS/AmazonMQ",
                    "MessageReadyCount",
                    {"Broker": broker_name, "VirtualHost": depth.virtual_host, "Queue": depth.queue},
                    "Average",
                ),
            ),
            _Query(
                id="tasks",
                return_data=False,
                metric_stat=_stat(tasks.namespace, tasks.name, tasks.dimensions, tasks.statistic),
            ),
            _Query(id="depth", expression="messages / IF(tasks > 1, tasks, 1)", label="messages per task"),
        ]
        specification = _Policy.CustomizedMetricSpecificationProperty(metrics=metrics)
        self._track("Queue", depth.messages_per_replica, customized=specification)

    def _track(
        self,
        name: str,
        target: float,
        *,
        predefined: _Policy.PredefinedMetricSpecificationProperty | None = None,
        customized: _Policy.CustomizedMetricSpecificationProperty | None = None,
    ) -> _Policy:
        return _Policy(
            self,
            name,
            policy_name=name.lower(),
            policy_type="TargetTrackingScaling",
            scaling_target_id=self._target.ref,
            target_tracking_scaling_policy_configuration=_Configuration(
                target_value=target,
                predefined_metric_specification=predefined,
                customized_metric_specification=customized,
                scale_in_cooldown=self._scaling.scale_in_cooldown_seconds,
                scale_out_cooldown=self._scaling.scale_out_cooldown_seconds,
            ),
        )


def _stat(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str
) -> _Policy.TargetTrackingMetricStatProperty:
    return _Policy.TargetTrackingMetricStatProperty(
        stat=statistic,
        metric=_Policy.TargetTrackingMetricProperty(
            namespace=namespace,
            metric_name=name,
            dimensions=[
                _Policy.TargetTrackingMetricDimensionProperty(name=key, value=value)
                for key, value in dimensions.items()
            ],
        ),
    )


def _scheduled(scaling: Scaling) -> list[autoscaling.CfnScalableTarget.ScheduledActionProperty]:
    return [
        autoscaling.CfnScalableTarget.ScheduledActionProperty(
            scheduled_action_name=schedule.name,
            schedule=schedule.cron,
            timezone=schedule.timezone,
            scalable_target_action=autoscaling.CfnScalableTarget.ScalableTargetActionProperty(
                min_capacity=schedule.min_replicas, max_capacity=schedule.max_replicas
            ),
        )
        for schedule in scaling.schedules
    ]
