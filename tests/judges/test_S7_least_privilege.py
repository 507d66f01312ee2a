"""Row S7, on every policy of every template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from judges.code import ROOT
from spec import catalogue, load

Synthesized = Callable[[str, str], dict[str, dict[str, Any]]]
Statement = Mapping[str, Any]

ENVIRONMENTS = [(file.stem, name) for file in catalogue.files(ROOT / "apps") for name in load(file).environments]


def _statements(value: object) -> Iterator[Statement]:
    """Every policy statement inside `value`, wherever it stands."""
    if isinstance(value, Mapping):
        if "Effect" in value and "Action" in value:
            yield value
        for each in value.values():
            yield from _statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from _statements(each)


def _allowed_wildcards(statement: Statement) -> list[str]:
    actions = statement["Action"]
    given = [actions] if isinstance(actions, str) else actions
    if statement["Effect"] != "Allow" or _empties_a_bucket(statement):
        return []
    return [action for action in given if "*" in action]


def _empties_a_bucket(statement: Statement) -> bool:
    """CDK writes this statement itself, on a bucket that is removed with its environment, for its own function alone."""
    principal = statement.get("Principal", {})
    function = principal.get("AWS", {}) if isinstance(principal, Mapping) else {}
    role = function.get("Fn::GetAtt", [""])[0] if isinstance(function, Mapping) else ""
    same = statement["Action"] == ["s3:DeleteObject*", "s3:GetBucket*", "s3:List*", "s3:PutBucketPolicy"]
    return same and role.startswith("CustomS3AutoDeleteObjectsCustomResourceProvider")


@pytest.mark.parametrize(("app", "env"), ENVIRONMENTS)
def test_S7_no_wildcard_action_in_any_template(synthesized: Synthesized, app: str, env: str) -> None:
    """No statement that allows anything, in a role, a key, a bucket or an endpoint, allows `*` or a part of names."""
    found = [
        f"{stack} {name}: {', '.join(wildcards)}"
        for stack, template in synthesized(app, env).items()
        for name, resource in template["Resources"].items()
        for statement in _statements(resource.get("Properties", {}))
        if (wildcards := _allowed_wildcards(statement))
    ]
    assert [] == found


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Action": "*"}, ["*"]),
        ({"Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"]}, ["s3:List*"]),
        ({"Effect": "Allow", "Action": ["s3:DeleteObject*"], "Principal": {"AWS": "*"}}, ["s3:DeleteObject*"]),
        ({"Effect": "Deny", "Action": "s3:*"}, []),
        ({"Effect": "Allow", "Action": ["s3:GetObject"]}, []),
    ],
)
def test_wildcard_is_recognised(statement: Statement, expected: list[str]) -> None:
    """Found in a list or alone, wherever the policy stands; what is denied may be denied widely."""
    nested = {"Policies": [{"PolicyDocument": {"Statement": [statement]}}]}
    assert expected == [each for found in _statements(nested) for each in _allowed_wildcards(found)]
