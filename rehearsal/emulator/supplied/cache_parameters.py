"""ElastiCache: parameter groups, and changes to subnet groups."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse

from rehearsal.emulator.supplied.shelf import given, missing, shelf, supply


def create_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Keep a parameter group."""
    asked = self._get_params()
    name = asked["CacheParameterGroupName"]
    group = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": asked["CacheParameterGroupFamily"],
        "Description": asked["Description"],
        "IsGlobal": False,
        "ARN": f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}",
    }
    shelf(self, "parameter groups")[name] = {"group": group, "parameters": {}}
    return ActionResult({"CacheParameterGroup": group})


def _parameter_group(response: ElastiCacheResponse) -> dict[str, Any]:
    name = given(response, "CacheParameterGroupName")
    groups = shelf(response, "parameter groups")
    if name not in groups:
        raise missing(response, "CacheParameterGroupNotFound", name)
    return groups[name]


def describe_cache_parameter_groups(self: ElastiCacheResponse) -> ActionResult:
    """Return parameter groups."""
    if self._get_param("CacheParameterGroupName"):
        return ActionResult({"CacheParameterGroups": [_parameter_group(self)["group"]]})
    kept = shelf(self, "parameter groups").values()
    return ActionResult({"CacheParameterGroups": [one["group"] for one in kept]})


def modify_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Change parameters of a group."""
    group = _parameter_group(self)
    changes = self._get_param("ParameterNameValues", [])
    group["parameters"].update({change["ParameterName"]: change["ParameterValue"] for change in changes})
    return ActionResult({"CacheParameterGroupName": group["group"]["CacheParameterGroupName"]})


def describe_cache_parameters(self: ElastiCacheResponse) -> ActionResult:
    """Return the parameters that were set; the engine's own defaults are not known here."""
    parameters = _parameter_group(self)["parameters"].items()
    rows = [{"ParameterName": name, "ParameterValue": value, "Source": "user"} for name, value in parameters]
    return ActionResult({"Parameters": rows})


def delete_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Drop a parameter group."""
    _parameter_group(self)
    del shelf(self, "parameter groups")[self._get_param("CacheParameterGroupName")]
    return ActionResult({})


def modify_cache_subnet_group(self: ElastiCacheResponse) -> ActionResult:
    """Change a subnet group's subnets or description."""
    group = self.elasticache_backend.describe_cache_subnet_groups(self._get_param("CacheSubnetGroupName"))[0]
    if self._get_param("CacheSubnetGroupDescription"):
        group.cache_subnet_group_description = self._get_param("CacheSubnetGroupDescription")
    if self._get_param("SubnetIds"):
        group.subnet_ids = self._get_param("SubnetIds")
    return ActionResult({"CacheSubnetGroup": group})


def delete_cache_subnet_group(self: ElastiCacheResponse) -> ActionResult:
    """Drop a subnet group."""
    groups = self.elasticache_backend.cache_subnet_groups
    if groups.pop(self._get_param("CacheSubnetGroupName"), None) is None:
        raise missing(self, "CacheSubnetGroupNotFoundFault", self._get_param("CacheSubnetGroupName"))
    return ActionResult({})


def install() -> None:
    """Answer these operations from now on."""
    supply(
        ElastiCacheResponse,
        create_cache_parameter_group=create_cache_parameter_group,
        describe_cache_parameter_groups=describe_cache_parameter_groups,
        modify_cache_parameter_group=modify_cache_parameter_group,
        describe_cache_parameters=describe_cache_parameters,
        delete_cache_parameter_group=delete_cache_parameter_group,
        modify_cache_subnet_group=modify_cache_subnet_group,
        delete_cache_subnet_group=delete_cache_subnet_group,
    )
