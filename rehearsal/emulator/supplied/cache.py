"""ElastiCache: replication groups that can be changed, with the clusters of their members."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.elasticache.responses import ElastiCacheResponse

from rehearsal.emulator.supplied.shelf import supply
from rehearsal.emulator.values import Json

GIVEN_TO_MEMBERS = (
    "CacheNodeType",
    "CacheParameterGroupName",
    "EngineVersion",
    "PreferredMaintenanceWindow",
    "SecurityGroupIds",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
)


_create_of_moto = ElastiCacheResponse.create_replication_group


def create_replication_group(self: ElastiCacheResponse) -> ActionResult:
    """Let moto make the group, then the clusters of its members, in zones of the region that it is in."""
    result = _create_of_moto(self)
    group: Any = result.result["ReplicationGroup"]  # type: ignore[index]
    # moto is always in us-east-1 here, in addresses too.
    short = "".join(part[0] for part in self.region.split("-")[1:])
    addresses = json.dumps([group.node_groups, getattr(group, "configuration_endpoint", {})])
    addresses = addresses.replace(".use1.cache", f".{self.region[:2]}{short}.cache")
    group.node_groups, group.configuration_endpoint = json.loads(addresses)
    for node_group in group.node_groups:
        for index, node in enumerate(node_group["node_group_members"]):
            if node["preferred_availability_zone"].startswith("us-east-1"):
                node["preferred_availability_zone"] = f"{self.region}{'ab'[index % 2]}"
            _add_member(self, self._get_params(), group, node)
    return result


def _add_member(response: ElastiCacheResponse, parameters: dict[str, Any], group: Json, node: dict[str, Any]) -> None:
    asked = {camelcase_to_underscores(name): value for name, value in parameters.items()}
    backend: Json = response.elasticache_backend
    wanted = backend.create_cache_cluster.__code__.co_varnames[1 : backend.create_cache_cluster.__code__.co_argcount]
    arguments = {name: asked.get(name) for name in wanted}
    arguments.update(
        cache_cluster_id=node["cache_cluster_id"],
        replication_group_id=group.replication_group_id,
        preferred_availability_zone=node["preferred_availability_zone"],
        num_cache_nodes=1,
        cache_node_type=group.cache_node_type,
        engine=group.engine,
        tags=[],
    )
    cluster: Any = backend.create_cache_cluster(**arguments)
    _show_security_groups(cluster)


def _show_security_groups(cluster: Json) -> None:
    groups = cluster.security_group_ids or []
    cluster.security_groups = [{"SecurityGroupId": group, "Status": "active"} for group in groups]


def modify_replication_group(self: ElastiCacheResponse) -> ActionResult:
    """Change a group and the clusters of its members."""
    backend = self.elasticache_backend
    group: Any = backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    asked = self._get_params()
    group.description = asked.get("ReplicationGroupDescription", group.description)
    for name, attribute in (("AutomaticFailoverEnabled", "automatic_failover"), ("MultiAZEnabled", "multi_az")):
        if name in asked:
            setattr(group, attribute, "enabled" if asked[name] else "disabled")
    removed = asked.get("UserGroupIdsToRemove", [])
    kept = [name for name in group.user_group_ids if name not in removed]
    group.user_group_ids = kept + [name for name in asked.get("UserGroupIdsToAdd", []) if name not in kept]
    changes = {camelcase_to_underscores(name): asked[name] for name in GIVEN_TO_MEMBERS if name in asked}
    members = [backend.cache_clusters[name] for name in group.member_clusters if name in backend.cache_clusters]
    for target in (group, *members):
        for attribute, value in changes.items():
            setattr(target, attribute, value)
    for member in members:
        _show_security_groups(member)
    if "LogDeliveryConfigurations" in asked:
        group.log_delivery_configurations = [{**one, "status": "active"} for one in asked["LogDeliveryConfigurations"]]
    return ActionResult({"ReplicationGroup": group})


def delete_replication_group(self: ElastiCacheResponse) -> ActionResult:
    """Drop a group and its clusters at once; moto would leave it deleting for ever."""
    backend = self.elasticache_backend
    group: Any = backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    for name in group.member_clusters:
        backend.cache_clusters.pop(name, None)
    del backend.replication_groups[group.replication_group_id]
    group.status = "deleting"
    return ActionResult({"ReplicationGroup": group})


def install() -> None:
    """Answer these operations from now on."""
    supply(
        ElastiCacheResponse,
        create_replication_group=create_replication_group,
        modify_replication_group=modify_replication_group,
        delete_replication_group=delete_replication_group,
    )
