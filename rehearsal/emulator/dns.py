"""Route 53: hosted zones, records, health checks."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

# ResourceRecords are strings in CloudFormation, objects in the API.
RECORD = """{
  Name: p.Name, Type: p.Type, TTL: p.TTL, AliasTarget: p.AliasTarget && {
    HostedZoneId: p.AliasTarget.HostedZoneId, DNSName: p.AliasTarget.DNSName,
    EvaluateTargetHealth: p.AliasTarget.EvaluateTargetHealth || `false`},
  ResourceRecords: p.ResourceRecords[].{Value: @}, SetIdentifier: p.SetIdentifier, Weight: p.Weight,
  Region: p.Region, Failover: p.Failover, GeoLocation: p.GeoLocation, HealthCheckId: p.HealthCheckId,
  MultiValueAnswer: p.MultiValueAnswer}"""


def _change(action: str) -> Call:
    return Call(
        "change_resource_record_sets",
        {
            "HostedZoneId": "p.HostedZoneId",
            "ChangeBatch": f"{{Changes: [{{Action: '{action}', ResourceRecordSet: {RECORD}}}]}}",
        },
    )


KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::Route53::HostedZone",
            service="route53",
            create_calls=(
                Call(
                    "create_hosted_zone",
                    {"CallerReference": "token", "VPC": "p.VPCs[0]"},
                    fitted=True,
                    without=("VPCs", "HostedZoneTags", "QueryLoggingConfig"),
                ),
            ),
            id="after(made.HostedZone.Id, '/hostedzone/')",
            parts=(
                Part(
                    "p.HostedZoneTags",
                    Call(
                        "change_tags_for_resource",
                        {"ResourceType": "'hostedzone'", "ResourceId": "id", "AddTags": "item"},
                    ),
                ),
                Part(
                    "p.QueryLoggingConfig.CloudWatchLogsLogGroupArn",
                    Call(
                        "create_query_logging_config",
                        {"HostedZoneId": "id", "CloudWatchLogsLogGroupArn": "item"},
                    ),
                ),
            ),
            delete_calls=(Call("delete_hosted_zone", {"Id": "id"}),),
            attributes={"Id": "id", "NameServers": "made.DelegationSet.NameServers"},
        ),
        Recipe(
            type="AWS::Route53::RecordSet",
            service="route53",
            create_calls=(_change("UPSERT"),),
            id="p.Name",
            update_calls=(_change("UPSERT"),),
            create_only=("Name", "Type", "HostedZoneId", "SetIdentifier"),
            delete_calls=(_change("DELETE"),),
        ),
        Recipe(
            type="AWS::Route53::HealthCheck",
            service="route53",
            create_calls=(
                Call("create_health_check", {"CallerReference": "token"}, fitted=True, without=("HealthCheckTags",)),
            ),
            id="made.HealthCheck.Id",
            parts=(
                Part(
                    "p.HealthCheckTags",
                    Call(
                        "change_tags_for_resource",
                        {"ResourceType": "'healthcheck'", "ResourceId": "id", "AddTags": "item"},
                    ),
                ),
            ),
            delete_calls=(Call("delete_health_check", {"HealthCheckId": "id"}),),
            attributes={"HealthCheckId": "id"},
        ),
    )
}
