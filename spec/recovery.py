"""What takes over when the environment's region is lost."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from spec.model import Cidr, DailyTime, Model
from spec.tables.regions import known_region

Strategy = Literal["none", "backup_restore", "pilot_light", "warm_standby"]
"""AWS Well-Architected, Reliability Pillar, REL13-BP02; `none`: nothing outside the environment's region."""

FIRST_REPLICA: Final = 2
"""Generation of the stand-in's first database: a replica of generation 1, which the environment began with."""


class Recovery(Model):
    """A stand-in region: what stands there, how it takes over, and which of the two regions is active.

    `active` and `generation` say what has become of the two regions, and are all that is written here after a failover and a
    failback (docs/recovery.md, "After it"): a deployment never guesses.
    """

    strategy: Strategy = "none"
    """`backup_restore`: copies of backups in the stand-in region. `pilot_light`: database replica, buckets, images and secrets
    there too, services at zero tasks. `warm_standby`: services at `warm_percent`."""
    region: Annotated[str, AfterValidator(known_region)] = "us-east-1"
    """The stand-in."""
    witness_region: Annotated[str, AfterValidator(known_region)] | None = None
    """A third region, which holds the active region's lease and nothing else: with it, a region that was cut off stops writing by
    itself, and the other may take over without a person. null: a person decides."""
    cidr: Cidr | None = None
    """Network of the stand-in. null: the same as the environment's; the two are never joined."""
    warm_percent: Annotated[int, Field(ge=1, le=100)] = 50
    """With `warm_standby`: of each service's replicas, how many stand ready; at least one."""
    failover: Literal["automatic", "approval"] = "approval"
    """`automatic`: the stand-in takes over when its signals agree, if there is a witness. `approval`: a person approves."""
    approval_minutes: Annotated[float, Field(gt=0, le=120)] = 4.0
    """How long until a person has answered who was asked. Agree it with whoever is on call: objectives count it."""
    promotion_minutes: Annotated[float, Field(gt=0, le=120)] = 5.0
    """How long RDS takes to promote the replica. AWS says several minutes or longer and publishes no measurement; a planned
    change of regions measures yours: objectives count it."""
    active: Annotated[str, AfterValidator(known_region)] | None = None
    """The region that takes writes. null: the environment's own."""
    generation: Annotated[int, Field(ge=FIRST_REPLICA)] = FIRST_REPLICA
    """Number of the newest database: each new replica, in turn in the one region and the other, is one more. Odd ones stand in
    the environment's own region."""
    heartbeat_seconds: Annotated[int, Field(ge=2, le=15)] = 5
    """How often the active region writes its heartbeat and renews its lease."""
    lease_seconds: Annotated[int, Field(ge=20, le=300)] = 45
    """How long the active region may write without having reached the witness or the stand-in; the stand-in waits for as long
    before it promotes."""
    lag_seconds: Annotated[int, Field(ge=10, le=600)] = 60
    """How far the waiting database may lag behind; beyond it an alarm tells."""
    probe_seconds: Annotated[int, Field(ge=10, le=60)] = 20
    """How often the stand-in asks the active region's application."""
    probe_failures: Annotated[int, Field(ge=2, le=10)] = 3
    """How many probes in a row have to fail."""
    drill_days: Annotated[int, Field(ge=1, le=365)] | None = 30
    """From one drill to the next: a failover's steps on a copy of the database, restored from the newest copy of a backup. The
    specification has recovery tested regularly and says no figure; so often, a change of the month before is found. null: none
    by the clock."""
    drill_time: DailyTime = "08:00"
    """When a drill that is due begins, UTC, in quotes."""
    objects_minutes: Annotated[float, Field(gt=0)] = 15.0
    """Newest objects and files that may be lost. S3 and EFS promise 15 minutes, not the database's few seconds."""

    @property
    def stands_in(self) -> bool:
        """Whether stacks of the application stand in the stand-in region."""
        return self.strategy in {"pilot_light", "warm_standby"}

    @property
    def decides_alone(self) -> bool:
        """Whether the stand-in takes over without a person: only a witness tells it that the other region has stopped."""
        return self.failover == "automatic" and self.witness_region is not None
