"""How the number of a service's tasks follows its load."""

from __future__ import annotations

from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from spec import Deployment
from spec.services import QueueDepth, Scaling
from understudy.metric import Metric
from understudy.metric_math import greatest, total
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

    `scaling` is None for a fixed number of tasks that CloudFormation must not set itself: both bounds are that number.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        service: Service,
        scaling: Scaling | None,
        broker_name: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.target = autoscaling.CfnScalableTarget(
            self,
            "Resource",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{service.cluster_name}/{service.service_name}",
            min_capacity=service.spec.replicas,
            max_capacity=service.spec.replicas if scaling is None else scaling.max_replicas,
            scheduled_actions=_scheduled(scaling) if scaling and scaling.schedules else None,
        )
        if service.resource is not None:
            # The ID is text: CloudFormation does not see that it names the service.
            self.target.add_resource_dependency(service.resource)
        if scaling is not None:
            self._scaling = scaling
            self._policies(deployment, service, scaling, broker_name)

    def _policies(self, deployment: Deployment, service: Service, scaling: Scaling, broker_name: str | None) -> None:
        if scaling.cpu_percent is not None:
            self._predefined("Cpu", scaling.cpu_percent, "ECSServiceAverageCPUUtilization")
        if scaling.memory_percent is not None:
            self._predefined("Memory", scaling.memory_percent, "ECSServiceAverageMemoryUtilization")
        if scaling.requests_per_minute is not None and service.pairs:
            self._requests(scaling.requests_per_minute, service)
        if scaling.queue_depth is not None and broker_name is not None:
            self._queue(scaling.queue_depth, broker_name, deployment, service)

    def _predefined(self, name: str, target: float, metric: str, label: str | None = None) -> _Policy:
        specification = _Policy.PredefinedMetricSpecificationProperty(
            predefined_metric_type=metric, resource_label=label
        )
        return self._track(name, target, predefined=specification)

    def _requests(self, target: float, service: Service) -> None:
        """Requests a minute and task; of two target groups that share the requests, those of the busier one's tasks.

        The predefined metric knows one target group, and sees nothing while the other one is live. The number of all
        requests over that of all tasks would fall to half during a release, when two versions run.
        """
        if len(service.pairs) == 1 and service.pairs[0].green is None:
            where = service.pairs[0].dimensions["blue"]
            label = f"{where['LoadBalancer']}/{where['TargetGroup']}"
            policy = self._predefined("Requests", target, "ALBRequestCountPerTarget", label)
        else:
            queries = [
                _query(
                    f"requests_{number}_{colour}", Metric("AWS/ApplicationELB", "RequestCountPerTarget", where, "Sum")
                )
                for number, pair in enumerate(service.pairs, start=1)
                for colour, where in pair.dimensions.items()
            ]
            busiest = [
                greatest(f"requests_{number}_{colour}" for colour in pair.dimensions)
                for number, pair in enumerate(service.pairs, start=1)
            ]
            metrics = [*queries, _Query(id="requests", expression=total(busiest), label="requests per task")]
            specification = _Policy.CustomizedMetricSpecificationProperty(metrics=metrics)
            policy = self._track("Requests", target, customized=specification)
        if service.traffic is not None:
            # Application Auto Scaling refuses a target group that no rule of the load balancer leads to.
            policy.add_resource_dependency(service.traffic.resource)

    def _queue(self, depth: QueueDepth, broker_name: str, deployment: Deployment, service: Service) -> None:
        """Waiting messages of one queue for each running task."""
        tasks = running_tasks(deployment, service)
        waiting = {"Broker": broker_name, "VirtualHost": depth.virtual_host, "Queue": depth.queue}
        metrics = [
            _query("messages", Metric("AWS/AmazonMQ", "MessageReadyCount", waiting)),
            _query("tasks", tasks),
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
            scaling_target_id=self.target.ref,
            target_tracking_scaling_policy_configuration=_Configuration(
                target_value=target,
                predefined_metric_specification=predefined,
                customized_metric_specification=customized,
                scale_in_cooldown=self._scaling.scale_in_cooldown_seconds,
                scale_out_cooldown=self._scaling.scale_out_cooldown_seconds,
            ),
        )


def _query(query_id: str, metric: Metric) -> _Query:
    return _Query(
        id=query_id,
        return_data=False,
        metric_stat=_Policy.TargetTrackingMetricStatProperty(
            stat=metric.statistic,
            metric=_Policy.TargetTrackingMetricProperty(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=[
                    _Policy.TargetTrackingMetricDimensionProperty(name=key, value=value)
                    for key, value in metric.dimensions.items()
                ],
            ),
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
