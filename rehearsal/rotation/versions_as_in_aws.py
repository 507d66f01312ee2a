"""Moto's Secrets Manager with the rules that a rotation leans on and moto lacks.

Versions are immutable, a label that stands elsewhere moves only if its place is named, versions without a label are not
described, of many only the newest are kept, all versions together bear a limited number of labels, and times are those
of the versions. Safe for several threads.
"""

from __future__ import annotations

import json
import threading
from typing import Any, Final, Protocol

from moto.secretsmanager.exceptions import InvalidParameterException, ResourceExistsException, SecretsManagerClientError
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from shared import clock

LOCK: Final = threading.RLock()
"""Held in each call: moto's dictionaries change size while others walk them."""
MOST_LABELS: Final = 20
"""Of all versions of a secret together; quotas of AWS Secrets Manager."""
MOST_VERSIONS: Final = 100
"""Of a secret; quotas of AWS Secrets Manager. Of those without a label the oldest go first."""


class Patches(Protocol):
    """Whoever replaces attributes, and may put them back: pytest's MonkeyPatch, or `Lasting`."""

    def setattr(self, target: type, name: str, value: object) -> None:
        """Replace an attribute."""


class Lasting:
    """Replaces attributes until the process ends."""

    def setattr(self, target: type, name: str, value: object) -> None:
        """Replace an attribute."""
        setattr(target, name, value)


class LimitExceededException(SecretsManagerClientError):  # noqa: N818 - as AWS calls it
    """Too much of something."""

    def __init__(self, message: str) -> None:
        super().__init__("LimitExceededException", message)


def install(patches: Patches) -> None:
    """Until `patches` puts back what there was."""
    patches.setattr(SecretsManagerBackend, "put_secret_value", _put_secret_value)
    patches.setattr(SecretsManagerBackend, "update_secret_version_stage", _update_secret_version_stage)
    patches.setattr(SecretsManagerBackend, "list_secret_version_ids", _list_secret_version_ids)
    patches.setattr(FakeSecret, "_form_version_ids_to_stages", _labelled)
    dispatch = SecretsManagerResponse.call_action

    def one_at_a_time(self: SecretsManagerResponse) -> object:
        with LOCK:
            return dispatch(self)

    patches.setattr(SecretsManagerResponse, "call_action", one_at_a_time)


def place(secret: FakeSecret, label: str, version: str | None) -> None:
    """Move `label` to `version`, or take it away; AWSPREVIOUS follows AWSCURRENT by itself."""
    before = next((name for name, one in secret.versions.items() if label in one["version_stages"]), None)
    if before is not None:
        secret.versions[before]["version_stages"].remove(label)
    if version is not None:
        secret.versions[version]["version_stages"].append(label)
        if sum(len(one["version_stages"]) for one in secret.versions.values()) > MOST_LABELS:
            raise LimitExceededException(f"A secret's versions can bear {MOST_LABELS} staging labels")
    if label == "AWSCURRENT" and before != version:
        place(secret, "AWSPREVIOUS", before)
        secret.default_version_id = version
    bare = [name for name, one in secret.versions.items() if not one["version_stages"]]
    for name in bare[: max(0, len(secret.versions) - MOST_VERSIONS)]:
        del secret.versions[name]
    secret.last_changed_date = clock.epoch()  # type: ignore[assignment] # finer than moto's


def _put_secret_value(
    self: SecretsManagerBackend,
    secret_id: str,
    secret_string: str,
    secret_binary: str,  # noqa: ARG001 - moto's signature
    client_request_token: str,
    version_stages: list[str],
) -> str:
    secret: Any = self.describe_secret(secret_id)
    token = self._from_client_request_token(client_request_token)
    version = secret.versions.setdefault(
        token, {"version_id": token, "version_stages": [], "createdate": clock.epoch()}
    )
    if version.setdefault("secret_string", secret_string) != secret_string:
        raise ResourceExistsException(
            f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret "
            f"{secret.arn}."
        )
    for label in version_stages:
        place(secret, label, token)
    answer: str = secret.to_short_dict(include_version_stages=True, version_id=token)
    return answer


def _update_secret_version_stage(
    self: SecretsManagerBackend,
    secret_id: str,
    version_stage: str,
    remove_from_version_id: str,
    move_to_version_id: str,
) -> tuple[str, str]:
    secret: Any = self.describe_secret(secret_id)
    for version in (remove_from_version_id, move_to_version_id):
        if version and version not in secret.versions:
            raise InvalidParameterException(f"Not a valid version: {version}")
    holder = next((name for name, one in secret.versions.items() if version_stage in one["version_stages"]), None)
    if holder not in (remove_from_version_id, move_to_version_id) and (holder or remove_from_version_id):
        raise InvalidParameterException(
            f"The parameter RemoveFromVersionId must name the version that {version_stage} is attached to: {holder}"
        )
    if version_stage == "AWSCURRENT" and not move_to_version_id:
        raise InvalidParameterException("You can't remove AWSCURRENT without moving it")
    place(secret, version_stage, move_to_version_id or None)
    return secret.arn, secret.name


def _list_secret_version_ids(self: SecretsManagerBackend, secret_id: str) -> str:
    secret: Any = self.describe_secret(secret_id)
    versions = [
        {"VersionId": name, "VersionStages": one["version_stages"], "CreatedDate": one["createdate"]}
        for name, one in secret.versions.items()
        if one["version_stages"]
    ]
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "Versions": versions})


def _labelled(self: FakeSecret) -> dict[str, list[str]]:
    return {name: list(one["version_stages"]) for name, one in self.versions.items() if one["version_stages"]}
