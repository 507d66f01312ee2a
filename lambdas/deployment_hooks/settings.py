"""What the template tells the functions, as environment variables."""

from __future__ import annotations

import os
from functools import cache

import msgspec

from shared.plan import Stage


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """One function: one stage of one environment."""

    prefix: str
    ledger_table: str
    stage: Stage
    aws_region: str
    polling_state_machine_arn: str = ""
    """For CodeDeploy's hooks alone."""


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)
