"""What is watched about the cache's nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from spec.data import Cache as CacheSpec
from spec.monitoring import Alarms
from spec.tables.instances import CACHE
from understudy.alarm import Alarm
from understudy.cache import Cache
from understudy.metric import Metric

METRICS_PER_ALARM: Final = 10
"""Of one expression (CloudWatch User Guide, creating an alarm on a metric math expression)."""
BYTES_PER_GBIT_MINUTE: Final = 1e9 / 8 * 60


def node_ids(replication_group_id: str, settings: CacheSpec) -> list[str]:
    """Names that ElastiCache gives the nodes in cluster mode: `<group>-<shard>-<node>`."""
    return [
        f"{replication_group_id}-{shard:04d}-{node:03d}"
        for shard in range(1, settings.shards + 1)
        for node in range(1, settings.replicas_per_shard + 2)
    ]


def cache_alarms(cache: Cache, settings: CacheSpec, limits: Alarms) -> list[Alarm]:
    """One alarm of each kind for as many nodes as an alarm can take: the worst of them counts."""
    nodes = node_ids(cache.replication_group_id, settings)
    alarms: list[Alarm] = []
    for subject, group in _groups("cache", nodes, METRICS_PER_ALARM):
        alarms += _usage(subject, group, limits)
        alarms.append(_down(subject, group, limits))
    size = CACHE.get(settings.node_type)
    if size is not None:
        for subject, group in _groups("cache", nodes, METRICS_PER_ALARM // 2):
            alarms.append(_network(subject, group, size.baseline_gbps, limits))
    return alarms


def _usage(subject: str, nodes: Sequence[str], limits: Alarms) -> list[Alarm]:
    return [
        Alarm(
            subject=subject,
            what="cpu",
            severity="critical",
            meaning=f"A node of the cache uses more than {limits.cpu_percent:g} % of the CPU that Redis runs on.",
            look_first="the slow log for expensive commands; then whether one shard has the hot keys.",
            comparison="above",
            threshold=limits.cpu_percent,
            value=_of_all("MAX", nodes),
            metrics=_metrics("EngineCPUUtilization", nodes),
            periods=limits.minutes,
        ),
        Alarm(
            subject=subject,
            what="memory",
            severity="critical",
            meaning=f"A node of the cache has filled more than {limits.memory_percent:g} % of its memory.",
            look_first="keys without an expiry; then another shard or a larger node.",
            comparison="above",
            threshold=limits.memory_percent,
            value=_of_all("MAX", nodes),
            metrics=_metrics("DatabaseMemoryUsagePercentage", nodes),
            periods=limits.minutes,
        ),
        Alarm(
            subject=subject,
            what="evictions",
            severity="warning",
            meaning=f"In each of {limits.minutes} minutes a node of the cache dropped keys to make room.",
            look_first="memory of the nodes: sessions may be among what is dropped.",
            comparison="above",
            threshold=0,
            value=_of_all("MAX", nodes),
            metrics=_metrics("Evictions", nodes, "Sum"),
            periods=limits.minutes,
        ),
    ]


def _down(subject: str, nodes: Sequence[str], limits: Alarms) -> Alarm:
    """One minute more than the spec asks: nodes report at different moments, and a minute is complete after the next."""
    return Alarm(
        subject=subject,
        what="down",
        severity="critical",
        meaning="A node of the cache does not report: it is down, or being replaced.",
        look_first="the replication group's events; a replica takes over within a minute.",
        comparison="below",
        threshold=len(nodes),
        value=_of_all("SUM", nodes),
        metrics=_metrics("EngineCPUUtilization", nodes, "SampleCount"),
        periods=limits.down_minutes + 1,
        missing="breaching",
    )


def _network(subject: str, nodes: Sequence[str], gbps: float, limits: Alarms) -> Alarm:
    received = _metrics("NetworkBytesIn", nodes, "Sum", "received")
    sent = _metrics("NetworkBytesOut", nodes, "Sum", "sent")
    return Alarm(
        subject=subject,
        what="network",
        severity="warning",
        meaning=f"A node of the cache sends or receives more than {limits.network_percent:g} % of the {gbps:g} Gbit/s "
        "that it has all the time.",
        look_first="large values, and whether one shard has the hot keys.",
        comparison="above",
        threshold=gbps * BYTES_PER_GBIT_MINUTE * limits.network_percent / 100,
        value=f"MAX([{', '.join([*received, *sent])}])",
        metrics={**received, **sent},
        periods=limits.minutes,
    )


def _groups(subject: str, nodes: Sequence[str], size: int) -> Iterator[tuple[str, Sequence[str]]]:
    """As few groups as possible; the first is `cache`, further ones `cache-2`, `cache-3`."""
    for index in range(0, len(nodes), size):
        yield (subject if index == 0 else f"{subject}-{index // size + 1}"), nodes[index : index + size]


def _metrics(name: str, nodes: Sequence[str], statistic: str = "Average", start: str = "node") -> dict[str, Metric]:
    return {
        f"{start}{index}": Metric("AWS/ElastiCache", name, {"CacheClusterId": node}, statistic)
        for index, node in enumerate(nodes)
    }


def _of_all(function: str, nodes: Sequence[str]) -> str:
    return f"{function}([{', '.join(f'node{index}' for index in range(len(nodes)))}])"
