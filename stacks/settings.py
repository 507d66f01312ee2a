"""What CDK itself wants to know of every stack."""

from __future__ import annotations

from typing import TypedDict

from aws_cdk import Environment


class StackSettings(TypedDict):
    """Keyword arguments of `Stack`; a stack takes them as `**settings: Unpack[StackSettings]` and passes them on."""

    env: Environment
    stack_name: str
    description: str
    termination_protection: bool
