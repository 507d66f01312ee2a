"""IAM roles and policies."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

INLINE = Part(
    "p.Policies",
    do=Call(
        "put_role_policy",
        {"RoleName": "id", "PolicyName": "item.PolicyName", "PolicyDocument": "item.PolicyDocument"},
    ),
    undo=Call("delete_role_policy", {"RoleName": "id", "PolicyName": "item.PolicyName"}),
    each=True,
    undone_first=True,
)
MANAGED = Part(
    "p.ManagedPolicyArns",
    do=Call("attach_role_policy", {"RoleName": "id", "PolicyArn": "item"}),
    undo=Call("detach_role_policy", {"RoleName": "id", "PolicyArn": "item"}),
    each=True,
    undone_first=True,
)
BOUNDARY = Part(
    "p.PermissionsBoundary",
    do=Call("put_role_permissions_boundary", {"RoleName": "id", "PermissionsBoundary": "item"}),
    undo=Call("delete_role_permissions_boundary", {"RoleName": "id"}),
)
# A policy that stands alone is put into each role that it names.
IN_ROLES = Part(
    "each_with(p.Roles, {Name: p.PolicyName, Document: p.PolicyDocument})",
    do=Call(
        "put_role_policy",
        {"RoleName": "item.Item", "PolicyName": "item.Name", "PolicyDocument": "item.Document"},
    ),
    undo=Call("delete_role_policy", {"RoleName": "item.Item", "PolicyName": "item.Name"}),
    each=True,
    undone_first=True,
)
ON_ROLES = Part(
    "p.Roles",
    do=Call("attach_role_policy", {"RoleName": "item", "PolicyArn": "id"}),
    undo=Call("detach_role_policy", {"RoleName": "item", "PolicyArn": "id"}),
    each=True,
    undone_first=True,
)
# IAM has no object for such a policy; asking who is calling is the call that changes nothing.
NOTHING = Call("get_caller_identity", service="sts")

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::IAM::Role",
            service="iam",
            create_calls=(Call("create_role", fitted=True, without=("ManagedPolicyArns", "Policies")),),
            id="made.Role.RoleName",
            name_property="RoleName",
            name_length=64,
            create_only=("RoleName", "Path"),
            update_calls=(
                Call(
                    "update_assume_role_policy",
                    {"RoleName": "id", "PolicyDocument": "p.AssumeRolePolicyDocument"},
                ),
                Call("update_role", {"RoleName": "id"}, fitted=True),
            ),
            parts=(INLINE, MANAGED, BOUNDARY),
            delete_calls=(Call("delete_role", {"RoleName": "id"}),),
            attributes={"Arn": "made.Role.Arn", "RoleId": "made.Role.RoleId"},
        ),
        Recipe(
            type="AWS::IAM::Policy",
            service="iam",
            create_calls=(NOTHING,),
            id="p.PolicyName",
            create_only=("PolicyName",),
            parts=(IN_ROLES,),
        ),
        Recipe(
            type="AWS::IAM::RolePolicy",
            service="iam",
            create_calls=(Call("put_role_policy", fitted=True),),
            id="p.PolicyName",
            update_calls=(Call("put_role_policy", fitted=True),),
            create_only=("PolicyName", "RoleName"),
            delete_calls=(Call("delete_role_policy", {"RoleName": "p.RoleName", "PolicyName": "p.PolicyName"}),),
        ),
        Recipe(
            type="AWS::IAM::ManagedPolicy",
            service="iam",
            create_calls=(
                Call(
                    "create_policy",
                    {"PolicyName": "p.ManagedPolicyName"},
                    fitted=True,
                    without=("ManagedPolicyName",),
                ),
            ),
            id="made.Policy.Arn",
            name_property="ManagedPolicyName",
            create_only=("ManagedPolicyName", "Path", "Description"),
            update_calls=(
                Call(
                    "create_policy_version",
                    {"PolicyArn": "id", "PolicyDocument": "p.PolicyDocument", "SetAsDefault": "`true`"},
                ),
            ),
            parts=(ON_ROLES,),
            delete_calls=(Call("delete_policy", {"PolicyArn": "id"}),),
            attributes={"PolicyArn": "id"},
        ),
    )
}
