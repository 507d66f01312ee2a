"""Versions of a secret, and the staging labels by which everybody knows them.

Secrets Manager knows three labels, and takes others: those that rotation puts are below. A secret may have twenty labels
in all, and a version that has one is never removed, so each of ours stands in one place at a time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from shared import clock
from shared.aws import client, is_error
from shared.told import Told

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"
"""Follows AWSCURRENT by itself, to the version that had it."""

SINCE: Final = "CURRENT_SINCE_"
"""With epoch seconds: from then on, whoever asks for the current version has got this one. Then AFTER."""
AFTER: Final = "_AFTER_"
"""And the version that was current before. Where another one is AWSPREVIOUS, this one was taken back by hand since, and the
time is not when that happened."""
GIVEN_UP: Final = "GIVEN_UP"
"""Never to be tried again."""
RETIRING: Final = "RETIRING_UNTIL_"
"""With epoch seconds: until then at the most, logins beside that of this version are being made invalid."""
TRIED: Final = "TRIED_"
"""With the version's own name: the server may have taken it already, although it never became current."""
OURS: Final = (SINCE, GIVEN_UP, RETIRING, TRIED)


class Unreadable(Told):
    """A value that rotation did not write."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Those of one secret, as they were when it was read. Methods that change them leave what was read as it is."""

    arn: str
    rotated: bool
    """Whether rotation is enabled."""
    labels: Mapping[str, frozenset[str]]
    """By version; those without a label are not known."""
    created: float
    """The secret; epoch seconds."""
    changed: float
    """The last time that anything about the secret changed; epoch seconds."""

    @classmethod
    def read(cls, arn: str) -> Versions:
        """As they are now. Reads no value."""
        described = client("secretsmanager").describe_secret(SecretId=arn)
        created = described.get("CreatedDate")
        changed = described.get("LastChangedDate") or created
        return cls(
            arn=arn,
            rotated=described.get("RotationEnabled", False),
            labels={
                version: frozenset(labels) for version, labels in (described.get("VersionIdsToStages") or {}).items()
            },
            created=created.timestamp() if created else 0.0,
            changed=changed.timestamp() if changed else clock.epoch(),
        )

    def holder(self, label: str) -> str | None:
        """The version with `label`."""
        return next((version for version, labels in self.labels.items() if label in labels), None)

    @property
    def current(self) -> str:
        """The version with AWSCURRENT. Raises Told without one."""
        current = self.holder(CURRENT)
        if current is None:
            raise Told(f"The secret {self.arn} has no current version")
        return current

    @property
    def pending(self) -> str | None:
        """The version with AWSPENDING, if it is not current already."""
        pending = self.holder(PENDING)
        return None if pending is not None and CURRENT in self.labels[pending] else pending

    def since(self) -> float:
        """When the current version became that, in epoch seconds, or some time afterwards, but never before.

        Where no label tells, a secret that never had another version has had it from the beginning. Otherwise somebody
        changed it by hand, or a rotation died before it put the label: at the latest when the secret last changed.
        """
        labelled = _seconds(self._valid(self.current), SINCE)
        if labelled is not None:
            return labelled
        return self.created if self._first else self.changed

    def settle(self) -> None:
        """Put the label that `since` does not find, before the secret changes again."""
        current = self.current
        valid = self._valid(current)
        if _seconds(valid, SINCE) is None and not self._first:
            self.attach(self._since(self.changed), current)
            for label in sorted(self.labels[current] - valid):
                self.detach(label, current)

    def _since(self, seconds: float) -> str:
        """The label that says since when the current version is that."""
        previous = self.holder(PREVIOUS)
        return f"{SINCE}{math.ceil(seconds)}{AFTER}{previous}" if previous else f"{SINCE}{math.ceil(seconds)}"

    def _valid(self, version: str) -> frozenset[str]:
        """Its labels, without those that tell since when it had been current before another one was."""
        labels, previous = self.labels.get(version, frozenset()), self.holder(PREVIOUS)
        return frozenset(
            label
            for label in labels
            if not (label.startswith(SINCE) and AFTER in label and label.partition(AFTER)[2] != previous)
        )

    @property
    def _first(self) -> bool:
        """Whether no other version was ever current."""
        others = [labels for version, labels in self.labels.items() if version != self.current]
        return not any(PREVIOUS in labels or _seconds(labels, SINCE) is not None for labels in others)

    def retire_until(self, until: float) -> str:
        """Say until when logins beside the current one are being made invalid; the label. Removes what the dead have left."""
        for label in sorted(self.labels[self.current]):
            if label.startswith(RETIRING):
                self.detach(label, self.current)
        label = f"{RETIRING}{math.ceil(until)}"
        self.attach(label, self.current)
        return label

    def retiring(self) -> bool:
        """Whether logins are being made invalid."""
        return any((_seconds(labels, RETIRING) or 0) > clock.epoch() for labels in self.labels.values())

    def value(self, version: str | None) -> dict[str, Any] | None:
        """What `version` holds; None if it has no value yet. Raises Unreadable if it is no JSON object."""
        if version is None:
            return None
        try:
            answer = client("secretsmanager").get_secret_value(SecretId=self.arn, VersionId=version)
        except Exception as failure:
            if not is_error(failure, "ResourceNotFoundException"):
                raise
            return None
        try:
            value = json.loads(answer["SecretString"])
        except (KeyError, ValueError):
            value = None
        if not isinstance(value, dict):
            # Outside the handler of the error above, which has the text that it could not read.
            raise Unreadable(f"Version {version} of the secret {self.arn} is no JSON object")
        return value

    def put_pending(self, token: str, value: Mapping[str, object]) -> None:
        """Give the pending version `token` its value. Nothing happens if it has one: versions never change."""
        try:
            client("secretsmanager").put_secret_value(
                SecretId=self.arn, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=[PENDING]
            )
        except Exception as failure:
            if not is_error(failure, "ResourceExistsException"):
                raise

    def put_current(self, value: Mapping[str, object]) -> str:
        """Make a new version that is current at once; its name."""
        token = str(uuid4())
        client("secretsmanager").put_secret_value(
            SecretId=self.arn, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=[CURRENT]
        )
        return token

    def make_current(self, token: str) -> None:
        """Move AWSCURRENT to `token`. AWS refuses if another version than the one that was read has it by now."""
        client("secretsmanager").update_secret_version_stage(
            SecretId=self.arn, VersionStage=CURRENT, RemoveFromVersionId=self.current, MoveToVersionId=token
        )

    def mark_current(self, token: str) -> None:
        """Say that `token` is current since now, unless that is said, and take away our labels that it made meaningless."""
        valid = self._valid(token)
        if _seconds(valid, SINCE) is None:
            self.attach(self._since(clock.epoch()), token)
        for version, labels in self.labels.items():
            for label in sorted(labels):
                if label.startswith(TRIED if version == token else OURS) or (version == token and label not in valid):
                    self.detach(label, version)

    def try_out(self, token: str) -> None:
        """Say that a server may take `token` from now on, whatever becomes of its other labels."""
        self.attach(f"{TRIED}{token}", token)

    @property
    def tried(self) -> list[str]:
        """Versions that a server may have taken since the current one became that."""
        return [version for version, labels in self.labels.items() if f"{TRIED}{version}" in labels]

    def give_up(self, token: str) -> None:
        """Take AWSPENDING from `token`, for ever."""
        if self.holder(GIVEN_UP) != token:
            self.attach(GIVEN_UP, token)
        if self.holder(PENDING) == token:
            self.detach(PENDING, token)

    def attach(self, label: str, token: str) -> None:
        """Put `label` on `token`, wherever it was when this was read."""
        holder = self.holder(label)
        where = {} if holder in (None, token) else {"RemoveFromVersionId": holder}
        client("secretsmanager").update_secret_version_stage(
            SecretId=self.arn, VersionStage=label, MoveToVersionId=token, **where
        )

    def detach(self, label: str, version: str) -> None:
        """Take `label` from `version`. Another call may have done it already."""
        try:
            client("secretsmanager").update_secret_version_stage(
                SecretId=self.arn, VersionStage=label, RemoveFromVersionId=version
            )
        except Exception as failure:
            if not is_error(failure, "InvalidParameterException"):
                raise


def current_since(arn: str) -> float:
    """From when on, in epoch seconds, whoever asked for the secret's current version has got it: see Versions.since."""
    return Versions.read(arn).since()


def _seconds(labels: frozenset[str], prefix: str) -> float | None:
    """The latest time that a label with `prefix` tells."""
    told = [label.removeprefix(prefix).partition(AFTER)[0] for label in labels if label.startswith(prefix)]
    return max((float(one) for one in told if one.isdecimal()), default=None)
