"""What the judges find in the functions that cdk-ecs-codedeploy brings, and why it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from constructs import IConstruct

from understudy.acknowledgement import acknowledge
from understudy.log_bucket import PACKS

INLINE_REASON: Final = (
    "CDK's grants make one policy for each of the library's roles, and nobody else could have it: it names that role's own "
    "function, workflow or deployment group."
)
EVERY_VERSION_REASON: Final = (
    "CDK grants a call of the function and of each of its versions; the function has none, and no other has its name."
)
RUNTIME_REASON: Final = (
    "The library builds and tests its functions for Node.js 22, which Lambda supports until April 2027 (Developer Guide, "
    "runtimes)."
)
WORKFLOW_REASON: Final = (
    "Its one step calls a function until the deployment is over, and that function writes log and trace of each call."
)
FUNCTION_REASONS: Final = {
    "LambdaConcurrency": "CloudFormation calls it a few times in each release; a reserve would be taken from other functions.",
    "LambdaDLQ": "CloudFormation waits for its answer and reports a failure itself: a dead-letter queue would hold what the "
    "stack's events already say.",
    "LambdaInsideVPC": "It calls CodeDeploy's API and nothing inside the VPC.",
}
CHECKOV_REASONS: Final = {
    "CKV_AWS_115": FUNCTION_REASONS["LambdaConcurrency"],
    "CKV_AWS_116": FUNCTION_REASONS["LambdaDLQ"],
    "CKV_AWS_117": FUNCTION_REASONS["LambdaInsideVPC"],
    "CKV_AWS_173": "Its variables are ARNs of functions and of a workflow; Lambda encrypts them with its own key.",
    "W3005": "CDK writes dependencies that references say already; the second says nothing wrong.",
}


def acknowledge_provider(provider: IConstruct, workflow: IConstruct, called: Iterable[str]) -> None:
    """Findings in everything under `provider`; `called`: logical IDs of functions that others of it call."""
    packs = {f"{pack}-{rule}": reason for rule, reason in FUNCTION_REASONS.items() for pack in PACKS}
    # PCI DSS asks for neither.
    unasked = ("PCI.DSS.321-LambdaConcurrency", "PCI.DSS.321-LambdaDLQ")
    acknowledge(
        provider,
        {
            "AwsSolutions-L1": RUNTIME_REASON,
            **{finding: reason for finding, reason in packs.items() if finding not in unasked},
            **{f"{pack}-IAMNoInlinePolicy": INLINE_REASON for pack in PACKS},
            **{f"AwsSolutions-IAM5[Resource::<{name}.Arn>:*]": EVERY_VERSION_REASON for name in called},
            **CHECKOV_REASONS,
        },
    )
    acknowledge(workflow, {"AwsSolutions-SF1": WORKFLOW_REASON, "AwsSolutions-SF2": WORKFLOW_REASON})
