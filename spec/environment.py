"""An environment of an application: everything one AWS deployment is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from spec.backup import Backup
from spec.data import Cache, Database, Queue, Storage
from spec.edge import Edge
from spec.model import AccountId, Model, Name, VariableName
from spec.monitoring import Monitoring
from spec.network import Network
from spec.recovery import Recovery
from spec.release import Freeze
from spec.rotation import Rotation
from spec.services import Service
from spec.tables.regions import known_region

EnvironmentName = Literal["dev", "staging", "prod", "preview"]

ENVIRONMENTS: Final[tuple[EnvironmentName, ...]] = ("dev", "staging", "prod", "preview")

ALIASES: Final[Mapping[str, EnvironmentName]] = {
    "development": "dev",
    "production": "prod",
    **{name: name for name in ENVIRONMENTS},
}
"""What people write, and the short name that stands in every resource's name."""


class Secret(Model):
    """A secret of the application, kept in Secrets Manager. Its value never stands in this file."""

    description: Annotated[str, Field(min_length=1)]
    """What it is for, for whoever has to replace it."""
    source: Literal["generated", "supplied"]
    """`generated`: a random value, and a new one with each rotation: the service gets NAME, and NAME_NEXT and NAME_PREVIOUS, which
    it has to accept beside it. `supplied`: a random placeholder until a person puts the real value."""
    length: Annotated[int, Field(ge=16, le=128)] = 32
    """Characters of the generated value."""
    unrotated_because: Annotated[str, Field(min_length=1)] | None = None
    """Why a generated value must stay what it is, such as a key that data is encrypted with. The audit report says it."""
    replace_after_days: Annotated[int, Field(ge=1)] = 90
    """An alarm asks for a new value when a supplied one is older than this."""

    @property
    def rotated(self) -> bool:
        """Whether it gets a new value without anybody's doing."""
        return self.source == "generated" and self.unrotated_because is None


class Encryption(Model):
    """The environment's own KMS keys."""

    key_rotation_days: Annotated[int, Field(ge=1)] = 90
    """How often KMS renews the key material: 90 to 2560."""


class Protection(Model):
    """What happens to data when its resource, or the whole stack, is removed."""

    deletion_protection: bool = True
    """AWS refuses to delete the database, the load balancer and the stacks that hold data until this is switched off."""
    on_removal: Literal["keep", "destroy"] = "keep"
    """`keep`: a final snapshot of database and cache; buckets, file systems, keys, secrets, images and logs stay.
    `destroy`: nothing stays."""


class Objectives(Model):
    """What the environment promises. `null`: it promises nothing. Each is computed from the values it depends on."""

    deploy_minutes: Annotated[float, Field(gt=0)] | None = 5.0
    rollback_minutes: Annotated[float, Field(gt=0)] | None = 5.0
    rto_minutes: Annotated[float, Field(gt=0)] | None = 15.0
    """Time to recover from the loss of a zone; with `recovery.strategy`, of the region too."""
    rpo_minutes: Annotated[float, Field(gt=0)] | None = 5.0
    """Newest data that may be lost then."""
    backup_minutes: Annotated[float, Field(gt=0)] | None = 60.0
    """From the start of a backup to its end; watched by an alarm."""
    uptime: Annotated[float, Field(gt=0, lt=100)] | None = 99.9
    """Percent of thirty days."""
    response_ms: Annotated[int, Field(gt=0)] | None = 1000
    """95th percentile of the load balancer's response time; watched by an alarm."""
    error_rate: Annotated[float, Field(gt=0, lt=1)] | None = 0.001
    """Share of requests answered with 5xx; watched by an alarm."""


class Environment(Model):
    """One environment, after the application's base and the environment's overlay are merged."""

    name: Name
    """The application's name; the start of every resource's name."""
    description: Annotated[str, Field(min_length=1)]
    """One sentence about the application."""
    owner: Annotated[str, Field(min_length=1)]
    """Team or person; becomes the tag Owner."""
    region: Annotated[str, AfterValidator(known_region)] = "us-west-2"
    account: AccountId | None = None
    """Default: the account of the credentials at hand (CDK_DEFAULT_ACCOUNT)."""
    variables: Mapping[VariableName, str] = Field(default_factory=dict)
    """Environment variables of every service. Never a secret."""
    secrets: Mapping[VariableName, Secret] = Field(default_factory=dict)
    """Secrets by the name of the environment variable in which a service gets them."""
    network: Network = Network()
    services: Annotated[Mapping[Name, Service], Field(min_length=1)]
    database: Database | None = None
    cache: Cache | None = None
    queue: Queue | None = None
    storage: Storage = Storage()
    edge: Edge
    monitoring: Monitoring = Monitoring()
    backup: Backup = Backup()
    encryption: Encryption = Encryption()
    rotation: Rotation = Rotation()
    recovery: Recovery = Recovery()
    protection: Protection = Protection()
    freezes: tuple[Freeze, ...] = ()
    """When nothing is released, short of breaking the glass."""
    objectives: Objectives = Objectives()
