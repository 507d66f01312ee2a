"""RDS: instances, replicas, subnet and parameter groups."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

# CloudFormation's names where they are not the API's.
RENAMED = {"VpcSecurityGroupIds": "p.VPCSecurityGroups"}
READ_INSTANCE = Call("describe_db_instances", {"DBInstanceIdentifier": "id"})

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::RDS::DBInstance",
            service="rds",
            create_calls=(
                Call(
                    "create_db_instance_read_replica",
                    {
                        **RENAMED,
                        # The real API is told the source's region by a signed URL; the ARN holds it too.
                        "SourceRegion": "null",
                        "EnableCloudwatchLogsExports": "p.EnableCloudwatchLogsExports",
                    },
                    fitted=True,
                    when="p.SourceDBInstanceIdentifier",
                    without=("SourceRegion",),
                ),
                Call(
                    "create_db_instance",
                    {**RENAMED, "DBName": "p.DBName"},
                    fitted=True,
                ),
            ),
            id="made.DBInstance.DBInstanceIdentifier",
            name_property="DBInstanceIdentifier",
            name_length=63,
            lower_case=True,
            create_only=("DBInstanceIdentifier", "Engine", "DBSubnetGroupName", "StorageEncrypted", "KmsKeyId"),
            update_calls=(
                Call(
                    "modify_db_instance",
                    {
                        **RENAMED,
                        "DBInstanceIdentifier": "id",
                        "ApplyImmediately": "`true`",
                        "CloudwatchLogsExportConfiguration": (
                            "p.EnableCloudwatchLogsExports && {EnableLogTypes: p.EnableCloudwatchLogsExports}"
                        ),
                    },
                    fitted=True,
                    # As CloudFormation: what only the creation takes is not repeated.
                    without=("DBSubnetGroupName", "Engine", "SourceDBInstanceIdentifier", "Tags"),
                ),
            ),
            parts=(
                # What CloudFormation sets on a replica after making it, since the call that makes one does not take it.
                Part(
                    "p.SourceDBInstanceIdentifier && present({"
                    "PreferredMaintenanceWindow: p.PreferredMaintenanceWindow,"
                    " BackupRetentionPeriod: p.BackupRetentionPeriod})",
                    Call(
                        "modify_db_instance",
                        {
                            "DBInstanceIdentifier": "id",
                            "PreferredMaintenanceWindow": "item.PreferredMaintenanceWindow",
                            "BackupRetentionPeriod": "item.BackupRetentionPeriod",
                        },
                    ),
                ),
            ),
            delete_calls=(
                # As with load balancers; and a replica has its source's protection here.
                Call("modify_db_instance", {"DBInstanceIdentifier": "id", "DeletionProtection": "`false`"}),
                Call(
                    "delete_db_instance",
                    {
                        "DBInstanceIdentifier": "id",
                        "SkipFinalSnapshot": "`true`",
                        "DeleteAutomatedBackups": "p.DeleteAutomatedBackups",
                    },
                ),
            ),
            read=READ_INSTANCE,
            attributes={
                "DBInstanceArn": "seen.DBInstances[0].DBInstanceArn",
                "DbiResourceId": "seen.DBInstances[0].DbiResourceId",
                "Endpoint.Address": "seen.DBInstances[0].Endpoint.Address",
                "Endpoint.Port": "to_string(seen.DBInstances[0].Endpoint.Port)",
                "Endpoint.HostedZoneId": "seen.DBInstances[0].Endpoint.HostedZoneId",
                "MasterUserSecret.SecretArn": "seen.DBInstances[0].MasterUserSecret.SecretArn",
            },
        ),
        Recipe(
            type="AWS::RDS::DBSubnetGroup",
            service="rds",
            create_calls=(Call("create_db_subnet_group", fitted=True),),
            id="made.DBSubnetGroup.DBSubnetGroupName",
            name_property="DBSubnetGroupName",
            lower_case=True,
            update_calls=(Call("modify_db_subnet_group", {"DBSubnetGroupName": "id"}, fitted=True),),
            delete_calls=(Call("delete_db_subnet_group", {"DBSubnetGroupName": "id"}),),
        ),
        Recipe(
            type="AWS::RDS::DBParameterGroup",
            service="rds",
            create_calls=(
                Call(
                    "create_db_parameter_group",
                    {"DBParameterGroupFamily": "p.Family"},
                    fitted=True,
                    without=("Family", "Parameters"),
                ),
            ),
            id="made.DBParameterGroup.DBParameterGroupName",
            name_property="DBParameterGroupName",
            lower_case=True,
            create_only=("Family", "Description"),
            parts=(
                Part(
                    "items(p.Parameters || `{}`)",
                    do=Call(
                        "modify_db_parameter_group",
                        {
                            "DBParameterGroupName": "id",
                            "Parameters": (
                                "[{ParameterName: item[0], ParameterValue: to_string(item[1]),"
                                " ApplyMethod: 'pending-reboot'}]"
                            ),
                        },
                    ),
                    each=True,
                ),
            ),
            delete_calls=(Call("delete_db_parameter_group", {"DBParameterGroupName": "id"}),),
        ),
    )
}
