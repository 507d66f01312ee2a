"""A command of the CDK CLI, held against the registry of commands that the CLI itself is made of."""

from __future__ import annotations

import json
import shlex
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

REGISTRY: Final = Path(__file__).parents[2] / "node_modules" / "aws-cdk" / "lib" / "cli" / "cli-type-registry.json"


@cache
def _registry() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REGISTRY.read_text(encoding="utf-8"))
    return found


def wrong_in(command: str) -> list[str]:
    """What the CLI does not know of it: the command, options, values of options that have a list of them."""
    _, name, *words = shlex.split(command)
    known = _registry()["commands"].get(name)
    if known is None:
        return [f"cdk has no {name}"]
    options = _registry()["globalOptions"] | known.get("options", {})
    shorts = {option["alias"]: option for option in options.values() if isinstance(option.get("alias"), str)}
    wrong = []
    for word, following in pairwise([*words, ""]):
        if not word.startswith("-"):
            continue
        option = options.get(word[2:]) if word.startswith("--") else shorts.get(word[1:])
        if option is None:
            wrong.append(f"cdk {name} takes no {word}")
        elif following not in option.get("choices", [following]):
            wrong.append(f"{word} of cdk {name} is none of {option['choices']}: {following}")
    return wrong
