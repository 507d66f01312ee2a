"""Users as ElastiCache's control plane keeps them: changed there, and brought to every node by AWS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared import clock
from shared.aws import client, error_sentence, is_error
from shared.login import Rejected
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_elasticache.client import ElastiCacheClient
    from mypy_boto3_elasticache.type_defs import UserTypeDef

SETTLE_SECONDS: Final = 180.0
"""For a user to become active. AWS names no figure; seconds are the rule, and a cluster of many nodes takes longer.
A step waits for it before its own change, after it, and in between if another one came first."""
LOOK_SECONDS: Final = 2.0
_MISSING: Final = "there is no ElastiCache user {}: it was deleted; deploy the data stack, which makes it"


@dataclass(frozen=True, slots=True)
class User:
    """A user that is active."""

    name: str
    """By which clients log in."""
    passwords: int
    """How many it has: at most two."""


def settled(user_id: str) -> User:
    """The user once it is active: a change under way, ours or somebody else's, is waited for.

    Raises Told if there is no such user, it is being deleted, or it does not become active.
    """
    deadline = clock.monotonic() + SETTLE_SECONDS
    while True:
        described = _described(user_id)
        match described.get("Status"):
            case "active":
                count = described.get("Authentication", {}).get("PasswordCount") or 0
                return User(described.get("UserName", ""), count)
            case "modifying" if clock.monotonic() < deadline:
                clock.pause(LOOK_SECONDS)
            case "modifying":
                raise Told(f"the ElastiCache user {user_id} is still being changed after {SETTLE_SECONDS:.0f} seconds")
            case status:
                raise Told(f"the ElastiCache user {user_id} cannot be changed: its status is {status}")


def set_passwords(user_id: str, passwords: Sequence[str]) -> None:
    """Make `passwords` the only ones of the user, and wait until that is so.

    Raises Rejected when AWS does not take a password, Told for everything else.
    """
    deadline = clock.monotonic() + SETTLE_SECONDS
    while not _asked(user_id, passwords):
        # Between our look and our request somebody else has begun a change.
        if clock.monotonic() >= deadline:
            raise Told(f"the ElastiCache user {user_id} takes no change: others change it all the time")
        clock.pause(LOOK_SECONDS)
        settled(user_id)
    settled(user_id)


def _asked(user_id: str, passwords: Sequence[str]) -> bool:
    """Whether AWS took the request; False when the user was not active."""
    try:
        client("elasticache").modify_user(UserId=user_id, Passwords=list(passwords))
    except Exception as failure:  # noqa: BLE001 - every one is raised again, or told
        if is_error(failure, "InvalidUserState"):
            return False
        # Without its cause, whose text could repeat what was sent.
        raise _told(user_id, failure, passwords) from None
    return True


def _described(user_id: str) -> UserTypeDef:
    elasticache: ElastiCacheClient = client("elasticache")
    try:
        users = elasticache.describe_users(UserId=user_id)["Users"]
    except Exception as failure:  # noqa: BLE001
        raise _told(user_id, failure) from None
    if not users:
        raise Told(_MISSING.format(user_id))
    return users[0]


def _told(user_id: str, failure: Exception, passwords: Sequence[str] = ()) -> Exception:
    if is_error(failure, "UserNotFound"):
        return Told(_MISSING.format(user_id))
    sentence = error_sentence(failure)
    if sentence is None:
        return failure
    for password in passwords:
        sentence = sentence.replace(password, "***")
    if is_error(failure, "InvalidParameterValue", "InvalidParameterCombination") and "password" in sentence.lower():
        return Rejected(f"ElastiCache does not take the password: {sentence}")
    return Told(f"the ElastiCache user {user_id} was not changed: {sentence}")
