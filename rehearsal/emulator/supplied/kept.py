"""What databases, services and clusters are given and moto would forget: kept, and shown when they are described."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.rds.responses import RDSResponse

from rehearsal.emulator.supplied.shelf import supply

DATABASE = (
    "DatabaseInsightsMode",
    "DedicatedLogVolume",
    "NetworkType",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
)
SERVICE = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "networkConfiguration",
    "propagateTags",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
)
# Where an answer has another name than the question.
RENAMED = {"EnablePerformanceInsights": "performance_insights_enabled"}

Method = Callable[[Any], ActionResult]


def _keeping(of_moto: Method, member: str, names: Sequence[str], renamed: Mapping[str, str]) -> Method:
    attributes = {name: camelcase_to_underscores(name) for name in names} | dict(renamed)

    def method(self: BaseResponse) -> ActionResult:
        result = of_moto(self)
        thing: Any = result.result[member]  # type: ignore[index]
        for name, attribute in attributes.items():
            value = self._get_param(name)
            if value is not None:
                setattr(thing, attribute, value)
        return result

    return method


def _log_exports_once(of_moto: Method) -> Method:
    """Return the modification of a database that does not list a log twice when it is exported already."""

    def method(self: RDSResponse) -> ActionResult:
        result = of_moto(self)
        instance: Any = result.result["DBInstance"]  # type: ignore[index]
        instance.enabled_cloudwatch_logs_exports = list(dict.fromkeys(instance.enabled_cloudwatch_logs_exports))
        return result

    return method


def install() -> None:
    """Keep these from now on."""
    rds: Any = RDSResponse
    for operation in ("create_db_instance", "create_db_instance_read_replica", "modify_db_instance"):
        supply(rds, **{operation: _keeping(getattr(rds, operation), "DBInstance", DATABASE, RENAMED)})
    supply(rds, modify_db_instance=_log_exports_once(rds.modify_db_instance))
    ecs: Any = EC2ContainerServiceResponse
    for operation in ("create_service", "update_service"):
        supply(ecs, **{operation: _keeping(getattr(ecs, operation), "service", SERVICE, {})})
