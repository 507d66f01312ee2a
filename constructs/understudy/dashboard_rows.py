"""What the dashboard shows of each part of an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spec import Deployment
from spec.data import Cache as CacheSpec
from understudy.cache import Cache
from understudy.cache_alarms import node_ids
from understudy.dashboard import Graph, Row
from understudy.database import Database
from understudy.metric import Metric
from understudy.region_guard_alarms import NAMESPACE
from understudy.service import Service
from understudy.service_metrics import running_tasks, target_metrics, usage

YEAR_DAYS: Final = 365


def edge_row(deployment: Deployment, load_balancer: str) -> Row:
    """Firewall and load balancer. Metrics of a firewall in front of a CDN are in us-east-1."""
    acl = {"WebACL": f"{deployment.prefix}-firewall", "Rule": "ALL"}
    if deployment.edge.entry == "load_balancer":
        acl["Region"] = deployment.region

    def requests(name: str, statistic: str = "Sum") -> Metric:
        return Metric("AWS/ApplicationELB", name, {"LoadBalancer": load_balancer}, statistic)

    return Row(
        "Edge",
        [
            Graph(
                "Firewall",
                {
                    "allowed": Metric("AWS/WAFV2", "AllowedRequests", acl, "Sum"),
                    "blocked": Metric("AWS/WAFV2", "BlockedRequests", acl, "Sum"),
                },
                "requests per minute",
                deployment.edge_region,
            ),
            Graph("Requests", {"requests": requests("RequestCount")}, "per minute"),
            Graph(
                "Errors",
                {
                    "by services": requests("HTTPCode_Target_5XX_Count"),
                    "by the load balancer": requests("HTTPCode_ELB_5XX_Count"),
                },
                "5xx per minute",
            ),
            Graph(
                "Response time",
                {"p50": requests("TargetResponseTime", "p50"), "p95": requests("TargetResponseTime", "p95")},
                "seconds",
            ),
        ],
    )


def services_row(deployment: Deployment, services: Mapping[str, Service]) -> Row:
    """Each service as a line."""
    response_times = {
        key.replace("_", " "): metric
        for name, service in services.items()
        for key, metric in target_metrics(service, name, "TargetResponseTime", "p95").items()
    }
    graphs = [
        Graph("CPU", {name: usage(service, "CPUUtilization") for name, service in services.items()}, "%"),
        Graph("Memory", {name: usage(service, "MemoryUtilization") for name, service in services.items()}, "%"),
        Graph("Tasks", {name: running_tasks(deployment, service) for name, service in services.items()}),
        Graph("Response time, p95", response_times, "seconds"),
    ]
    return Row("Services", graphs)


def database_row(database: Database) -> Row:
    """The primary and its replicas."""
    instances = {"primary": database.identifier}
    instances |= {f"replica {number}": name for number, name in enumerate(database.replica_identifiers, start=1)}

    def each(metric: str, statistic: str = "Average") -> dict[str, Metric]:
        return {
            label: Metric("AWS/RDS", metric, {"DBInstanceIdentifier": name}, statistic)
            for label, name in instances.items()
        }

    return Row(
        "Database",
        [
            Graph("CPU", each("CPUUtilization"), "%"),
            Graph("Connections", each("DatabaseConnections")),
            Graph("Free memory", each("FreeableMemory"), "bytes"),
            Graph("Free storage", each("FreeStorageSpace"), "bytes"),
        ],
    )


def cache_row(cache: Cache, settings: CacheSpec) -> Row:
    """Each node as a line."""
    nodes = node_ids(cache.replication_group_id, settings)

    def each(metric: str, statistic: str = "Average") -> dict[str, Metric]:
        return {node: Metric("AWS/ElastiCache", metric, {"CacheClusterId": node}, statistic) for node in nodes}

    return Row(
        "Cache",
        [
            Graph("CPU", each("EngineCPUUtilization"), "%"),
            Graph("Memory", each("DatabaseMemoryUsagePercentage"), "%"),
            Graph("Evictions", each("Evictions", "Sum"), "per minute"),
        ],
    )


def queue_row(broker_name: str) -> Row:
    """The broker as a whole."""

    def metrics(**names: str) -> dict[str, Metric]:
        return {label: Metric("AWS/AmazonMQ", name, {"Broker": broker_name}) for label, name in names.items()}

    return Row(
        "Queue",
        [
            Graph("Messages", metrics(waiting="MessageReadyCount", unacknowledged="MessageUnacknowledgedCount")),
            Graph("Rates", metrics(published="PublishRate", acknowledged="AckRate"), "per second"),
            Graph("CPU", metrics(cpu="SystemCpuUtilization"), "%"),
        ],
    )


def drills_row(deployment: Deployment) -> Row:
    """What drills have shown, beside what is promised: one dot for each, so over months."""

    def metric(name: str, statistic: str = "Maximum") -> Metric:
        return Metric(NAMESPACE, name, {"Environment": deployment.prefix}, statistic)

    rto, rpo = deployment.objectives.rto_minutes, deployment.objectives.rpo_minutes
    return Row(
        "Drills of a failover",
        [
            Graph(
                "Recovery time",
                {"recovery": metric("DrillRecoverySeconds"), "of it promotion": metric("DrillPromotionSeconds")},
                "seconds",
                days=YEAR_DAYS,
                limit=rto and 60 * rto,
            ),
            Graph(
                "Writes lost",
                {"at most": metric("DrillLostSeconds")},
                "seconds",
                days=YEAR_DAYS,
                limit=rpo and 60 * rpo,
            ),
            Graph("Since the last drill", {"days": metric("DrillAgeDays")}, "days", days=YEAR_DAYS),
        ],
    )
