"""EFS: file systems, mount targets, access points."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::EFS::FileSystem",
            service="efs",
            create_calls=(
                Call(
                    "create_file_system",
                    {
                        "CreationToken": "token",
                        "Tags": "p.FileSystemTags",
                        "Backup": "p.BackupPolicy && p.BackupPolicy.Status == 'ENABLED'",
                    },
                    fitted=True,
                    without=(
                        "FileSystemTags",
                        "BackupPolicy",
                        "LifecyclePolicies",
                        "FileSystemPolicy",
                        "FileSystemProtection",
                        "ReplicationConfiguration",
                    ),
                ),
            ),
            id="made.FileSystemId",
            parts=(
                Part(
                    "p.LifecyclePolicies",
                    Call("put_lifecycle_configuration", {"FileSystemId": "id", "LifecyclePolicies": "item"}),
                ),
                Part(
                    "p.FileSystemPolicy",
                    Call("put_file_system_policy", {"FileSystemId": "id", "Policy": "item"}),
                ),
                Part(
                    "p.ReplicationConfiguration",
                    Call(
                        "create_replication_configuration",
                        {"SourceFileSystemId": "id", "Destinations": "item.Destinations"},
                    ),
                    undo=Call("delete_replication_configuration", {"SourceFileSystemId": "id"}),
                    undone_first=True,
                ),
            ),
            delete_calls=(Call("delete_file_system", {"FileSystemId": "id"}),),
            attributes={"Arn": "made.FileSystemArn", "FileSystemId": "id"},
            unchanged_by=("FileSystemTags", "BackupPolicy", "ThroughputMode"),
        ),
        Recipe(
            type="AWS::EFS::MountTarget",
            service="efs",
            create_calls=(Call("create_mount_target", fitted=True),),
            id="made.MountTargetId",
            parts=(
                Part(
                    "p.SecurityGroups",
                    Call(
                        "modify_mount_target_security_groups",
                        {"MountTargetId": "id", "SecurityGroups": "item"},
                    ),
                ),
            ),
            delete_calls=(Call("delete_mount_target", {"MountTargetId": "id"}),),
            attributes={"Id": "id"},
        ),
        Recipe(
            type="AWS::EFS::AccessPoint",
            service="efs",
            create_calls=(
                Call(
                    "create_access_point",
                    {"ClientToken": "token", "Tags": "p.AccessPointTags"},
                    fitted=True,
                    without=("AccessPointTags", "ClientToken"),
                ),
            ),
            id="made.AccessPointId",
            delete_calls=(Call("delete_access_point", {"AccessPointId": "id"}),),
            attributes={"Arn": "made.AccessPointArn", "AccessPointId": "id"},
            unchanged_by=("AccessPointTags", "ClientToken"),
        ),
    )
}
