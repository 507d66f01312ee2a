"""The picture: the edge above, the region below it, the VPC in it."""

from __future__ import annotations

from typing import Final

from pictures.drawing import Canvas, Rectangle
from pictures.flows import CDN, LOAD_BALANCER
from pictures.model import Architecture, Edge, Regional
from pictures.standing_in import draw_stand_in
from pictures.vpc import Vpc

WIDTH: Final = 1000
HEIGHT: Final = 908

EDGE: Final = Rectangle(24, 92, 952, 116)
REGION: Final = Rectangle(24, 226, 952, 658)
VPC: Final = Rectangle(44, 256, 912, 522)
STAND_IN: Final = Rectangle(24, 902, 952, 116)
BELOW_VPC: Final = Rectangle(44, 792, 912, 74)


def draw(architecture: Architecture) -> str:
    """The picture as SVG."""
    height = HEIGHT if architecture.stand_in is None else HEIGHT + STAND_IN.bottom - REGION.bottom
    canvas = Canvas(width=WIDTH, height=int(height), title=_title(architecture), description=_description(architecture))
    canvas.rectangle(Rectangle(0.5, 0.5, WIDTH - 1, height - 1), "ground", radius=10)
    canvas.text(24, 36, architecture.name, "title name")
    canvas.rectangle(REGION, "region")
    canvas.text(REGION.x + 14, REGION.y + 20, f"region {architecture.region}", "label")
    vpc = Vpc(canvas, VPC, architecture)
    vpc.draw()
    _edge(canvas, architecture, entry=(vpc.entry_x, vpc.load_balancer.y))
    _regional(canvas, architecture.regional)
    if architecture.stand_in is not None:
        draw_stand_in(canvas, STAND_IN, architecture.stand_in)
    return canvas.svg()


def _title(architecture: Architecture) -> str:
    return f"Architecture of {architecture.name}"


def _description(architecture: Architecture) -> str:
    names = ", ".join(service.name for service in architecture.services)
    return (
        f"Users reach CloudFront, which reaches the load balancer of region {architecture.region}. Behind it run the "
        f"services {names} in private subnets of {len(architecture.network.zones)} zones. Database, cache, queue and "
        f"files lie in isolated subnets.{_stands_in(architecture)} Every arrow is a security-group rule or an origin of "
        "the synthesized templates."
    )


def _stands_in(architecture: Architecture) -> str:
    stand_in = architecture.stand_in
    return f" Region {stand_in.region} stands in, with {stand_in.tasks} tasks at the least." if stand_in else ""


def _edge(canvas: Canvas, architecture: Architecture, *, entry: tuple[float, float]) -> None:
    edge, (x, entry_y) = architecture.edge, entry
    row = EDGE.inside(left=20, top=30, right=20, bottom=26)
    cdn = Rectangle(x - 96, row.y, 192, row.height)
    left = Rectangle(row.x, row.y, cdn.x - row.x - 14, row.height)
    dns = Rectangle(left.x, left.y, 154, left.height)
    firewall = left.inside(left=dns.width + 10)
    right = Rectangle(cdn.right + 44, row.y, row.right - cdn.right - 44, row.height)
    bucket, certificate = right.columns(2, gap=14)
    canvas.rectangle(EDGE, "edge")
    canvas.text(EDGE.x + 14, EDGE.y + 20, f"edge, {edge.region}", "label")
    canvas.text(EDGE.right - 14, EDGE.bottom - 9, _beside_edge(architecture.edge_regional), "label", anchor="end")
    users = Rectangle(x - 48, 18, 96, 34)
    canvas.box(users, "users", "users", style="part")
    canvas.arrow([(x, users.bottom), (x, cdn.y)])
    canvas.text(x + 8, 74, "443", "label")
    canvas.box(dns, "dns", "Route 53", [edge.domain, ", ".join(edge.record_types)])
    canvas.box(firewall, "firewall", "WAF", [f"{edge.firewall_rules} rules"])
    canvas.box(cdn, "cdn", "CloudFront", [_protocols(edge), edge.tls])
    canvas.box(bucket, "bucket", f"S3 {edge.static_bucket}", edge.static_paths)
    canvas.box(certificate, "certificate", "Certificate", [edge.domain])
    canvas.arrow([(cdn.right, cdn.y + cdn.height / 2), (bucket.x, cdn.y + cdn.height / 2)])
    _origin(canvas, architecture, x, cdn.bottom, entry_y)


def _origin(canvas: Canvas, architecture: Architecture, x: float, start: float, end: float) -> None:
    """CloudFront's way to the load balancer."""
    for flow in architecture.flows:
        if (flow.source, flow.target) == (CDN, LOAD_BALANCER):
            canvas.arrow([(x, start), (x, end)])
            canvas.text(x + 8, REGION.y + 20, f"VPC origin, {flow.port}", "label")


def _protocols(edge: Edge) -> str:
    return edge.http_version.replace("http2and3", "HTTP/2 and HTTP/3")


def _beside_edge(regional: Regional) -> str:
    counts = [
        (len(regional.buckets), "bucket"),
        (regional.keys, "key"),
        (regional.alarms, "alarm"),
        (regional.topics, "topic"),
    ]
    return " · ".join(_count(number, noun) for number, noun in counts if number)


def _regional(canvas: Canvas, regional: Regional) -> None:
    """Services of the region that stand in no subnet."""
    watch = [(regional.alarms, "alarm"), (regional.dashboards, "dashboard"), (regional.log_groups, "log group")]
    boxes = [
        ("bucket", "S3", [", ".join(regional.buckets[at : at + 2]) for at in range(0, len(regional.buckets), 2)]),
        ("registry", "ECR", [_count(regional.registries, "repository")]),
        ("key", "KMS", [_count(regional.keys, "key")]),
        ("secret", "Secrets", [_count(regional.secrets, "secret")]),
        ("watch", "CloudWatch", [_count(number, noun) for number, noun in watch]),
        ("bell", "SNS", [_count(regional.topics, "topic")]),
    ]
    for place, (icon, title, lines) in zip(BELOW_VPC.columns(len(boxes), gap=10), boxes, strict=True):
        canvas.box(place, icon, title, lines)


def _count(number: int, noun: str) -> str:
    many = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{number} {noun if number == 1 else many}"
