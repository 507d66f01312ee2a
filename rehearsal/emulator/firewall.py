"""WAF: IP sets, web ACLs, what they stand before and where they log."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Recipe, by_type


def _locked(noun: str, operation: str, type_name: str) -> Recipe:
    """Return the recipe of a thing that is named, scoped and changed under a lock."""
    named = {"Name": "p.Name", "Scope": "p.Scope", "Id": "made.Summary.Id"}
    read = Call(f"get_{operation}", named)
    return Recipe(
        type=type_name,
        service="wafv2",
        create_calls=(Call(f"create_{operation}", fitted=True),),
        id="join('|', [p.Name, made.Summary.Id, p.Scope])",
        name_property="Name",
        create_only=("Name", "Scope"),
        update_calls=(Call(f"update_{operation}", {**named, "LockToken": "seen.LockToken"}, fitted=True, reads=read),),
        delete_calls=(Call(f"delete_{operation}", {**named, "LockToken": "seen.LockToken"}, reads=read),),
        read=read,
        attributes={
            "Arn": "made.Summary.ARN",
            "Id": "made.Summary.Id",
            "Capacity": f"seen.{noun}.Capacity",
            "LabelNamespace": f"seen.{noun}.LabelNamespace",
        },
    )


KINDS: dict[str, Kind] = {
    **by_type(
        _locked("WebACL", "web_acl", "AWS::WAFv2::WebACL"),
        _locked("IPSet", "ip_set", "AWS::WAFv2::IPSet"),
        _locked("RegexPatternSet", "regex_pattern_set", "AWS::WAFv2::RegexPatternSet"),
        Recipe(
            type="AWS::WAFv2::WebACLAssociation",
            service="wafv2",
            create_calls=(Call("associate_web_acl", fitted=True),),
            id="join('|', [p.WebACLArn, p.ResourceArn])",
            delete_calls=(Call("disassociate_web_acl", {"ResourceArn": "p.ResourceArn"}),),
        ),
        Recipe(
            type="AWS::WAFv2::LoggingConfiguration",
            service="wafv2",
            create_calls=(Call("put_logging_configuration", {"LoggingConfiguration": "p"}),),
            id="p.ResourceArn",
            update_calls=(
                Call(
                    "put_logging_configuration",
                    {
                        "LoggingConfiguration": (
                            "present({ResourceArn: p.ResourceArn, LogDestinationConfigs: p.LogDestinationConfigs,"
                            " RedactedFields: p.RedactedFields, LoggingFilter: p.LoggingFilter})"
                        )
                    },
                ),
            ),
            create_only=("ResourceArn",),
            delete_calls=(Call("delete_logging_configuration", {"ResourceArn": "p.ResourceArn"}),),
        ),
    )
}
