"""The base of every model of the specification, and the kinds of value they share."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """Frozen, strict (no `"4"` for 4, no 1 for true) and closed: a key nobody knows is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


def refusal(reason: str, remedy: str) -> PydanticCustomError:
    """An error of a validator, with what would be right; never put the value of a secret into either text."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason, "remedy": remedy})


def _matches(pattern: str, what: str, example: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refusal(f"{value!r} is not {what}", f"For example: {example}")
        return value

    return AfterValidator(check)


def _network(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError as error:
        raise refusal(f"{value!r} is not an IPv4 network: {error}", "For example: 10.0.0.0/16") from None
    return value


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network in CIDR notation with no host bits set."""

Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(gt=0, le=100)]
Name = Annotated[
    str,
    _matches(r"[a-z](-?[a-z0-9])*", "a name of lower-case letters, digits and single hyphens", "checkout-api"),
]
VariableName = Annotated[str, _matches(r"[A-Z_][A-Z0-9_]*", "a name for an environment variable", "LOG_LEVEL")]
DomainName = Annotated[
    str,
    _matches(
        r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "a lower-case domain name",
        "app.example.com",
    ),
]
HostedZoneId = Annotated[str, _matches(r"Z[A-Z0-9]{6,31}", "the ID of a Route 53 hosted zone", "Z0123456789ABCDEFGHIJ")]
AccountId = Annotated[str, _matches(r"\d{12}", "an AWS account ID of twelve digits in quotes", '"123456789012"')]
HttpPath = Annotated[str, _matches(r"/[A-Za-z0-9._~/@:+-]*", "a path that starts with /", "/health")]
PathPattern = Annotated[
    str, _matches(r"/[A-Za-z0-9._~/@:+*-]*", "a path pattern that starts with /", "/_next/static/*")
]
Email = Annotated[str, _matches(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", "oncall@example.com")]
DailyTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TimeWindow = Annotated[
    str,
    _matches(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", "a daily window in UTC", '"00:00-01:00" in quotes'),
]
WeeklyWindow = Annotated[
    str,
    _matches(
        r"(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d",
        "a weekly window in UTC",
        '"sun:02:00-sun:03:00" in quotes',
    ),
]
