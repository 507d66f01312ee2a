"""Application Auto Scaling: targets, their scheduled actions and policies."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

TARGET = {
    "ServiceNamespace": "p.ServiceNamespace",
    "ResourceId": "p.ResourceId",
    "ScalableDimension": "p.ScalableDimension",
}
# A policy names its target by the target's Ref, which is these three in a row.
OF_POLICY = {
    "ServiceNamespace": "p.ServiceNamespace || split(p.ScalingTargetId, '|')[2]",
    "ResourceId": "p.ResourceId || split(p.ScalingTargetId, '|')[0]",
    "ScalableDimension": "p.ScalableDimension || split(p.ScalingTargetId, '|')[1]",
}
PUT_POLICY = Call(
    "put_scaling_policy",
    {
        **OF_POLICY,
        "StepScalingPolicyConfiguration": "p.StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration": "p.TargetTrackingScalingPolicyConfiguration",
    },
    fitted=True,
)

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::ApplicationAutoScaling::ScalableTarget",
            service="application-autoscaling",
            create_calls=(Call("register_scalable_target", fitted=True),),
            id="join('|', [p.ResourceId, p.ScalableDimension, p.ServiceNamespace])",
            update_calls=(Call("register_scalable_target", fitted=True),),
            create_only=tuple(TARGET),
            parts=(
                Part(
                    "p.ScheduledActions",
                    do=Call(
                        "put_scheduled_action",
                        {
                            **TARGET,
                            "ScheduledActionName": "item.ScheduledActionName",
                            "Schedule": "item.Schedule",
                            "Timezone": "item.Timezone",
                            "ScalableTargetAction": "item.ScalableTargetAction",
                        },
                    ),
                    undo=Call(
                        "delete_scheduled_action",
                        {**TARGET, "ScheduledActionName": "item.ScheduledActionName"},
                    ),
                    each=True,
                ),
            ),
            delete_calls=(Call("deregister_scalable_target", TARGET),),
            attributes={"Id": "id"},
        ),
        Recipe(
            type="AWS::ApplicationAutoScaling::ScalingPolicy",
            service="application-autoscaling",
            create_calls=(PUT_POLICY,),
            id="made.PolicyARN",
            update_calls=(PUT_POLICY,),
            create_only=("PolicyName", "ScalingTargetId", *TARGET),
            delete_calls=(Call("delete_scaling_policy", {**OF_POLICY, "PolicyName": "p.PolicyName"}),),
            attributes={"Arn": "id"},
        ),
    )
}
