"""How often secrets get a new value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spec.model import Model


class Rotation(Model):
    """Rotation of every secret that is made here: logins of database, cache and queue, and generated ones.

    Limits: Secrets Manager User Guide, rotation schedules. A window of a schedule in days starts at midnight UTC and ends on
    the same day.
    """

    days: Annotated[int, Field(ge=1, le=999)] = 30
    """How often. Secrets Manager takes up to 999 days; production at most 30."""
    window_hours: Annotated[int, Field(ge=1, le=24)] = 4
    """Within how many hours from midnight UTC on that day."""
    database_users: Literal["alternating", "single"] = "alternating"
    """`alternating`: two users take turns, so the old login works until its last user has moved. `single`: one user, whose
    old password ends with the rotation; running tasks keep their connections and cannot open new ones until they are
    replaced."""

    @property
    def schedule(self) -> str:
        """As Secrets Manager writes it."""
        return f"rate({self.days} {'day' if self.days == 1 else 'days'})"
