"""Amazon MQ: brokers and their configurations."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

# CloudFormation takes the configuration's text when it makes one; the API only when it changes one.
CONFIGURATION_TEXT = Part(
    "p.Data",
    Call("update_configuration", {"ConfigurationId": "id", "Data": "item", "Description": "p.Description"}),
)

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::AmazonMQ::Broker",
            service="mq",
            create_calls=(Call("create_broker", {"CreatorRequestId": "token"}, fitted=True),),
            id="made.BrokerId",
            create_only=("BrokerName", "DeploymentMode", "EncryptionOptions", "PubliclyAccessible", "SubnetIds"),
            update_calls=(Call("update_broker", {"BrokerId": "id"}, fitted=True, without=("BrokerName", "Users")),),
            delete_calls=(Call("delete_broker", {"BrokerId": "id"}),),
            read=Call("describe_broker", {"BrokerId": "id"}),
            attributes={
                "Arn": "made.BrokerArn",
                "AmqpEndpoints": "seen.BrokerInstances[].Endpoints[]",
                "ConsoleURLs": "seen.BrokerInstances[].ConsoleURL",
                "IpAddresses": "seen.BrokerInstances[].IpAddress",
                "ConfigurationId": "seen.Configurations.Current.Id",
                "ConfigurationRevision": "seen.Configurations.Current.Revision",
            },
        ),
        Recipe(
            type="AWS::AmazonMQ::Configuration",
            service="mq",
            create_calls=(Call("create_configuration", fitted=True, without=("Data", "Description")),),
            id="made.Id",
            create_only=("Name", "EngineType"),
            parts=(CONFIGURATION_TEXT,),
            delete_calls=(Call("delete_configuration", {"ConfigurationId": "id"}),),
            read=Call("describe_configuration", {"ConfigurationId": "id"}),
            attributes={
                "Id": "id",
                "Arn": "made.Arn",
                "Revision": "to_string(seen.LatestRevision.Revision)",
            },
        ),
    )
}
