"""KMS keys and their aliases."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::KMS::Key",
            service="kms",
            create_calls=(
                Call(
                    "create_key",
                    {"Policy": "p.KeyPolicy", "Tags": "p.Tags[].{TagKey: Key, TagValue: Value}"},
                    fitted=True,
                    without=("KeyPolicy", "Tags"),
                ),
            ),
            id="made.KeyMetadata.KeyId",
            create_only=("KeySpec", "KeyUsage", "MultiRegion", "Origin"),
            update_calls=(
                Call("update_key_description", {"KeyId": "id", "Description": "p.Description || ''"}),
                Call("put_key_policy", {"KeyId": "id", "PolicyName": "'default'", "Policy": "p.KeyPolicy"}),
            ),
            parts=(
                Part(
                    "p.EnableKeyRotation && {Days: p.RotationPeriodInDays} || null",
                    do=Call("enable_key_rotation", {"KeyId": "id", "RotationPeriodInDays": "item.Days"}),
                    undo=Call("disable_key_rotation", {"KeyId": "id"}),
                ),
            ),
            delete_calls=(
                Call(
                    "schedule_key_deletion",
                    {"KeyId": "id", "PendingWindowInDays": "p.PendingWindowInDays || `30`"},
                ),
            ),
            attributes={"Arn": "made.KeyMetadata.Arn", "KeyId": "id"},
            # Matters when the key goes, or to what created it.
            unchanged_by=("Tags", "PendingWindowInDays", "BypassPolicyLockoutSafetyCheck"),
        ),
        Recipe(
            type="AWS::KMS::ReplicaKey",
            service="kms",
            create_calls=(
                Call(
                    "replicate_key",
                    {
                        "KeyId": "p.PrimaryKeyArn",
                        "ReplicaRegion": "region",
                        "Policy": "p.KeyPolicy",
                        "Description": "p.Description",
                    },
                ),
            ),
            id="made.ReplicaKeyMetadata.KeyId",
            update_calls=(Call("put_key_policy", {"KeyId": "id", "PolicyName": "'default'", "Policy": "p.KeyPolicy"}),),
            attributes={"Arn": "made.ReplicaKeyMetadata.Arn", "KeyId": "id"},
            unchanged_by=("Tags", "PendingWindowInDays", "Description"),
        ),
        Recipe(
            type="AWS::KMS::Alias",
            service="kms",
            create_calls=(Call("create_alias", fitted=True),),
            id="p.AliasName",
            update_calls=(Call("update_alias", fitted=True),),
            create_only=("AliasName",),
            delete_calls=(Call("delete_alias", {"AliasName": "id"}),),
        ),
    )
}
