"""Application load balancers, target groups, listeners and their rules."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

ATTRIBUTES = "[].{Key: Key, Value: to_string(Value)}"

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::ElasticLoadBalancingV2::LoadBalancer",
            service="elbv2",
            create_calls=(Call("create_load_balancer", fitted=True),),
            id="made.LoadBalancers[0].LoadBalancerArn",
            name_property="Name",
            name_length=32,
            create_only=("Name", "Scheme", "Type"),
            update_calls=(
                Call("set_security_groups", {"LoadBalancerArn": "id", "SecurityGroups": "p.SecurityGroups"}),
                Call("set_subnets", {"LoadBalancerArn": "id", "Subnets": "p.Subnets"}),
            ),
            parts=(
                Part(
                    "p.LoadBalancerAttributes",
                    Call(
                        "modify_load_balancer_attributes",
                        {"LoadBalancerArn": "id", "Attributes": f"item{ATTRIBUTES}"},
                    ),
                ),
            ),
            delete_calls=(
                # CloudFormation is stopped by deletion protection; leaving an emulator must not be.
                Call(
                    "modify_load_balancer_attributes",
                    {
                        "LoadBalancerArn": "id",
                        "Attributes": "[{Key: 'deletion_protection.enabled', Value: 'false'}]",
                    },
                ),
                Call("delete_load_balancer", {"LoadBalancerArn": "id"}),
            ),
            attributes={
                "LoadBalancerArn": "id",
                "LoadBalancerFullName": "after(id, 'loadbalancer/')",
                "CanonicalHostedZoneID": "made.LoadBalancers[0].CanonicalHostedZoneId",
                "SecurityGroups": "p.SecurityGroups",
            },
        ),
        Recipe(
            type="AWS::ElasticLoadBalancingV2::TargetGroup",
            service="elbv2",
            create_calls=(Call("create_target_group", fitted=True),),
            id="made.TargetGroups[0].TargetGroupArn",
            name_property="Name",
            name_length=32,
            create_only=("Name", "Port", "Protocol", "TargetType", "VpcId"),
            update_calls=(Call("modify_target_group", {"TargetGroupArn": "id"}, fitted=True),),
            parts=(
                Part(
                    "p.TargetGroupAttributes",
                    Call(
                        "modify_target_group_attributes",
                        {"TargetGroupArn": "id", "Attributes": f"item{ATTRIBUTES}"},
                    ),
                ),
                Part("p.Targets", Call("register_targets", {"TargetGroupArn": "id", "Targets": "item"})),
            ),
            delete_calls=(Call("delete_target_group", {"TargetGroupArn": "id"}),),
            attributes={
                "TargetGroupArn": "id",
                "TargetGroupName": "p.Name",
                "TargetGroupFullName": "join('', ['targetgroup/', after(id, 'targetgroup/')])",
                "LoadBalancerArns": "seen.TargetGroups[0].LoadBalancerArns",
            },
            read=Call("describe_target_groups", {"TargetGroupArns": "[id]"}),
        ),
        Recipe(
            type="AWS::ElasticLoadBalancingV2::Listener",
            service="elbv2",
            create_calls=(Call("create_listener", fitted=True),),
            id="made.Listeners[0].ListenerArn",
            update_calls=(Call("modify_listener", {"ListenerArn": "id"}, fitted=True),),
            parts=(
                Part(
                    "p.ListenerAttributes",
                    Call(
                        "modify_listener_attributes",
                        {"ListenerArn": "id", "Attributes": f"item{ATTRIBUTES}"},
                    ),
                ),
            ),
            delete_calls=(Call("delete_listener", {"ListenerArn": "id"}),),
            attributes={"ListenerArn": "id"},
        ),
        Recipe(
            type="AWS::ElasticLoadBalancingV2::ListenerCertificate",
            service="elbv2",
            create_calls=(Call("add_listener_certificates", fitted=True),),
            id="join('|', [p.ListenerArn, logical])",
            delete_calls=(
                Call(
                    "remove_listener_certificates",
                    {"ListenerArn": "p.ListenerArn", "Certificates": "p.Certificates"},
                ),
            ),
        ),
        Recipe(
            type="AWS::ElasticLoadBalancingV2::ListenerRule",
            service="elbv2",
            create_calls=(Call("create_rule", fitted=True),),
            id="made.Rules[0].RuleArn",
            create_only=("ListenerArn",),
            update_calls=(
                Call("modify_rule", {"RuleArn": "id"}, fitted=True),
                Call("set_rule_priorities", {"RulePriorities": "[{RuleArn: id, Priority: p.Priority}]"}),
            ),
            delete_calls=(Call("delete_rule", {"RuleArn": "id"}),),
            attributes={"RuleArn": "id"},
        ),
    )
}
