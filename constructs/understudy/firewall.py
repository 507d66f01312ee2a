"""AWS WAF in front of the application's entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from spec.edge import Firewall as FirewallSpec
from understudy.encrypted_log_group import encrypted_log_group

Scope = Literal["CLOUDFRONT", "REGIONAL"]

MINUTES_5: Final = 300
REDACTED: Final = ("authorization", "cookie")

COUNTED: Final = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
"""Rules that only count. SizeRestrictions_BODY refuses every body above 8 KB, and so ordinary uploads and long prompts;
WAF inspects the start of larger bodies all the same (WAF Developer Guide, oversize request components)."""

_Rule = waf.CfnWebACL.RuleProperty
_Statement = waf.CfnWebACL.StatementProperty


class Firewall(Construct):
    """A web ACL: address lists first, then the rate of each address, then AWS's managed rules in the spec's order.

    Every request that is decided on is logged to `aws-waf-logs-<prefix>`, a name that WAF insists on, without the
    headers that carry credentials.

    `scope_of_use`: CLOUDFRONT for a distribution, in us-east-1 alone; REGIONAL for a load balancer.
    `open_paths`: what addresses that are not on the list of allowed ones may ask for all the same, within every other rule.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: FirewallSpec,
        scope_of_use: Scope,
        open_paths: Sequence[str] = (),
        key: kms.IKey,
        log_retention_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._scope_of_use = scope_of_use
        self._open_paths = open_paths
        self.name = f"{prefix}-firewall"
        acl = waf.CfnWebACL(
            self,
            "Resource",
            name=self.name,
            scope=scope_of_use,
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=[*self._addresses(settings), _rate(settings.rate_limit), *_managed(settings.managed_rules)],
            visibility_config=_visible("firewall"),
        )
        self.arn = acl.attr_arn
        group = encrypted_log_group(
            self,
            "Log",
            name=f"aws-waf-logs-{prefix}",
            key=key,
            retention_days=log_retention_days,
            removal_policy=removal_policy,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[self._without_streams(group.log_group_name or "")],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header}) for header in REDACTED
            ],
        ).add_resource_dependency(group)

    def _without_streams(self, name: str) -> str:
        """WAF takes the log group's ARN without the `:*` that CloudFormation's ends in."""
        stack = Stack.of(self)
        return f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{name}"

    def _addresses(self, settings: FirewallSpec) -> list[_Rule]:
        rules = []
        if settings.allowed_cidrs:
            allowed = [_in(self._addresses_of("allowed", settings.allowed_cidrs)), *map(_path, self._open_paths)]
            others = _Statement(not_statement=waf.CfnWebACL.NotStatementProperty(statement=_any(allowed)))
            rules.append(_blocking("not-allowed", 0, others))
        if settings.blocked_cidrs:
            rules.append(_blocking("blocked", 1, _in(self._addresses_of("blocked", settings.blocked_cidrs))))
        return rules

    def _addresses_of(self, name: str, cidrs: Sequence[str]) -> str:
        return waf.CfnIPSet(
            self,
            name.capitalize(),
            name=f"{self._prefix}-{name}",
            scope=self._scope_of_use,
            ip_address_version="IPV4",
            addresses=list(cidrs),
        ).attr_arn


def _in(ip_set_arn: str) -> _Statement:
    return _Statement(ip_set_reference_statement={"arn": ip_set_arn})


def _path(path: str) -> _Statement:
    """Exactly this path and none that begins with it: CloudFront takes `<path>/../..` for the root, WAF does not."""
    return _Statement(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="EXACTLY",
            search_string=path,
            text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
        )
    )


def _any(statements: Sequence[_Statement]) -> _Statement:
    """WAF refuses to join fewer than two."""
    if len(statements) == 1:
        return statements[0]
    return _Statement(or_statement=waf.CfnWebACL.OrStatementProperty(statements=list(statements)))


def _rate(limit: int) -> _Rule:
    return _blocking(
        "rate",
        2,
        _Statement(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, evaluation_window_sec=MINUTES_5
            )
        ),
    )


def _blocking(name: str, priority: int, statement: _Statement) -> _Rule:
    return _Rule(
        name=name,
        priority=priority,
        statement=statement,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visible(name),
    )


def _managed(groups: Sequence[str]) -> list[_Rule]:
    """Each group decides by itself; `none` means that its own actions hold."""
    return [
        _Rule(
            name=group,
            priority=10 + index,
            override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
            statement=_Statement(
                managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS",
                    name=group,
                    rule_action_overrides=[
                        waf.CfnWebACL.RuleActionOverrideProperty(
                            name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                        )
                        for rule in COUNTED.get(group, ())
                    ]
                    or None,
                )
            ),
            visibility_config=_visible(group),
        )
        for index, group in enumerate(groups)
    ]


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
