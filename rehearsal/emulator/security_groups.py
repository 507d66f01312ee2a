"""Security groups and their rules, inline or standing alone."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

# A CloudFormation rule as EC2's IpPermission; what the rule lacks comes out as null and is left away.
PERMISSION = """[{
  IpProtocol: to_string(%(rule)s.IpProtocol), FromPort: %(rule)s.FromPort, ToPort: %(rule)s.ToPort,
  IpRanges: %(rule)s.CidrIp && [{CidrIp: %(rule)s.CidrIp, Description: %(rule)s.Description}],
  Ipv6Ranges: %(rule)s.CidrIpv6 && [{CidrIpv6: %(rule)s.CidrIpv6, Description: %(rule)s.Description}],
  PrefixListIds: %(rule)s.%(prefix)s
    && [{PrefixListId: %(rule)s.%(prefix)s, Description: %(rule)s.Description}],
  UserIdGroupPairs: %(rule)s.%(group)s && [{GroupId: %(rule)s.%(group)s, Description: %(rule)s.Description}]
}]"""


def _permission(rule: str, direction: str) -> str:
    side = "Source" if direction == "ingress" else "Destination"
    return PERMISSION % {"rule": rule, "prefix": f"{side}PrefixListId", "group": f"{side}SecurityGroupId"}


def _inline(direction: str) -> Part:
    # CDK gives a group that may send nothing a rule that nothing matches, to push out EC2's own default.
    permissions = {"GroupId": "id", "IpPermissions": _permission("item", direction)}
    return Part(
        f"p.SecurityGroup{direction.capitalize()}",
        do=Call(f"authorize_security_group_{direction}", permissions),
        undo=Call(f"revoke_security_group_{direction}", permissions),
        each=True,
    )


def _standalone(direction: str) -> Recipe:
    permissions = {"GroupId": "p.GroupId", "IpPermissions": _permission("p", direction)}
    return Recipe(
        type=f"AWS::EC2::SecurityGroup{direction.capitalize()}",
        service="ec2",
        create_calls=(Call(f"authorize_security_group_{direction}", permissions),),
        id="made.SecurityGroupRules[0].SecurityGroupRuleId || join('-', [p.GroupId, logical])",
        delete_calls=(Call(f"revoke_security_group_{direction}", permissions),),
        attributes={"Id": "id"},
    )


ALL_OUTBOUND = "[{IpProtocol: '-1', IpRanges: [{CidrIp: '0.0.0.0/0'}]}]"

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::EC2::SecurityGroup",
            service="ec2",
            create_calls=(
                Call(
                    "create_security_group",
                    {
                        "Description": "p.GroupDescription",
                        "TagSpecifications": "p.Tags && [{ResourceType: 'security-group', Tags: p.Tags}]",
                    },
                    fitted=True,
                    without=("Tags", "GroupDescription", "SecurityGroupIngress", "SecurityGroupEgress"),
                ),
            ),
            id="made.GroupId",
            name_property="GroupName",
            parts=(
                # As CloudFormation does: rules of one's own take the place of "everything may go out".
                Part(
                    "p.SecurityGroupEgress && `true`",
                    do=Call("revoke_security_group_egress", {"GroupId": "id", "IpPermissions": ALL_OUTBOUND}),
                ),
                _inline("ingress"),
                _inline("egress"),
                Part("p.Tags", Call("create_tags", {"Resources": "[id]", "Tags": "item"})),
            ),
            delete_calls=(Call("delete_security_group", {"GroupId": "id"}),),
            attributes={"GroupId": "id", "Id": "id", "VpcId": "p.VpcId"},
        ),
        _standalone("ingress"),
        _standalone("egress"),
    )
}
