"""A service's listener rules, made so that no deploy moves requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aws_cdk import CfnResource
from constructs import Construct

from spec import Deployment
from spec.changes import fixed, remedies
from understudy.routing import TrafficRule

ANSWER_SECONDS: Final = 300
"""CloudFormation would wait an hour for a function that died."""


class ServiceTraffic(Construct):
    """`Custom::ServiceTraffic`: the rules of one service, and the guard of its releases.

    What a rule of CloudFormation's own does on an update is set its whole action, and with it the weights: a deploy would
    undo a shift that is under way, or send everybody back to the target group that was live when the template was
    written. So a function keeps the rules. It changes conditions and priorities and never an action, and it refuses an
    update of the service while a shift is under way.

    `fingerprint` makes CloudFormation ask it about every change of the service except the image, which is the release
    itself. Whatever else belongs to the service depends on `resource` and is changed after it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        name: str,
        service_token: str,
        rules: Sequence[TrafficRule],
    ) -> None:
        super().__init__(scope, construct_id)
        release = deployment.services[name].release
        group = f"{deployment.prefix}-{name}" if release.engine == "codedeploy" else ""
        self.rules = list(rules)
        self.resource = CfnResource(
            self,
            "Resource",
            type="Custom::ServiceTraffic",
            properties={
                "ServiceToken": service_token,
                "ServiceTimeout": ANSWER_SECONDS,
                "Service": name,
                "Engine": release.engine,
                "Strategy": release.strategy,
                "Cluster": deployment.prefix,
                "CodeDeployGroup": group,
                "Rules": [_property(rule) for rule in rules],
                "Fixed": fixed(deployment, name),
                "Remedies": remedies(deployment, name),
                "Fingerprint": fingerprint(deployment, name),
            },
        )

    def beside(self, others: Iterable[ServiceTraffic]) -> None:
        """Say where other services have their rules: one of ours that stands there stays until its new owner takes it over."""
        places = [
            {"ListenerArn": rule.listener_arn, "Priority": str(rule.priority)}
            for other in others
            if other is not self
            for rule in other.rules
        ]
        self.resource.add_property_override("Others", places)

    def rule_arn(self, key: str) -> str:
        """ARN of the rule that has this key."""
        return self.resource.get_att(f"{key}Arn").to_string()


def fingerprint(deployment: Deployment, name: str) -> str:
    """Of everything that the spec says about the service `name`, its image and who breaks the glass for it left out."""
    said: dict[str, Any] = {
        "service": deployment.services[name].model_dump(mode="json", exclude={"image"}),
        "variables": dict(deployment.variables),
        "log_level": deployment.monitoring.log_level,
        "response_ms": deployment.objectives.response_ms,
        "domain": deployment.edge.domain,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _property(rule: TrafficRule) -> dict[str, Any]:
    return {
        "Key": rule.key,
        "ListenerArn": rule.listener_arn,
        "Priority": str(rule.priority),
        "Conditions": rule.conditions,
        "BlueArn": rule.pair.blue.target_group_arn,
        "GreenArn": rule.pair.green.target_group_arn if rule.pair.green is not None else "",
        "Test": "true" if rule.test else "false",
    }
