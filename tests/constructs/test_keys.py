"""Keys, as others use them."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from template import Template, actions, properties, statements, synthesize

from understudy.keys import Keys


def test_S7_a_grant_elsewhere_changes_the_role_and_never_the_key() -> None:
    """So the keys' policies stand in one file, and their stack refers to no other."""
    before, after = _template(granted=False), _template(granted=True)
    assert properties(before, "AWS::KMS::Key") == properties(after, "AWS::KMS::Key")
    granted = [statement for kind, statement in statements(after) if kind == "AWS::IAM::Policy"]
    assert ["kms:Decrypt"] == actions(granted[0])


def test_S4_the_spec_decides_how_often_a_key_is_renewed() -> None:
    """The longest that KMS offers, here."""
    assert {2560} == {key["RotationPeriodInDays"] for key in properties(_template(granted=False), "AWS::KMS::Key")}


def _template(*, granted: bool) -> Template:
    def build(stack: Stack) -> None:
        keys = Keys(
            stack,
            "Keys",
            prefix="shop-prod",
            rotation_days=2560,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        if granted:
            role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
            keys.data.grant_decrypt(role)

    return synthesize(build)
