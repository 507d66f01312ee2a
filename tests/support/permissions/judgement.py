"""Role against calls: nothing that is asked may be denied, and nothing that is allowed may go unasked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from permissions.arn import overlap
from permissions.call import Request
from permissions.deployed import Deployed
from permissions.role import Role, role
from permissions.simulator import ActionReference, Decision, StatementMatch, action_references, simulate

EVERYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a role."""

    principals: tuple[str, ...]
    """Titles of the functions or state machines that have the role."""
    kind: str
    """`denied`, `unneeded` or `wildcard`."""
    action: str
    resource: str
    told: str
    """Which statement, and what would be right."""

    def __str__(self) -> str:
        """One line for whoever has to mend it."""
        return f"{' and '.join(self.principals)}: {self.kind} {self.action} on {self.resource}: {self.told}"


@dataclass
class Principal:
    """Who has a role, and everything it was seen asking."""

    title: str
    role_arn: str
    requests: list[Request] = field(default_factory=list)


def judge(deployed: Deployed, principals: Sequence[Principal], *, acknowledged: Iterable[str] = ()) -> list[Finding]:
    """What is wrong with the roles of `principals`, judged by all that they ask.

    `acknowledged`: construct paths of policies whose wildcards have their reasons in the code, where the judges of
    `make check` hold each to account.
    """
    by_role: dict[str, list[Principal]] = defaultdict(list)
    for each in principals:
        by_role[each.role_arn].append(each)
    roles = {arn: role(deployed, arn) for arn in by_role}
    asked = [(arn, each, request) for arn, having in by_role.items() for each in having for request in each.requests]
    keys = _key_policies(deployed)
    decisions = simulate(
        {arn: each.document() for arn, each in roles.items()},
        [_asked(deployed, arn, request, keys) for arn, _, request in asked],
    )
    references = action_references(
        action
        for each in roles.values()
        for statement in each.identity
        for action in statement.actions
        if "*" not in action and "?" not in action
    )
    findings: list[Finding] = []
    needed: dict[str, list[StatementMatch]] = defaultdict(list)
    for (arn, principal, request), decision in zip(asked, decisions, strict=True):
        needed[arn] += decision.allowed_by
        if decision.result != "Allowed" and request.must:
            findings.append(_denied(principal, request, decision, roles[arn]))
    for arn, its_role in roles.items():
        titles = tuple(principal.title for principal in by_role[arn])
        findings += _unneeded(titles, its_role, needed[arn], references)
        findings += _wildcards(titles, its_role, references, tuple(acknowledged))
    # Several calls may have asked the same; the first one tells.
    first: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        first.setdefault((finding.principals, finding.kind, finding.action, finding.resource), finding)
    return list(first.values())


def _asked(deployed: Deployed, arn: str, request: Request, keys: Mapping[str, Any]) -> dict[str, Any]:
    parts = request.resource.split(":")
    account = parts[4] if len(parts) > 5 and parts[4] else deployed.account
    region = parts[3] if len(parts) > 5 and parts[3] else deployed.stacks[0].region
    everywhere = {
        "aws:SecureTransport": "true",
        "aws:PrincipalAccount": deployed.account,
        "aws:PrincipalArn": arn,
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
    }
    return {
        "role": arn,
        "action": request.action,
        "resource": request.resource,
        "account": account,
        "context": {**everywhere, **request.context},
        "resourcePolicy": keys.get(request.resource),
    }


def _key_policies(deployed: Deployed) -> dict[str, Any]:
    """A KMS key's own policy decides first; without it no role may use the key."""
    return {each.arn: each.properties["KeyPolicy"] for each in deployed.resources("AWS::KMS::Key")}


def _denied(principal: Principal, request: Request, decision: Decision, its_role: Role) -> Finding:
    statements = {(each.policy, each.sid): each for each in its_role.identity + its_role.boundary}
    if decision.error:
        told = f"the simulator takes no such request: {decision.error}"
    elif decision.denied_by:
        told = f"denied by {statements[decision.denied_by[0].policy, decision.denied_by[0].sid]}"
    elif "pb" in decision.blocked_by:
        told = "the permissions boundary does not allow it"
    else:
        allowing = [each for each in decision.others if statements[each.policy, each.sid].allows]
        nearest = max(allowing, key=_nearness, default=None)
        told = "no statement comes near"
        if nearest is not None and (nearest.action or nearest.resource):
            told = f"nearest is {statements[nearest.policy, nearest.sid]}, {_difference(nearest)}"
    return Finding((principal.title,), "denied", request.action, request.resource, f"({request.because}) {told}")


def _nearness(match: StatementMatch) -> tuple[bool, bool, bool]:
    return match.action, match.resource, match.condition


def _difference(match: StatementMatch) -> str:
    if not match.action:
        return "which does not name the action"
    if not match.resource:
        return "which does not name the resource"
    return f"whose condition does not hold: {', '.join(match.conditions)}"


def _unneeded(
    titles: tuple[str, ...],
    its_role: Role,
    matches: Sequence[StatementMatch],
    references: Mapping[str, ActionReference | None],
) -> list[Finding]:
    used: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for match in matches:
        used[match.policy, match.sid] |= {(action, each) for action in match.actions for each in match.resources}
    findings = []
    for statement in its_role.identity:
        if not statement.allows:
            continue
        if not statement.actions or not statement.resources:
            told = f"{statement} says what it does not allow, and allows everything else"
            findings.append(Finding(titles, "wildcard", EVERYTHING, EVERYTHING, told))
            continue
        pairs = used[statement.policy, statement.sid]
        actions, resources = ({pair[0] for pair in pairs}, {pair[1] for pair in pairs})
        for action in statement.actions:
            for resource in statement.resources:
                # The simulator knows `:*/*` as `:*`.
                if (action, resource.removesuffix("/*") if resource.endswith(":*/*") else resource) in pairs:
                    continue
                # A statement about several kinds of resources allows nothing where an action knows not all of them.
                if action in actions and resource in resources and not _grants(references.get(action), resource):
                    continue
                findings.append(Finding(titles, "unneeded", action, resource, f"no call ever needed it ({statement})"))
    return findings


def _grants(reference: ActionReference | None, resource: str) -> bool:
    if reference is None:
        return True
    if not reference.resources:
        return resource == EVERYTHING
    return any(overlap(resource, pattern) for pattern in reference.resources.values())


def _wildcards(
    titles: tuple[str, ...],
    its_role: Role,
    references: Mapping[str, ActionReference | None],
    acknowledged: tuple[str, ...],
) -> list[Finding]:
    """Wildcards that nobody has given a reason for, where AWS knows something finer."""
    findings = []
    for statement in its_role.identity:
        if not statement.allows or any(_inside(statement.policy, path) for path in acknowledged):
            continue
        for action in statement.actions:
            reference = references.get(action)
            finer = "*" in action or reference is None or bool(reference.resources)
            wide = [resource for resource in statement.resources if _is_wide(resource)]
            if "*" in action and not wide:
                wide = statement.resources[:1]
            told = f"{statement} is wider than any call, and no reason stands beside it"
            findings += [Finding(titles, "wildcard", action, each, told) for each in wide if finer]
    return findings


def _is_wide(resource: str) -> bool:
    # A log group's ARN ends so, as CloudFormation gives it; the streams in it are Lambda's to name.
    named = resource.removesuffix(":*") if ":log-group:" in resource else resource
    return "*" in named or "?" in named


def _inside(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}/")
