"""CloudFront: distributions, the policies, functions and key-value stores they use, VPC origins."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type


def _methods(behaviour: str) -> str:
    """Return a behaviour's methods: CloudFormation writes the cached ones beside the allowed, the API inside."""
    allowed = f"length({behaviour}.AllowedMethods), Items: {behaviour}.AllowedMethods"
    cached = f"length({behaviour}.CachedMethods), Items: {behaviour}.CachedMethods"
    inside = f"CachedMethods: {behaviour}.CachedMethods && {{Quantity: {cached}}} || null"
    return f"{{AllowedMethods: {behaviour}.AllowedMethods && {{Quantity: {allowed}, {inside}}} || null}}"


BEHAVIOUR = "merge(without({0}, ['AllowedMethods', 'CachedMethods']), " + "present({1}))"
DEFAULT = BEHAVIOUR.format(
    "p.DistributionConfig.DefaultCacheBehavior", _methods("p.DistributionConfig.DefaultCacheBehavior")
)
OTHERS = f"(p.DistributionConfig.CacheBehaviors || `[]`)[].{BEHAVIOUR.format('@', _methods('@'))}"
DISTRIBUTION = f"""merge(without(p.DistributionConfig, ['IPV6Enabled']), {{
  CallerReference: made.Distribution.DistributionConfig.CallerReference || token, Comment: p.DistributionConfig.Comment || '',
  IsIPV6Enabled: p.DistributionConfig.IPV6Enabled || `false`,
  DefaultCacheBehavior: {DEFAULT}, CacheBehaviors: {OTHERS}}})"""
GET_DISTRIBUTION = Call("get_distribution", {"Id": "id"})


# Without a count, unlike CloudFront's other lists.
TAGS = {"Tags": "p.Tags && {Items: p.Tags} || null"}
# What CloudFormation fills in and the API insists on.
VPC_ORIGIN = (
    "merge({HTTPPort: `80`, HTTPSPort: `443`, OriginProtocolPolicy: 'match-viewer'}, p.VpcOriginEndpointConfig)"
)


def _of_config(noun: str, type_name: str, config: str, value: str = "") -> Recipe:
    """Return the recipe of a thing that is one structure, changed and removed under its ETag."""
    operation = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in noun)
    inside = {config: value or f"p.{config}"}
    read = Call(f"get{operation}", {"Id": "id"})
    return Recipe(
        type=type_name,
        service="cloudfront",
        create_calls=(Call(f"create{operation}", inside),),
        id=f"made.{noun}.Id",
        update_calls=(Call(f"update{operation}", {"Id": "id", "IfMatch": "seen.ETag", **inside}, reads=read),),
        delete_calls=(Call(f"delete{operation}", {"Id": "id", "IfMatch": "seen.ETag"}, reads=read),),
        read=read,
        attributes={"Id": "id"},
    )


KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::CloudFront::Distribution",
            service="cloudfront",
            create_calls=(
                Call(
                    "create_distribution_with_tags",
                    {
                        "DistributionConfigWithTags": (
                            f"{{DistributionConfig: {DISTRIBUTION}, Tags: {{Items: p.Tags || `[]`}}}}"
                        )
                    },
                ),
            ),
            id="made.Distribution.Id",
            update_calls=(
                Call(
                    "update_distribution",
                    {"Id": "id", "IfMatch": "seen.ETag", "DistributionConfig": DISTRIBUTION},
                    reads=GET_DISTRIBUTION,
                ),
            ),
            delete_calls=(Call("delete_distribution", {"Id": "id", "IfMatch": "seen.ETag"}, reads=GET_DISTRIBUTION),),
            attributes={"Id": "id", "DomainName": "made.Distribution.DomainName"},
        ),
        _of_config("OriginAccessControl", "AWS::CloudFront::OriginAccessControl", "OriginAccessControlConfig"),
        _of_config("CachePolicy", "AWS::CloudFront::CachePolicy", "CachePolicyConfig"),
        _of_config("OriginRequestPolicy", "AWS::CloudFront::OriginRequestPolicy", "OriginRequestPolicyConfig"),
        _of_config("ResponseHeadersPolicy", "AWS::CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
        _of_config("VpcOrigin", "AWS::CloudFront::VpcOrigin", "VpcOriginEndpointConfig", VPC_ORIGIN),
        Recipe(
            type="AWS::CloudFront::KeyValueStore",
            service="cloudfront",
            create_calls=(Call("create_key_value_store", TAGS, fitted=True, without=("Tags",)),),
            id="p.Name",
            update_calls=(
                Call(
                    "update_key_value_store",
                    {"Name": "id", "Comment": "p.Comment || ''", "IfMatch": "seen.ETag"},
                    reads=Call("describe_key_value_store", {"Name": "id"}),
                ),
            ),
            create_only=("Name",),
            delete_calls=(
                Call(
                    "delete_key_value_store",
                    {"Name": "id", "IfMatch": "seen.ETag"},
                    reads=Call("describe_key_value_store", {"Name": "id"}),
                ),
            ),
            attributes={
                "Arn": "made.KeyValueStore.ARN",
                "Id": "made.KeyValueStore.Id",
                "Status": "made.KeyValueStore.Status",
            },
        ),
        Recipe(
            type="AWS::CloudFront::Function",
            service="cloudfront",
            create_calls=(Call("create_function", TAGS, fitted=True, without=("Tags",)),),
            id="made.FunctionSummary.FunctionMetadata.FunctionARN",
            create_only=("Name",),
            update_calls=(
                Call(
                    "update_function",
                    {
                        "Name": "p.Name",
                        "IfMatch": "seen.ETag",
                        "FunctionConfig": "p.FunctionConfig",
                        "FunctionCode": "p.FunctionCode",
                    },
                    reads=Call("describe_function", {"Name": "p.Name"}),
                ),
            ),
            parts=(
                # Published anew whenever what would run is another.
                Part(
                    "p.AutoPublish && {Code: p.FunctionCode, Config: p.FunctionConfig}",
                    do=Call(
                        "publish_function",
                        {"Name": "p.Name", "IfMatch": "seen.ETag"},
                        reads=Call("describe_function", {"Name": "p.Name"}),
                    ),
                ),
            ),
            delete_calls=(
                Call(
                    "delete_function",
                    {"Name": "p.Name", "IfMatch": "seen.ETag"},
                    reads=Call("describe_function", {"Name": "p.Name"}),
                ),
            ),
            attributes={
                "FunctionARN": "id",
                "FunctionMetadata.FunctionARN": "id",
                "Stage": "made.FunctionSummary.FunctionMetadata.Stage",
            },
        ),
    )
}
