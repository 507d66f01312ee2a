"""Names for database and cache: AWS gives them when they are created, so certificates can be made no earlier."""

from __future__ import annotations

from rehearsal.deployment import Progress
from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.emulator.apis import Apis
from rehearsal.release.stage import Stage
from rehearsal.toolkit import PLACEHOLDER_ACCOUNT
from spec import Deployment


class Certifying:
    """Tells on, and gives database and cache their names as soon as they have some: before a service asks for them."""

    def __init__(self, progress: Progress, stage: Stage, emulator: EmbeddedAws, wanted: Deployment) -> None:
        self.say, self.stage = progress.say, progress.stage
        self._progress, self._stage, self._wanted = progress, stage, wanted
        self._apis = Apis(endpoint=emulator.endpoint, account=PLACEHOLDER_ACCOUNT, region=wanted.region)

    def stack(self, name: str, state: str) -> None:
        """A stack is on its way."""
        if name == f"{self._wanted.prefix}-services" and state == "deploying":
            self._stage.certify(self._names())
        self._progress.stack(name, state)

    def _names(self) -> list[str]:
        databases = self._apis.call("rds", "describe_db_instances", {})["DBInstances"]
        caches = self._apis.call("elasticache", "describe_replication_groups", {})["ReplicationGroups"]
        return [
            *(database["Endpoint"]["Address"] for database in databases),
            *(cache["ConfigurationEndpoint"]["Address"] for cache in caches if "ConfigurationEndpoint" in cache),
            *(
                group["PrimaryEndpoint"]["Address"]
                for cache in caches
                for group in cache.get("NodeGroups", [])
                if "PrimaryEndpoint" in group
            ),
        ]
