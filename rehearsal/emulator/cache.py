"""ElastiCache: replication groups, users and their groups, subnet and parameter groups."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::ElastiCache::SubnetGroup",
            service="elasticache",
            create_calls=(
                Call(
                    "create_cache_subnet_group",
                    {"CacheSubnetGroupDescription": "p.Description"},
                    fitted=True,
                    without=("Description",),
                ),
            ),
            id="made.CacheSubnetGroup.CacheSubnetGroupName",
            name_property="CacheSubnetGroupName",
            lower_case=True,
            update_calls=(
                Call(
                    "modify_cache_subnet_group",
                    {"CacheSubnetGroupName": "id", "CacheSubnetGroupDescription": "p.Description"},
                    fitted=True,
                    without=("Description",),
                ),
            ),
            delete_calls=(Call("delete_cache_subnet_group", {"CacheSubnetGroupName": "id"}),),
        ),
        Recipe(
            type="AWS::ElastiCache::ParameterGroup",
            service="elasticache",
            create_calls=(Call("create_cache_parameter_group", {"CacheParameterGroupName": "name"}, fitted=True),),
            id="made.CacheParameterGroup.CacheParameterGroupName",
            parts=(
                Part(
                    "items(p.Properties || `{}`)",
                    do=Call(
                        "modify_cache_parameter_group",
                        {
                            "CacheParameterGroupName": "id",
                            "ParameterNameValues": ("[{ParameterName: item[0], ParameterValue: to_string(item[1])}]"),
                        },
                    ),
                    each=True,
                ),
            ),
            delete_calls=(Call("delete_cache_parameter_group", {"CacheParameterGroupName": "id"}),),
            attributes={"CacheParameterGroupName": "id"},
        ),
        Recipe(
            type="AWS::ElastiCache::User",
            service="elasticache",
            create_calls=(Call("create_user", fitted=True),),
            id="made.UserId",
            create_only=("UserId", "UserName", "Engine"),
            update_calls=(Call("modify_user", {"UserId": "id"}, fitted=True),),
            delete_calls=(Call("delete_user", {"UserId": "id"}),),
            attributes={"Arn": "made.ARN", "Status": "made.Status"},
        ),
        Recipe(
            type="AWS::ElastiCache::UserGroup",
            service="elasticache",
            create_calls=(Call("create_user_group", fitted=True),),
            id="made.UserGroupId",
            create_only=("UserGroupId",),
            parts=(
                Part(
                    "p.UserIds",
                    do=Call("modify_user_group", {"UserGroupId": "id", "UserIdsToAdd": "[item]"}),
                    undo=Call("modify_user_group", {"UserGroupId": "id", "UserIdsToRemove": "[item]"}),
                    each=True,
                ),
            ),
            delete_calls=(Call("delete_user_group", {"UserGroupId": "id"}),),
            attributes={"Arn": "made.ARN", "Status": "made.Status"},
        ),
        Recipe(
            type="AWS::ElastiCache::ReplicationGroup",
            service="elasticache",
            create_calls=(
                Call(
                    "create_replication_group",
                    # More than one shard is what makes it a cluster; moto wants it said.
                    {"ClusterMode": "p.ClusterMode || (p.NumNodeGroups > `1` && 'enabled') || null"},
                    fitted=True,
                ),
            ),
            id="made.ReplicationGroup.ReplicationGroupId",
            name_property="ReplicationGroupId",
            name_length=40,
            lower_case=True,
            create_only=("ReplicationGroupId", "CacheSubnetGroupName", "AtRestEncryptionEnabled", "KmsKeyId"),
            update_calls=(
                Call(
                    "modify_replication_group",
                    {
                        "ReplicationGroupId": "id",
                        "ApplyImmediately": "`true`",
                        "CacheNodeType": "p.CacheNodeType",
                    },
                    fitted=True,
                    without=("Tags", "NodeGroupId"),
                ),
            ),
            delete_calls=(Call("delete_replication_group", {"ReplicationGroupId": "id"}),),
            read=Call("describe_replication_groups", {"ReplicationGroupId": "id"}),
            attributes={
                "ConfigurationEndPoint.Address": "seen.ReplicationGroups[0].ConfigurationEndpoint.Address",
                "ConfigurationEndPoint.Port": ("to_string(seen.ReplicationGroups[0].ConfigurationEndpoint.Port)"),
                "PrimaryEndPoint.Address": ("seen.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Address"),
                "PrimaryEndPoint.Port": ("to_string(seen.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port)"),
                "ReaderEndPoint.Address": "seen.ReplicationGroups[0].NodeGroups[0].ReaderEndpoint.Address",
                "ReaderEndPoint.Port": ("to_string(seen.ReplicationGroups[0].NodeGroups[0].ReaderEndpoint.Port)"),
            },
        ),
    )
}
