"""CloudWatch Logs: groups, filters, saved queries, deliveries, policies."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::Logs::LogGroup",
            service="logs",
            create_calls=(Call("create_log_group", fitted=True, without=("RetentionInDays",)),),
            id="p.LogGroupName",
            name_property="LogGroupName",
            create_only=("LogGroupName", "KmsKeyId", "LogGroupClass"),
            parts=(
                Part(
                    "p.RetentionInDays",
                    do=Call("put_retention_policy", {"logGroupName": "id", "retentionInDays": "item"}),
                    undo=Call("delete_retention_policy", {"logGroupName": "id"}),
                ),
            ),
            delete_calls=(Call("delete_log_group", {"logGroupName": "id"}),),
            attributes={
                "Arn": "join(':', ['arn', partition, 'logs', region, account, 'log-group', id, '*'])",
            },
        ),
        Recipe(
            type="AWS::Logs::LogStream",
            service="logs",
            create_calls=(Call("create_log_stream", fitted=True),),
            id="p.LogStreamName",
            name_property="LogStreamName",
            delete_calls=(Call("delete_log_stream", {"logGroupName": "p.LogGroupName", "logStreamName": "id"}),),
        ),
        Recipe(
            type="AWS::Logs::MetricFilter",
            service="logs",
            create_calls=(Call("put_metric_filter", fitted=True),),
            id="p.FilterName",
            name_property="FilterName",
            update_calls=(Call("put_metric_filter", fitted=True),),
            create_only=("FilterName", "LogGroupName"),
            delete_calls=(Call("delete_metric_filter", {"logGroupName": "p.LogGroupName", "filterName": "id"}),),
        ),
        Recipe(
            type="AWS::Logs::SubscriptionFilter",
            service="logs",
            create_calls=(Call("put_subscription_filter", fitted=True),),
            id="p.FilterName",
            name_property="FilterName",
            update_calls=(Call("put_subscription_filter", fitted=True),),
            create_only=("FilterName", "LogGroupName"),
            delete_calls=(Call("delete_subscription_filter", {"logGroupName": "p.LogGroupName", "filterName": "id"}),),
        ),
        Recipe(
            type="AWS::Logs::QueryDefinition",
            service="logs",
            create_calls=(Call("put_query_definition", fitted=True),),
            id="made.queryDefinitionId",
            update_calls=(Call("put_query_definition", {"queryDefinitionId": "id"}, fitted=True),),
            delete_calls=(Call("delete_query_definition", {"queryDefinitionId": "id"}),),
            attributes={"QueryDefinitionId": "id"},
        ),
        Recipe(
            type="AWS::Logs::ResourcePolicy",
            service="logs",
            create_calls=(Call("put_resource_policy", fitted=True),),
            id="p.PolicyName",
            update_calls=(Call("put_resource_policy", fitted=True),),
            create_only=("PolicyName",),
            delete_calls=(Call("delete_resource_policy", {"policyName": "id"}),),
        ),
        Recipe(
            type="AWS::Logs::DeliverySource",
            service="logs",
            create_calls=(Call("put_delivery_source", fitted=True),),
            id="made.deliverySource.name",
            update_calls=(Call("put_delivery_source", fitted=True),),
            create_only=("Name",),
            delete_calls=(Call("delete_delivery_source", {"name": "id"}),),
            attributes={"Arn": "made.deliverySource.arn"},
        ),
        Recipe(
            type="AWS::Logs::DeliveryDestination",
            service="logs",
            create_calls=(
                Call(
                    "put_delivery_destination",
                    {"deliveryDestinationConfiguration": ("{destinationResourceArn: p.DestinationResourceArn}")},
                    fitted=True,
                    without=("DestinationResourceArn",),
                ),
            ),
            id="made.deliveryDestination.name",
            delete_calls=(Call("delete_delivery_destination", {"name": "id"}),),
            attributes={"Arn": "made.deliveryDestination.arn"},
        ),
        Recipe(
            type="AWS::Logs::Delivery",
            service="logs",
            create_calls=(
                Call(
                    "create_delivery",
                    {
                        "s3DeliveryConfiguration": (
                            "(p.S3SuffixPath || p.S3EnableHiveCompatiblePath) && {suffixPath: p.S3SuffixPath,"
                            " enableHiveCompatiblePath: p.S3EnableHiveCompatiblePath} || null"
                        )
                    },
                    fitted=True,
                ),
            ),
            id="made.delivery.id",
            delete_calls=(Call("delete_delivery", {"id": "id"}),),
            attributes={"Arn": "made.delivery.arn", "DeliveryId": "id"},
        ),
    )
}
