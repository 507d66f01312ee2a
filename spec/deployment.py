"""What is handed to the stacks: one environment, frozen, with the images it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from spec.environment import Environment, EnvironmentName
from spec.images import Digest
from spec.model import Name
from spec.release import BreakGlass
from spec.tables.regions import REGIONS

EDGE_REGION = "us-east-1"
"""CloudFront takes its certificates and web ACLs from here alone (CloudFront Developer Guide, requirements for certificates)."""

Resource = Literal["database", "cache", "queue", "data", "files"]

RESOURCES: tuple[Resource, ...] = ("database", "cache", "queue", "data", "files")
"""What a service may depend on besides other services; no service can have one of these names."""


class Deployment(Environment):
    """An environment of an application, with its name and its images. Nothing below decides by the name."""

    environment: EnvironmentName
    images: Mapping[Name, Digest] = Field(default_factory=dict)
    """Released image of each service that is built from source."""
    break_glass: Mapping[Name, BreakGlass] = Field(default_factory=dict)
    """Services whose present image is released past red alarms and freezes, and who answers for it."""

    @property
    def prefix(self) -> str:
        """`<app>-<env>`: the start of every physical name."""
        return f"{self.name}-{self.environment}"

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
        return tuple(dict.fromkeys((self.region, self.edge_region)))
