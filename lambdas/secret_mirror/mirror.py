"""One secret and its copy: the same current version, under the same name, and the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from secret_mirror.models import Copy
from shared import clock
from shared.aws import client, is_error, region_of
from shared.secret_versions import CURRENT
from shared.told import Told


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and done."""

    behind_seconds: float
    """How long the source's current version had been missing from the copy; 0 where it was there."""
    version: str
    """The current one, now of both."""

    @property
    def copied(self) -> bool:
        """Whether the copy changed."""
        return self.behind_seconds > 0


def mirror(copy: Copy) -> Found:
    """Give the copy the source's current version. Again is fine: a version has its name there, and never changes.

    Raises Told, and botocore's exceptions; the value is in none of them.
    """
    source, target = _described(copy.source), _described(copy.target)
    wanted = _current(source)
    if wanted is None:
        raise Told(f"The secret {copy.name} has no current version")
    current = _current(target)
    if current == wanted:
        return Found(0.0, wanted)
    if wanted not in _versions(target):
        _put(copy, wanted)
    # Where it was current before, or was written without becoming current.
    current = _current(_described(copy.target))
    if current != wanted:
        _make_current(copy.target, wanted, instead_of=current)
    changed = source.get("LastChangedDate")
    # A clock that goes ahead of AWS's must not make a copy look as if there had been nothing to do.
    return Found(max(1.0, clock.epoch() - changed.timestamp()) if changed else 1.0, wanted)


def _described(arn: str) -> Mapping[str, Any]:
    described: Mapping[str, Any] = client("secretsmanager", region_of(arn)).describe_secret(SecretId=arn)
    return described


def _versions(described: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Labels by version; those without a label are not known."""
    return described.get("VersionIdsToStages") or {}


def _current(described: Mapping[str, Any]) -> str | None:
    return next((version for version, labels in _versions(described).items() if CURRENT in labels), None)


def _put(copy: Copy, version: str) -> None:
    read = client("secretsmanager", region_of(copy.source)).get_secret_value(SecretId=copy.source, VersionId=version)
    exists = False
    try:
        client("secretsmanager", region_of(copy.target)).put_secret_value(
            SecretId=copy.target,
            ClientRequestToken=version,
            SecretString=read["SecretString"],
            VersionStages=[CURRENT],
        )
    except Exception as failure:
        exists = is_error(failure, "ResourceExistsException")
        if not exists:
            raise
    if exists:
        raise Told(
            f"The copy of {copy.name} has a version {version} with another value: somebody wrote it there. Rotate the secret, "
            f"which makes a version that neither has"
        )


def _make_current(arn: str, version: str, *, instead_of: str | None) -> None:
    """AWSPREVIOUS follows by itself."""
    where = {"RemoveFromVersionId": instead_of} if instead_of else {}
    client("secretsmanager", region_of(arn)).update_secret_version_stage(
        SecretId=arn, VersionStage=CURRENT, MoveToVersionId=version, **where
    )
