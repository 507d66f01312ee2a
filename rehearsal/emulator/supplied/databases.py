"""RDS: instances whose servers run on the data plane, replicas in other regions, and promotions as AWS does them."""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

from rehearsal.emulator.engines import databases
from rehearsal.emulator.supplied.shelf import given, missing, supply

Response = RDSResponse
_of_moto: dict[str, Any] = {}
_replica_of_moto: Any = RDSBackend.create_db_instance_read_replica


def _starting(operation: str) -> Any:  # noqa: ANN401  # a method
    def method(self: Response) -> ActionResult:
        source = given(self, "SourceDBInstanceIdentifier")
        try:
            if source:
                databases.look_for(source, self.region)
        except databases.Unreachable as error:
            raise missing(self, "InvalidDBInstanceState", str(error)) from error
        result: ActionResult = _of_moto[operation](self)
        database: Any = result.result["DBInstance"]  # type: ignore[index]
        if given(self, "MasterUserPassword"):
            setattr(database, databases.PASSWORD, given(self, "MasterUserPassword"))
        databases.start(database)
        return result

    return method


def create_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> Any:  # noqa: ANN401  # moto's
    """Have moto take the replica for one of this region before it looks for the subnet group that is named."""
    return _replica_of_moto(self, {"backend": self, **db_kwargs})


def promote_read_replica(self: Response) -> ActionResult:
    """Begin the promotion of a replica that is available."""
    database: Any = self.backend.describe_db_instances(given(self, "DBInstanceIdentifier"))[0]
    if not database.is_replica or database.status != "available":
        raise missing(self, "InvalidDBInstanceState", "A read replica that is available")
    retention = given(self, "BackupRetentionPeriod")
    if retention is not None:
        database.backup_retention_period = int(retention)
    window = given(self, "PreferredBackupWindow")
    if window:
        database.preferred_backup_window = window
    databases.promote(database)
    return ActionResult({"DBInstance": database})


def delete_db_instance(self: Response) -> ActionResult:
    """Let moto delete it, and end its server."""
    result: ActionResult = _of_moto["delete_db_instance"](self)
    databases.stop(result.result["DBInstance"])  # type: ignore[index]
    return result


def install() -> None:
    """Answer these operations from now on."""
    operations = ("create_db_instance", "create_db_instance_read_replica")
    for operation in (*operations, "delete_db_instance"):
        _of_moto[operation] = getattr(Response, operation)
    backend: Any = RDSBackend
    backend.create_db_instance_read_replica = create_replica
    supply(
        Response,
        promote_read_replica=promote_read_replica,
        delete_db_instance=delete_db_instance,
        **{operation: _starting(operation) for operation in operations},
    )
