"""What the functions of a stack under test have in common."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms

from understudy.alarms import Alarms
from understudy.handler_layer import HandlerLayer
from understudy.python_handler import HandlerSettings


def handler_settings(stack: Stack, key: kms.IKey, *, retention_days: int = 30) -> HandlerSettings:
    """Of the environment `shop-prod`, whose logs lie under `key`."""
    return HandlerSettings(
        prefix="shop-prod",
        layer=HandlerLayer(stack, "Layer"),
        alarms=Alarms(stack, "Alarms", prefix="shop-prod", topic_arn="arn:topic"),
        logs_key=key,
        retention_days=retention_days,
        removal_policy=RemovalPolicy.DESTROY,
        log_level="info",
    )
