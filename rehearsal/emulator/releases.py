"""What releases are made of: CodeDeploy's applications, configurations and groups, workflows, and the deployments themselves."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

GROUP = {"applicationName": "p.ApplicationName", "deploymentGroupName": "id"}
MACHINE = {
    "definition": "p.DefinitionString || p.Definition",
    "loggingConfiguration": "p.LoggingConfiguration",
    "tracingConfiguration": "p.TracingConfiguration",
    "roleArn": "p.RoleArn",
}

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::CodeDeploy::Application",
            service="codedeploy",
            create_calls=(Call("create_application", fitted=True),),
            id="p.ApplicationName",
            name_property="ApplicationName",
            name_length=100,
            create_only=("ApplicationName", "ComputePlatform"),
            delete_calls=(Call("delete_application", {"applicationName": "id"}),),
        ),
        Recipe(
            type="AWS::CodeDeploy::DeploymentConfig",
            service="codedeploy",
            create_calls=(Call("create_deployment_config", fitted=True),),
            id="p.DeploymentConfigName",
            name_property="DeploymentConfigName",
            name_length=100,
            delete_calls=(Call("delete_deployment_config", {"deploymentConfigName": "id"}),),
        ),
        Recipe(
            type="AWS::CodeDeploy::DeploymentGroup",
            service="codedeploy",
            create_calls=(Call("create_deployment_group", fitted=True),),
            id="p.DeploymentGroupName",
            name_property="DeploymentGroupName",
            name_length=100,
            create_only=("ApplicationName", "DeploymentGroupName"),
            update_calls=(
                Call(
                    "update_deployment_group",
                    {"applicationName": "p.ApplicationName", "currentDeploymentGroupName": "id"},
                    fitted=True,
                    without=("DeploymentGroupName",),
                ),
            ),
            delete_calls=(Call("delete_deployment_group", GROUP),),
        ),
        Recipe(
            type="AWS::StepFunctions::StateMachine",
            service="stepfunctions",
            create_calls=(
                Call(
                    "create_state_machine",
                    {"name": "p.StateMachineName", "type": "p.StateMachineType", **MACHINE},
                    fitted=True,
                ),
            ),
            id="made.stateMachineArn",
            name_property="StateMachineName",
            name_length=80,
            create_only=("StateMachineName", "StateMachineType"),
            update_calls=(Call("update_state_machine", {"stateMachineArn": "id", **MACHINE}),),
            delete_calls=(Call("delete_state_machine", {"stateMachineArn": "id"}),),
            attributes={"Arn": "id", "Name": "p.StateMachineName"},
        ),
        Recipe(
            type="AWS::DynamoDB::Table",
            service="dynamodb",
            create_calls=(
                Call(
                    "create_table",
                    {
                        "SSESpecification": (
                            "p.SSESpecification && {Enabled: p.SSESpecification.SSEEnabled, "
                            "SSEType: p.SSESpecification.SSEType, KMSMasterKeyId: p.SSESpecification.KMSMasterKeyId}"
                        )
                    },
                    fitted=True,
                    without=("SSESpecification",),
                ),
            ),
            id="p.TableName",
            name_property="TableName",
            create_only=("TableName", "KeySchema"),
            update_calls=(
                Call(
                    "update_table",
                    {
                        "TableName": "id",
                        "BillingMode": "p.BillingMode",
                        "DeletionProtectionEnabled": "p.DeletionProtectionEnabled",
                    },
                ),
            ),
            parts=(
                Part(
                    "p.TimeToLiveSpecification",
                    Call("update_time_to_live", {"TableName": "id", "TimeToLiveSpecification": "item"}),
                ),
                Part(
                    "p.PointInTimeRecoverySpecification",
                    Call(
                        "update_continuous_backups",
                        {"TableName": "id", "PointInTimeRecoverySpecification": "item"},
                    ),
                ),
            ),
            delete_calls=(
                # CloudFormation is stopped by deletion protection; leaving an emulator must not be.
                Call("update_table", {"TableName": "id", "DeletionProtectionEnabled": "`false`"}),
                Call("delete_table", {"TableName": "id"}),
            ),
            attributes={"Arn": "made.TableDescription.TableArn"},
        ),
        Recipe(
            type="AWS::SSM::Parameter",
            service="ssm",
            create_calls=(Call("put_parameter", {"Overwrite": "`false`"}, fitted=True),),
            id="p.Name",
            name_property="Name",
            create_only=("Name",),
            update_calls=(Call("put_parameter", {"Overwrite": "`true`"}, fitted=True, without=("Tags",)),),
            delete_calls=(Call("delete_parameter", {"Name": "id"}),),
            attributes={"Value": "p.Value", "Type": "p.Type"},
        ),
        Recipe(
            type="AWS::Lambda::EventInvokeConfig",
            service="lambda",
            create_calls=(Call("put_function_event_invoke_config", fitted=True, without=("Qualifier",)),),
            id="join('|', [p.FunctionName, p.Qualifier])",
            create_only=("FunctionName", "Qualifier"),
            update_calls=(Call("put_function_event_invoke_config", fitted=True, without=("Qualifier",)),),
            delete_calls=(Call("delete_function_event_invoke_config", {"FunctionName": "p.FunctionName"}),),
        ),
    ),
}
