"""What lets one site take over from the other: the table, the guard of who may write, the failover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from spec.assessment import Term
from spec.services import Service
from stacks.backends import backends
from stacks.data import DataStack
from stacks.network import NetworkStack
from stacks.security import SecurityStack
from stacks.settings import StackSettings
from stacks.storage import StorageStack
from understudy.drills import Drills
from understudy.failover import Failover
from understudy.failover_permissions import FailoverSettings
from understudy.python_handler import HandlerSettings
from understudy.recovery_table import RecoveryTable
from understudy.region_guard import GuardedDatabase, RegionGuard
from understudy.release_permissions import Place
from understudy.stack_hook import StackHook


class RecoveryStack(Stack):
    """Of one site. Reads nothing of the other's: what it has to know of it, it knows by name."""

    table: RecoveryTable
    guard: RegionGuard
    hook: StackHook
    failover: Failover
    drills: Drills | None = None
    """None where there is no database, or no backup of it that a copy could be made from."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        security: SecurityStack,
        network: NetworkStack,
        storage: StorageStack,
        data: DataStack,
        active: Mapping[str, Service],
        terms: Sequence[Term],
        hooked: Sequence[str],
        **settings: Unpack[StackSettings],
    ) -> None:
        """`active`: the services with the numbers of the active site. `terms`: of the time until something has taken over; none
        where nothing would. `hooked`: names of the stacks that are not deployed against the lease.
        """
        super().__init__(scope, construct_id, **settings)
        keys = security.keys
        guarded = _guarded(security, network, data)
        self.table = RecoveryTable(
            self, "Table", prefix=deployment.prefix, key=keys.data, protection=deployment.protection
        )
        self.handlers = HandlerSettings.of(self, deployment, logs_key=keys.logs, topic_arn=security.topic.arn)
        self.guard = RegionGuard(
            self,
            "Guard",
            deployment=deployment,
            handlers=self.handlers,
            table=self.table,
            guarded=guarded,
        )
        self.hook = StackHook(
            self,
            "StackHook",
            deployment=deployment,
            handlers=self.handlers,
            table=self.table,
            stack_names=hooked,
        )
        records = storage.buckets.records
        if records is None:
            raise ValueError("a site of an environment with a stand-in has a bucket for records")
        failover = FailoverSettings(
            deployment=deployment,
            place=Place.of(self, deployment.prefix),
            handlers=self.handlers,
            table=self.table,
            topic_arn=security.topic.arn,
            records=records,
            guarded=guarded,
            files=storage.files,
        )
        self.failover = Failover(self, "Failover", settings=failover, active=active)
        groups = network.security_groups
        if guarded is not None and groups.drilled is not None and groups.drill is not None:
            self.drills = Drills(
                self,
                "Drills",
                failover=failover,
                guarded=guarded,
                backends=backends(storage, data),
                copy_group=groups.drilled,
                task_group=groups.drill,
                terms=terms,
            )


def _guarded(security: SecurityStack, network: NetworkStack, data: DataStack) -> GuardedDatabase | None:
    group = network.security_groups.recovery
    if data.database is None or group is None:
        return None
    return GuardedDatabase(
        database=data.database,
        secrets_key=security.keys.secrets,
        subnet_ids=[subnet.subnet_id for subnet in network.vpc.private_subnets],
        security_group_id=group.security_group_id,
    )
