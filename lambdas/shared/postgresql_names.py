"""Names of the application's users and of the role that owns everything, and how they stand in statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.told import Told

SUFFIX: Final = "_clone"
"""Of the second user's name."""
OWNER: Final = "_owner"
LONGEST: Final = 63
"""Bytes of a name; PostgreSQL cuts off what is more (manual, 4.1.1), and two names would become one."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who belongs together."""

    first: str
    second: str
    owner: str

    @classmethod
    def of(cls, username: str) -> Names:
        """By either user's name. Raises Told if one of them could not be a name."""
        first = username.removesuffix(SUFFIX)
        names = cls(first, f"{first}{SUFFIX}", f"{first}{OWNER}")
        if not first or "\0" in first or max(len(name.encode()) for name in names.all) > LONGEST:
            raise Told(f"The user name {username} leaves no room for `{SUFFIX}` in the {LONGEST} bytes of a name")
        return names

    @property
    def users(self) -> tuple[str, str]:
        """Who logs in."""
        return self.first, self.second

    @property
    def all(self) -> tuple[str, str, str]:
        """Every role."""
        return self.first, self.second, self.owner

    def other(self, username: str) -> str:
        """The one that alternates with `username`."""
        return self.second if username == self.first else self.first


def quoted(name: str) -> str:
    """An identifier, whatever is in it (manual, 4.1.1)."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string constant, whatever is in it and whatever `standard_conforming_strings` says (manual, 4.1.2.2)."""
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in escaped else f"'{escaped}'"
