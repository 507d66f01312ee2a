"""Alarms of the environment's region, and the dashboard."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from constructs import Construct

from spec import Deployment
from stacks.data import DataStack
from stacks.services import ServicesStack
from stacks.settings import StackSettings
from understudy.alarm import Alarm
from understudy.alarms import Alarms
from understudy.cache_alarms import cache_alarms
from understudy.certificate_alarm import certificate_alarm
from understudy.dashboard import Dashboard, Row
from understudy.dashboard_rows import cache_row, database_row, drills_row, edge_row, queue_row, services_row
from understudy.database_alarms import database_alarms, slow_query_metric
from understudy.queue_alarms import queue_alarms
from understudy.service_alarms import load_balancer_alarms, service_alarms


class ObservabilityStack(Stack):
    """Who hears what about the environment. What only us-east-1 can watch stands in the edge stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        topic_arn: str,
        data: DataStack,
        services: ServicesStack,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        self._deployment = deployment
        alarms = Alarms(self, "Alarms", prefix=deployment.prefix, topic_arn=topic_arn)
        arns = alarms.add([*self._services(services), *self._data(data)])
        Dashboard(
            self,
            "Dashboard",
            # Dashboards are of an account, not of a region.
            name=deployment.site_prefix,
            rows=self._rows(data, services),
            alarm_arns=arns,
        )

    def _services(self, services: ServicesStack) -> list[Alarm]:
        deployment = self._deployment
        certificate = services.certificate.ref
        return [
            certificate_alarm("load-balancer", certificate, deployment.monitoring.alarms.certificate_days),
            *load_balancer_alarms(deployment, services.load_balancer.full_name),
            *[
                alarm
                for name, service in services.services.items()
                if deployment.released(name)
                for alarm in service_alarms(deployment, service)
            ],
        ]

    def _data(self, data: DataStack) -> list[Alarm]:
        deployment = self._deployment
        limits = deployment.monitoring.alarms
        alarms: list[Alarm] = []
        if data.database is not None and deployment.database is not None:
            slow = slow_query_metric(self, "SlowQueries", prefix=deployment.prefix, identifier=data.database.identifier)
            alarms += database_alarms(data.database, deployment.database, limits, slow)
        if data.cache is not None and deployment.cache is not None:
            alarms += cache_alarms(data.cache, deployment.cache, limits)
        if data.queue is not None:
            alarms += queue_alarms(data.queue.broker_name, limits)
        return alarms

    def _rows(self, data: DataStack, services: ServicesStack) -> list[Row]:
        deployment = self._deployment
        rows = [
            edge_row(deployment, services.load_balancer.full_name),
            services_row(deployment, services.services),
        ]
        if data.database is not None:
            rows.append(database_row(data.database))
        if data.cache is not None and deployment.cache is not None:
            rows.append(cache_row(data.cache, deployment.cache))
        if data.queue is not None:
            rows.append(queue_row(data.queue.broker_name))
        if deployment.drilled and deployment.following and not deployment.active:
            rows.append(drills_row(deployment))
        return rows
