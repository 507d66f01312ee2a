"""What is watched, when somebody is told, and how long logs are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spec.model import Email, Model, Percent

Minutes = Annotated[int, Field(ge=1, le=60)]


class Alarms(Model):
    """Thresholds. The defaults are the specification's (row M2)."""

    cpu_percent: Percent = 80.0
    memory_percent: Percent = 80.0
    disk_percent: Percent = 80.0
    network_percent: Percent = 80.0
    """Of the bandwidth that the database's or cache's instance has all the time."""
    error_percent: Percent = 1.0
    """Share of requests answered with 5xx."""
    database_connections: Annotated[int, Field(ge=1)] = 100
    queue_messages: Annotated[int, Field(ge=1)] = 10_000
    """Messages that wait in the broker."""
    certificate_days: Annotated[int, Field(ge=1, le=60)] = 30
    """Warn when a certificate has fewer days left: its renewal has failed. ACM renews 60 days before."""
    minutes: Minutes = 5
    """How long usage must be too high."""
    down_minutes: Minutes = 1
    """How long something must be down."""


class Monitoring(Model):
    """Alarms, dashboard, logs."""

    notify: tuple[Email, ...] = ()
    """Who gets the alarms by e-mail. AWS asks each to confirm."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Reaches every service as LOG_LEVEL."""
    log_retention_days: Annotated[int, Field(ge=1)] = 365
    """In a period that CloudWatch Logs offers."""
    container_insights: Literal["enhanced", "enabled", "disabled"] = "enhanced"
    alarms: Alarms = Alarms()
