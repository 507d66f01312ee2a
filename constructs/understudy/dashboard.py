"""One page on which an environment can be seen at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy.metric import Metric

WIDTH: Final = 24
"""Columns of a dashboard."""
HEIGHT: Final = 6
DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph; `metrics` by the name that stands beside the line."""

    title: str
    metrics: dict[str, Metric]
    unit: str = ""
    region: str | None = None
    """Where the metrics are; default: the dashboard's own region."""
    days: int | None = None
    """Of its own, for what happens rarely; default: as the dashboard, whatever is looked at."""
    limit: float | None = None
    """What is promised, as a line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and the graphs below it, side by side."""

    title: str
    graphs: Sequence[Graph]


class Dashboard(Construct):
    """`<prefix>`: rows from the edge inwards, then every alarm with its state."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, rows: Sequence[Row], alarm_arns: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        region = stack.region
        widgets: list[dict[str, Any]] = []
        y = 0
        for row in rows:
            widgets.append(_widget("text", 0, y, WIDTH, 1, {"markdown": f"## {row.title}"}))
            width = WIDTH // len(row.graphs)
            widgets += [
                _widget("metric", index * width, y + 1, width, HEIGHT, _graph(graph, region))
                for index, graph in enumerate(row.graphs)
            ]
            y += 1 + HEIGHT
        widgets.append(_widget("alarm", 0, y, WIDTH, HEIGHT, {"title": "Alarms", "alarms": list(alarm_arns)}))
        cloudwatch.CfnDashboard(
            self,
            "Resource",
            dashboard_name=name,
            dashboard_body=stack.to_json_string({"start": "-PT3H", "widgets": widgets}),
        )


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def _graph(graph: Graph, region: str) -> dict[str, Any]:
    own = {"start": f"-P{graph.days}D"} if graph.days else {}
    promised = {"horizontal": [{"label": "promised", "value": graph.limit}]} if graph.limit is not None else None
    return {
        "title": graph.title,
        "region": graph.region or region,
        "view": "timeSeries",
        # Of a year, days: CloudWatch keeps minutes for two weeks, and hours for 15 months (User Guide, metrics retention).
        "period": DAY_SECONDS if graph.days else 60,
        "yAxis": {"left": {"min": 0, "label": graph.unit, "showUnits": False}},
        "metrics": [
            [
                metric.namespace,
                metric.name,
                *[part for dimension in metric.dimensions.items() for part in dimension],
                {"label": label, "stat": metric.statistic},
            ]
            for label, metric in graph.metrics.items()
        ],
        **own,
        **({"annotations": promised} if promised else {}),
    }
