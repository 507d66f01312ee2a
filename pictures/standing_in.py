"""What waits in another region, in a line of boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pictures.drawing import Canvas, Rectangle
from pictures.model import StandIn
from pictures.templates import Templates

CLUSTER_NODES: Final = 3
"""A RabbitMQ cluster deployment is three brokers (Amazon MQ Developer Guide, cluster deployment)."""


def read_stand_in(templates: Templates) -> StandIn:
    """From the templates of the stand-in and of the witness."""
    load_balancers = templates.of("AWS::ElasticLoadBalancingV2::LoadBalancer")
    region = templates.region_of(load_balancers[0])
    instances = [each.properties for each in templates.of("AWS::RDS::DBInstance")]
    sources = [each["SourceDBInstanceIdentifier"] for each in instances if "SourceDBInstanceIdentifier" in each]
    caches = [each.properties for each in templates.of("AWS::ElastiCache::ReplicationGroup")]
    tables = {templates.region_of(each) for each in templates.of("AWS::DynamoDB::Table")}
    return StandIn(
        region=region,
        tasks=sum(
            each.properties["MinCapacity"] for each in templates.of("AWS::ApplicationAutoScaling::ScalableTarget")
        ),
        load_balancers=len(load_balancers),
        database=tuple(each["DBInstanceClass"] for each in instances),
        replicates=next((source.split(":")[3] for source in sources if str(source).startswith("arn:")), None),
        cache_nodes=sum(each["NumNodeGroups"] * (1 + each["ReplicasPerNodeGroup"]) for each in caches),
        broker_nodes=sum(broker_nodes(each.properties) for each in templates.of("AWS::AmazonMQ::Broker")),
        buckets=len([each for each in templates.of("AWS::S3::Bucket") if templates.region_of(each) == region]),
        witness_region=next(iter(tables - {region}), None),
    )


def broker_nodes(broker: Mapping[str, Any]) -> int:
    """Of a broker's properties."""
    return CLUSTER_NODES if broker["DeploymentMode"] == "CLUSTER_MULTI_AZ" else 1


def draw_stand_in(canvas: Canvas, place: Rectangle, stand_in: StandIn) -> None:
    """What waits, and where the witness is."""
    canvas.rectangle(place, "region")
    canvas.text(place.x + 14, place.y + 20, f"region {stand_in.region}, stands in", "label")
    if stand_in.witness_region:
        witness = f"the lease has a witness in {stand_in.witness_region}"
        canvas.text(place.right - 14, place.y + 20, witness, "label", anchor="end")
    follows = [f"replica of {stand_in.replicates}'s"] if stand_in.replicates else []
    boxes = [
        ("balancer", "Load balancer", [f"{stand_in.load_balancers}, private"]),
        ("service", "Services", [f"{stand_in.tasks} tasks or more"]),
        ("database", "Database", [*stand_in.database[:1], *follows]),
        ("cache", "Cache", [f"{stand_in.cache_nodes} nodes"]),
        ("queue", "Queue", [f"{stand_in.broker_nodes} nodes"]),
        ("bucket", "S3", [f"{stand_in.buckets} buckets"]),
    ]
    row = place.inside(left=20, top=30, right=20, bottom=18)
    for column, (icon, title, lines) in zip(row.columns(len(boxes), gap=10), boxes, strict=True):
        canvas.box(column, icon, title, lines)
