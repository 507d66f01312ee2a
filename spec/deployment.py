"""What is handed to the stacks: one environment, frozen, with the images it runs."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Literal

from pydantic import Field

from spec.environment import Environment, EnvironmentName
from spec.images import Digest
from spec.model import Name
from spec.release import BreakGlass
from spec.services import Service
from spec.tables.regions import REGIONS

EDGE_REGION = "us-east-1"
"""CloudFront takes its certificates and web ACLs from here alone (CloudFront Developer Guide, requirements for certificates)."""

Site = Literal["home", "stand_in"]
"""The environment's own region, and the one that stands in for it; which of them is active, the spec's `recovery.active` says."""

Resource = Literal["database", "cache", "queue", "data", "files"]

RESOURCES: tuple[Resource, ...] = ("database", "cache", "queue", "data", "files")
"""What a service may depend on besides other services; no service can have one of these names."""


class Deployment(Environment):
    """An environment of an application, with its name and its images. Nothing below decides by the name."""

    environment: EnvironmentName
    site: Site = "home"
    """Whose stacks are made from it; `sites()` gives both."""
    home: str | None = None
    """Of the stand-in: the environment's own region."""
    images: Mapping[Name, Digest] = Field(default_factory=dict)
    """Released image of each service that is built from source."""
    break_glass: Mapping[Name, BreakGlass] = Field(default_factory=dict)
    """Services whose present image is released past red alarms and freezes, and who answers for it."""

    @property
    def prefix(self) -> str:
        """`<app>-<env>`: the start of every physical name."""
        return f"{self.name}-{self.environment}"

    @property
    def site_prefix(self) -> str:
        """Start of names that are one for all regions: the stand-in's are told apart by `-standin`."""
        return f"{self.prefix}-standin" if self.site == "stand_in" else self.prefix

    @property
    def availability_zones(self) -> tuple[str, ...]:
        """Zones by name: those of the spec, or the first of the region."""
        named = self.network.availability_zones
        return named or tuple(self.region + letter for letter in REGIONS[self.region].zones[: self.network.zones])

    @property
    def internal_domain(self) -> str:
        """Domain under which services find each other; in a private zone of the VPC only."""
        return f"internal.{self.edge.domain}"

    def service_url(self, service: str) -> str:
        """Where other services reach `service`."""
        return f"https://{service}.{self.internal_domain}"

    def released(self, service: str) -> bool:
        """Whether there is an image to run. Until its first release a rolling service stands at zero tasks, and one that shifts
        requests does not exist.
        """
        return self.services[service].image is not None or service in self.images

    @property
    def backed_up(self) -> tuple[Resource, ...]:
        """What AWS Backup takes: of the database, the data bucket and the file system those that the environment has."""
        if self.backup.daily_days is None:
            return ()
        has = {"database": self.database, "data": self.storage.data, "files": self.storage.files}
        return tuple(name for name in RESOURCES if has.get(name) is not None)

    @property
    def copies_backups(self) -> bool:
        """Whether backups are copied to the peer's region."""
        return bool(self.backed_up) and self.backup.copies is not None and self.recovery.strategy != "none"

    @property
    def drilled(self) -> bool:
        """Whether a failover can be drilled: something stands in, and there is a database to make a copy of."""
        return self.recovery.stands_in and self.database is not None and self.copies_backups

    def dependents(self, dependency: str) -> tuple[str, ...]:
        """Services that talk to `dependency`."""
        return tuple(name for name, service in self.services.items() if dependency in service.dependencies)

    @property
    def edge_region(self) -> str:
        """Region of the edge stack: where CloudFront demands it, else the environment's own."""
        return EDGE_REGION if self.edge.entry == "cdn" else self.region

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region the environment has stacks in, its own first."""
        recovery = self.recovery
        elsewhere = () if recovery.strategy == "none" else (recovery.region,)
        witness = (recovery.witness_region,) if recovery.stands_in and recovery.witness_region else ()
        return tuple(dict.fromkeys((self.region, self.edge_region, *elsewhere, *witness)))

    @property
    def home_region(self) -> str:
        """The environment's own region, whichever site this is."""
        return self.home or self.region

    @property
    def peer_region(self) -> str:
        """The other site's region; of no meaning where nothing stands in."""
        return self.home or self.recovery.region

    @property
    def active_region(self) -> str:
        """The region that takes writes."""
        return self.recovery.active or self.home_region

    @property
    def waiting_region(self) -> str:
        """The region that does not take writes, whichever site this is; of no meaning where nothing stands in."""
        return self.region if self.peer_region == self.active_region else self.peer_region

    @property
    def active(self) -> bool:
        """Whether this site takes writes."""
        return self.region == self.active_region

    @property
    def generation(self) -> int:
        """Number of this site's database: the newest odd or even one (`recovery.generation`)."""
        newest = self.recovery.generation
        return newest if newest % 2 == (self.site == "home") else newest - 1

    @property
    def following(self) -> bool:
        """Whether the inactive site follows the active one: its database is a replica; secrets, objects and images are copied
        there. Not so from a failover until the region that was lost gets its new replica.
        """
        newest_at_home = self.recovery.generation % 2 == 1
        return self.recovery.stands_in and newest_at_home != (self.active_region == self.home_region)

    @property
    def source_database_identifier(self) -> str | None:
        """What this site's database replicates, in the peer region; None where it is no replica."""
        return self._database_identifier(self.generation - 1) if self.following and not self.active else None

    @property
    def database_identifier(self) -> str:
        """Of this site's database. A new generation is a new database, beside the one before."""
        return self._database_identifier(self.generation)

    def _database_identifier(self, generation: int) -> str:
        return f"{self.prefix}-db" if generation == 1 else f"{self.prefix}-db-{generation}"

    def sites(self) -> tuple[Deployment, ...]:
        """The environment as its own region has it, and as the stand-in has it, if there is one.

        The inactive site runs as many tasks as `recovery.strategy` says, and scales to the active one's numbers at a failover;
        everything else is the same, so that it can take the other's place.
        """
        if not self.recovery.stands_in:
            return (self,)
        of_its_own = {"availability_zones": (), "cloudfront_prefix_list_id": None}
        network = {"cidr": self.recovery.cidr or self.network.cidr, **of_its_own}
        there = self.model_copy(
            update={
                "site": "stand_in",
                "home": self.region,
                "region": self.recovery.region,
                "network": self.network.model_copy(update=network),
            }
        )
        return tuple(site if site.active else _waiting(site) for site in (self, there))


def _waiting(site: Deployment) -> Deployment:
    """The site while the other one is active."""
    warm = site.recovery.warm_percent / 100 if site.recovery.strategy == "warm_standby" else 0.0
    return site.model_copy(update={"services": {name: _scaled(each, warm) for name, each in site.services.items()}})


def _scaled(service: Service, share: float) -> Service:
    scaling = service.scaling and service.scaling.model_copy(update={"schedules": ()})
    return service.model_copy(update={"replicas": ceil(service.replicas * share), "scaling": scaling})
