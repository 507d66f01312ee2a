"""What carries messages: SNS topics, SQS queues, EventBridge rules, and their policies."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type


def _attribute(name: str) -> Part:
    value = {"TopicArn": "id", "AttributeName": f"'{name}'", "AttributeValue": "item"}
    return Part(f"p.{name}", Call("set_topic_attributes", value))


QUEUE_ATTRIBUTES = (
    "DelaySeconds",
    "FifoQueue",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)
# A multi-select with nulls for what the template leaves out; the API must not see those.
QUEUE = "{" + ", ".join(f"{name}: p.{name}" for name in QUEUE_ATTRIBUTES) + "}"

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::SNS::Topic",
            service="sns",
            create_calls=(Call("create_topic", {"Name": "p.TopicName"}, fitted=True, without=("TopicName",)),),
            id="made.TopicArn",
            name_property="TopicName",
            parts=(
                _attribute("DisplayName"),
                _attribute("KmsMasterKeyId"),
                Part(
                    "p.Subscription",
                    Call(
                        "subscribe",
                        {"TopicArn": "id", "Protocol": "item.Protocol", "Endpoint": "item.Endpoint"},
                    ),
                    each=True,
                ),
            ),
            delete_calls=(Call("delete_topic", {"TopicArn": "id"}),),
            attributes={"TopicArn": "id", "TopicName": "p.TopicName"},
        ),
        Recipe(
            type="AWS::SNS::TopicPolicy",
            service="sns",
            create_calls=(Call("get_caller_identity", service="sts"),),
            id="join('-', [stack, logical])",
            parts=(
                Part(
                    "each_with(p.Topics, {Document: p.PolicyDocument})",
                    Call(
                        "set_topic_attributes",
                        {
                            "TopicArn": "item.Item",
                            "AttributeName": "'Policy'",
                            "AttributeValue": "item.Document",
                        },
                    ),
                    each=True,
                ),
            ),
        ),
        Recipe(
            type="AWS::SNS::Subscription",
            service="sns",
            create_calls=(
                Call(
                    "subscribe",
                    {
                        "ReturnSubscriptionArn": "`true`",
                        "Attributes": "p.FilterPolicy && {FilterPolicy: to_string(p.FilterPolicy)}",
                    },
                    fitted=True,
                ),
            ),
            id="made.SubscriptionArn",
            delete_calls=(Call("unsubscribe", {"SubscriptionArn": "id"}),),
        ),
        Recipe(
            type="AWS::SQS::Queue",
            service="sqs",
            create_calls=(Call("create_queue", {"QueueName": "p.QueueName", "tags": "p.Tags"}),),
            id="made.QueueUrl",
            name_property="QueueName",
            name_length=80,
            create_only=("QueueName", "FifoQueue"),
            parts=(Part(f"present({QUEUE})", Call("set_queue_attributes", {"QueueUrl": "id", "Attributes": "item"})),),
            delete_calls=(Call("delete_queue", {"QueueUrl": "id"}),),
            attributes={
                "Arn": "join(':', ['arn', partition, 'sqs', region, account, p.QueueName])",
                "QueueName": "p.QueueName",
                "QueueUrl": "id",
            },
        ),
        Recipe(
            type="AWS::SQS::QueuePolicy",
            service="sqs",
            create_calls=(Call("get_caller_identity", service="sts"),),
            id="join('-', [stack, logical])",
            parts=(
                Part(
                    "each_with(p.Queues, {Document: p.PolicyDocument})",
                    Call(
                        "set_queue_attributes",
                        {"QueueUrl": "item.Item", "Attributes": "{Policy: to_string(item.Document)}"},
                    ),
                    each=True,
                ),
            ),
        ),
        Recipe(
            type="AWS::Events::Rule",
            service="events",
            create_calls=(Call("put_rule", fitted=True, without=("Targets",)),),
            id="p.Name",
            name_property="Name",
            name_length=64,
            update_calls=(Call("put_rule", fitted=True, without=("Targets", "Tags")),),
            create_only=("Name", "EventBusName"),
            parts=(
                Part(
                    "p.Targets",
                    do=Call(
                        "put_targets",
                        {"Rule": "id", "EventBusName": "p.EventBusName", "Targets": "[item]"},
                    ),
                    undo=Call("remove_targets", {"Rule": "id", "EventBusName": "p.EventBusName", "Ids": "[item.Id]"}),
                    each=True,
                    undone_first=True,
                ),
            ),
            delete_calls=(Call("delete_rule", {"Name": "id", "EventBusName": "p.EventBusName"}),),
            attributes={"Arn": "made.RuleArn"},
        ),
    )
}
