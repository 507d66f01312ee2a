"""Values that look like secrets and stand in the file. No finding ever repeats such a value."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding, Path

TELLING_NAME: Final = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY(_ID)?|CREDENTIALS?|AUTH_KEY|SIGNING_KEY|DSN)$"
)
TELLING_VALUE: Final = re.compile(
    r"""
      \b(AKIA|ASIA)[A-Z0-9]{16}\b                       # AWS access key ID
    | -----BEGIN[ A-Z]*PRIVATE\ KEY-----
    | \b(ghp|gho|ghs|github_pat|glpat|xox[abpr])[_-][A-Za-z0-9_-]{16,}
    | \b[sr]k_(live|test)_[A-Za-z0-9]{16,}              # Stripe
    | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}    # JSON Web Token
    | \b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@         # password inside a URL
    """,
    re.VERBOSE,
)
RANDOM_LENGTH: Final = 32
RANDOM_BITS_PER_CHARACTER: Final = 3.5
"""Above this, 32 or more characters without a break are no word, path or host name: text has less, random hex about 3.6."""

REMEDY: Final = (
    "Remove the value, replace it where it is valid (it has been in a file), and describe it under `secrets`"
)


def check(deployment: Deployment) -> Iterator[Finding]:
    """In the application's variables and in each service's, and in commands."""
    yield from _variables(deployment.variables, ("variables",))
    for name, service in deployment.services.items():
        yield from _variables(service.variables, ("services", name, "variables"))
        for index, argument in enumerate(service.command):
            if _looks_secret(argument):
                yield Finding(("services", name, "command", index), "looks like the value of a secret", REMEDY)


def _variables(variables: Mapping[str, str], path: Path) -> Iterator[Finding]:
    for name, value in variables.items():
        if TELLING_NAME.search(name):
            yield Finding((*path, name), "by its name this is a secret, and its value stands in this file", REMEDY)
        elif _looks_secret(value):
            yield Finding((*path, name), "looks like the value of a secret", REMEDY)


def _looks_secret(value: str) -> bool:
    return bool(TELLING_VALUE.search(value)) or any(map(_is_random, re.split(r"[\s/:.,@=&?]+", value)))


def _is_random(word: str) -> bool:
    if len(word) < RANDOM_LENGTH or not (re.search(r"\d", word) and re.search(r"[A-Za-z]", word)):
        return False
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values()) > RANDOM_BITS_PER_CHARACTER
