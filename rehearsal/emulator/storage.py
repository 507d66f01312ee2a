"""S3 buckets and their policies."""

from rehearsal.emulator.kind import Kind, Place, Resource
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

# A CloudFormation lifecycle rule as S3's: days stand inside objects there, and a rule always has a filter.
LIFECYCLE_RULES = """{Rules: p.LifecycleConfiguration.Rules[].{
  ID: Id, Status: Status,
  Filter: TagFilters && {And: {Prefix: Prefix, Tags: TagFilters}} || {Prefix: Prefix || ''},
  Expiration: (ExpirationInDays && {Days: ExpirationInDays})
    || (ExpiredObjectDeleteMarker && {ExpiredObjectDeleteMarker: ExpiredObjectDeleteMarker}) || null,
  Transitions: Transitions[].{Days: TransitionInDays, StorageClass: StorageClass},
  NoncurrentVersionExpiration: NoncurrentVersionExpiration
    || (NoncurrentVersionExpirationInDays && {NoncurrentDays: NoncurrentVersionExpirationInDays}) || null,
  NoncurrentVersionTransitions: NoncurrentVersionTransitions[].{
    NoncurrentDays: TransitionInDays, StorageClass: StorageClass},
  AbortIncompleteMultipartUpload: AbortIncompleteMultipartUpload
}}"""
ENCRYPTION_RULES = """{Rules: p.BucketEncryption.ServerSideEncryptionConfiguration[].{
  ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault, BucketKeyEnabled: BucketKeyEnabled}}"""
LOGGING = """{LoggingEnabled: {
  TargetBucket: p.LoggingConfiguration.DestinationBucketName || id,
  TargetPrefix: p.LoggingConfiguration.LogFilePrefix || ''}}"""


def _part(items: str, operation: str, parameter: str, value: str, undo: str = "") -> Part:
    return Part(
        items,
        do=Call(operation, {"Bucket": "id", parameter: value}),
        undo=Call(undo, {"Bucket": "id"}) if undo else None,
    )


class BucketRecipe(Recipe):
    """A bucket, which is emptied before it goes: the function that does so in AWS is not run here."""

    def delete(self, resource: Resource, place: Place) -> None:
        """Remove every version of every object, then the bucket."""
        bucket = {"Bucket": resource.physical_id}
        kept = place.apis.call("s3", "list_object_versions", bucket)
        for version in [*kept.get("Versions", []), *kept.get("DeleteMarkers", [])]:
            which = {**bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
            place.apis.call("s3", "delete_object", which)
        super().delete(resource, place)


KINDS: dict[str, Kind] = {
    **by_type(
        BucketRecipe(
            type="AWS::S3::Bucket",
            service="s3",
            create_calls=(
                Call(
                    "create_bucket",
                    {
                        "Bucket": "p.BucketName",
                        # us-east-1 is the one region that S3 does not want to hear named.
                        "CreateBucketConfiguration": "region != 'us-east-1' && {LocationConstraint: region} || null",
                        "ObjectLockEnabledForBucket": "p.ObjectLockEnabled",
                    },
                ),
            ),
            id="p.BucketName",
            name_property="BucketName",
            name_length=63,
            lower_case=True,
            create_only=("BucketName",),
            parts=(
                _part(
                    "p.VersioningConfiguration",
                    "put_bucket_versioning",
                    "VersioningConfiguration",
                    "item",
                ),
                _part(
                    "p.BucketEncryption",
                    "put_bucket_encryption",
                    "ServerSideEncryptionConfiguration",
                    ENCRYPTION_RULES,
                    "delete_bucket_encryption",
                ),
                _part(
                    "p.PublicAccessBlockConfiguration",
                    "put_public_access_block",
                    "PublicAccessBlockConfiguration",
                    "item",
                    "delete_public_access_block",
                ),
                _part(
                    "p.LifecycleConfiguration",
                    "put_bucket_lifecycle_configuration",
                    "LifecycleConfiguration",
                    LIFECYCLE_RULES,
                    "delete_bucket_lifecycle",
                ),
                _part(
                    "p.OwnershipControls",
                    "put_bucket_ownership_controls",
                    "OwnershipControls",
                    "item",
                    "delete_bucket_ownership_controls",
                ),
                _part("p.LoggingConfiguration", "put_bucket_logging", "BucketLoggingStatus", LOGGING),
                _part("p.Tags", "put_bucket_tagging", "Tagging", "{TagSet: item}", "delete_bucket_tagging"),
                _part(
                    "p.CorsConfiguration",
                    "put_bucket_cors",
                    "CORSConfiguration",
                    "{CORSRules: item.CorsRules}",
                    "delete_bucket_cors",
                ),
            ),
            delete_calls=(Call("delete_bucket", {"Bucket": "id"}),),
            attributes={
                "Arn": "join('', ['arn:aws:s3:::', id])",
                "DomainName": "join('', [id, '.s3.amazonaws.com'])",
                "RegionalDomainName": "join('', [id, '.s3.', region, '.amazonaws.com'])",
            },
        ),
        Recipe(
            type="AWS::S3::BucketPolicy",
            service="s3",
            create_calls=(Call("put_bucket_policy", {"Bucket": "p.Bucket", "Policy": "p.PolicyDocument"}),),
            id="p.Bucket",
            update_calls=(Call("put_bucket_policy", {"Bucket": "p.Bucket", "Policy": "p.PolicyDocument"}),),
            create_only=("Bucket",),
            delete_calls=(Call("delete_bucket_policy", {"Bucket": "p.Bucket"}),),
        ),
    )
}
