"""The versions of the application that a rehearsal releases, each by the digest of its image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal, get_args

VersionName = Literal["good", "errors", "slow", "crash", "unhealthy-later", "bad-migration", "leaks"]
VERSIONS: Final[tuple[VersionName, ...]] = get_args(VersionName)

WRONG: Final[dict[VersionName, str]] = {
    "good": "nothing",
    "errors": "8 % of the requests of users end in 500; smoke tests pass",
    "slow": "requests of users take 2 s longer; smoke tests pass",
    "crash": "exits as soon as it starts",
    "unhealthy-later": "its readiness check fails once it has answered some hundred requests of users",
    "bad-migration": "its migration ends half-way with exit code 1",
    "leaks": "each request makes the next ones slower, until they fail",
}
"""What is wrong with each."""


@dataclass(frozen=True, slots=True)
class Version:
    """An image: `name` is what its answers say in `x-version`."""

    name: str
    behaviour: VersionName
    migrates: bool

    @property
    def digest(self) -> str:
        """As a registry would have it."""
        return f"sha256:{hashlib.sha256(self.name.encode()).hexdigest()}"


OLD: Final = Version("old", "good", migrates=False)
"""What is live before the release."""


def new(behaviour: VersionName) -> Version:
    """What is released."""
    return Version(f"new-{behaviour}", behaviour, migrates=True)


def by_digest(digest: str) -> Version:
    """The version that an image holds. Raises KeyError for an image that nobody built."""
    return {version.digest: version for version in (OLD, *(new(behaviour) for behaviour in VERSIONS))}[digest]
