"""What explains a finding, and what is wrong with an explanation."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from judges.acknowledgement import Acknowledgement, objection
from judges.explanations import Acknowledged, Pending
from judges.finding import Finding
from judges.judgement import judge
from judges.recording import recorded
from understudy.acknowledgement import acknowledge

REASON = "Nobody outside of the network can reach it, and nothing is stored in it"
FINDING = Finding(
    judge="AwsSolutions",
    rule="AwsSolutions-S1",
    path="data/Assets/Bucket/Resource",
    resource="AWS::S3::Bucket",
    deployment="shop-prod",
    template="data.template.json",
    logical_id="AssetsBucket",
    message="The bucket has no access logs",
)


def _in_code(
    path: str, *, rule: str = FINDING.rule, reason: str = REASON, deployment: str = "shop-prod"
) -> Acknowledgement:
    return Acknowledgement(path, rule, reason, deployment)


@pytest.mark.parametrize("path", ["data/Assets/Bucket/Resource", "data/Assets/Bucket", "data/Assets"])
def test_acknowledgement_in_code_covers_its_construct(path: str) -> None:
    """One on the resource, its construct or an ancestor explains the finding."""
    judgement = judge([FINDING], in_code=[_in_code(path)], acknowledged=[], pending=[])
    assert ([], [REASON]) == (list(judgement.unexplained), [each.text for each in judgement.acknowledged])


@pytest.mark.parametrize(
    "other",
    [
        _in_code("data/Asset"),
        _in_code("data/Assets", rule="AwsSolutions-S10"),
        _in_code("data/Assets", deployment="shop-dev"),
    ],
)
def test_acknowledgement_in_code_covers_nothing_else(other: Acknowledgement) -> None:
    """Another construct, another rule or another environment leaves the finding unexplained."""
    judgement = judge([FINDING], in_code=[other], acknowledged=[], pending=[])
    assert (FINDING,) == judgement.unexplained


@pytest.mark.parametrize("resource", ["AWS::S3::Bucket", "data/Assets/*", "data/*/Bucket/Resource"])
def test_lists_explain_by_type_or_path(resource: str) -> None:
    """Both lists name a rule, and a resource by its type or by its construct path."""
    stands = Acknowledged(finding=FINDING.rule, resource=resource, reason=REASON)
    cured = Pending(findings=(FINDING.rule,), resource=resource, cure="issue 5: backup plans cover it")
    by_list = judge([FINDING], in_code=[], acknowledged=[stands], pending=[])
    by_cure = judge([FINDING], in_code=[], acknowledged=[], pending=[cured])
    assert ([REASON], [cured.cure]) == (
        [each.text for each in by_list.acknowledged],
        [each.text for each in by_cure.pending],
    )


@pytest.mark.parametrize(
    "narrowed", [{"environments": ("dev", "preview")}, {"message": "*Multi-AZ*"}], ids=["environment", "message"]
)
def test_entry_can_be_narrowed(narrowed: dict[str, Any]) -> None:
    """What stands in development says nothing about production, nor one message of an ID about another."""
    entry = Acknowledged(finding=FINDING.rule, resource="AWS::S3::Bucket", reason=REASON, **narrowed)
    assert (FINDING,) == judge([FINDING], in_code=[], acknowledged=[entry], pending=[]).unexplained


@pytest.mark.parametrize("resource", ["*", "*/Bucket", "AWS::S3::*", "**"])
def test_pattern_for_everything_is_refused(resource: str) -> None:
    """An entry names a whole type or starts with its stack's name."""
    with pytest.raises(ValueError, match="resource"):
        Acknowledged(finding=FINDING.rule, resource=resource, reason=REASON)


def test_explanation_that_explains_nothing_fails() -> None:
    """Each of the three kinds is named when no finding needs it any more."""
    judgement = judge(
        [],
        in_code=[_in_code("data/Assets")],
        acknowledged=[Acknowledged(finding="CKV_AWS_18", resource="AWS::S3::Bucket", reason=REASON)],
        pending=[Pending(findings=("AwsSolutions-SMG4",), resource="data/Secret", cure="issue 4: secrets are rotated")],
    )
    gone = "matches no finding in any application and environment: remove it"
    assert (
        f"acknowledgement of AwsSolutions-S1 on data/Assets {gone}",
        f"judges/acknowledged.yaml, CKV_AWS_18 on AWS::S3::Bucket {gone}",
        f"judges/pending.yaml, AwsSolutions-SMG4 on data/Secret {gone}",
    ) == judgement.objections


def test_acknowledgement_needed_in_one_environment_is_not_stale() -> None:
    """What suppresses nothing in development may be needed in production."""
    both = [_in_code("data/Assets"), _in_code("data/Assets", deployment="shop-dev")]
    assert () == judge([FINDING], in_code=both, acknowledged=[], pending=[]).objections


def test_finding_explained_twice_fails() -> None:
    """Two explanations would disagree one day."""
    cured = Pending(findings=(FINDING.rule,), resource=FINDING.path, cure="issue 5: backup plans cover it")
    judgement = judge([FINDING], in_code=[_in_code("data/Assets")], acknowledged=[], pending=[cured])
    expected = "AwsSolutions-S1 on data/Assets/Bucket/Resource is explained more than once: keep one explanation"
    assert (expected,) == judgement.objections


@pytest.mark.parametrize("path", ["data", ""])
def test_acknowledgement_on_a_stack_or_app_fails(path: str) -> None:
    """It would cover whatever is added to the stack later."""
    judgement = judge([FINDING], in_code=[_in_code(path)], acknowledged=[], pending=[])
    assert any("covers all that will ever be in it" in each for each in judgement.objections)


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ("not needed", "fewer than 8 words"),
        ("It is good enough for now, since nobody uses the bucket yet", "'for now'"),
        ("TODO write down why this is right as it is", "'TODO'"),
    ],
)
def test_S8_reason_must_satisfy_an_auditor(reason: str, complaint: str) -> None:
    """A reason that is too short, or puts the cure off, is an objection of its own."""
    assert complaint in str(objection(reason))


def test_reason_of_substance_is_accepted() -> None:
    """A sentence that says why no harm is done has nothing against it."""
    assert objection(REASON) is None


def test_recording_hides_nothing_that_cdk_nag_would_report() -> None:
    """What CDK suppresses without the recorder, it reports with it, and the recorder knows why it stands."""

    def rules(app: App) -> set[str]:
        return {violation.rule_name for violation in AwsSolutionsChecks().validate_scope(app).violations}

    def build() -> App:
        app = App()
        bucket = s3.Bucket(Stack(app, "data"), "Bucket")
        acknowledge(bucket, {"AwsSolutions-S1": REASON})
        return app

    suppressed = rules(build())
    with recorded() as record:
        reported = rules(build())
    assert {"AwsSolutions-S1"} == reported - suppressed
    assert [{"path": "data/Bucket", "rule": "AwsSolutions-S1", "reason": REASON}] == record
