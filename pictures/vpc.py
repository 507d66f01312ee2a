"""The VPC: three bands of subnets, with what stands in them."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from pictures.drawing import Canvas, Rectangle
from pictures.model import Architecture, Subnets
from pictures.stores import stores
from pictures.wires import Wires

GUTTER: Final = 136
"""Room on the left for the subnets' names."""
CLUSTER_WIDTH: Final = 530
LETTERS_PER_LINE: Final = 22
"""Of the endpoints' names, so that they fit their box in a wide font."""


class Vpc:
    """Places first, then boxes, then what connects them."""

    def __init__(self, canvas: Canvas, place: Rectangle, architecture: Architecture) -> None:
        self._canvas = canvas
        self._place = place
        self._architecture = architecture
        bands = place.inside(left=10, top=26, right=10)
        self._public = Rectangle(bands.x, bands.y, bands.width, 66)
        self._private = Rectangle(bands.x, self._public.bottom + 8, bands.width, 222)
        self._isolated = Rectangle(bands.x, self._private.bottom + 52, bands.width, 138)
        room = self._room(self._private)
        self.load_balancer = Rectangle(room.x, room.y, CLUSTER_WIDTH, 36)
        below = room.inside(top=self.load_balancer.height + 34)
        self._cluster = Rectangle(room.x, below.y, CLUSTER_WIDTH, below.height)
        self._endpoints = below.inside(left=CLUSTER_WIDTH + 34)
        self._nats = self._room(self._public).columns(len(architecture.network.nat_zones), gap=40)
        self.entry_x = self._nats[0].right + 20
        """Between the first two NAT gateways, where the way to the load balancer is free."""

    def draw(self) -> None:
        """Everything inside of the VPC."""
        network = self._architecture.network
        self._canvas.rectangle(self._place, "vpc")
        self._canvas.text(self._place.x + 14, self._place.y + 18, f"VPC {network.cidr}", "label")
        for band, subnets in zip((self._public, self._private, self._isolated), network.subnets, strict=True):
            self._band(band, subnets)
        for place, zone in zip(self._nats, network.nat_zones, strict=True):
            self._canvas.box(place, "gateway", "NAT gateway", [zone])
        scheme = self._architecture.load_balancer_scheme
        self._canvas.box(self.load_balancer, "balancer", f"Application Load Balancer, {scheme}")
        services = self._services()
        endpoints = wrap(", ".join(network.interface_endpoints), LETTERS_PER_LINE)
        endpoints += wrap(f"by route: {', '.join(network.gateway_endpoints)}", LETTERS_PER_LINE)
        self._canvas.box(self._endpoints, "endpoint", "Endpoints", endpoints)
        drawn = stores(self._canvas, self._room(self._isolated), self._architecture)
        wires = Wires(self._canvas, self._architecture.flows, services)
        wires.to_load_balancer(self.load_balancer)
        wires.to_stores(drawn, channel=(self._private.bottom, self._isolated.y))
        wires.to_all(self._cluster, endpoints=self._endpoints, internet=self._nats[-1])

    def _band(self, place: Rectangle, subnets: Subnets) -> None:
        self._canvas.rectangle(place, subnets.kind)
        self._canvas.text(place.x + 10, place.y + 18, f"{subnets.kind} subnets", "title")
        for number, (zone, cidr) in enumerate(subnets.cidrs):
            self._canvas.text(place.x + 10, place.y + 33 + 13 * number, f"{zone[-2:]}  {cidr}", "label")

    def _services(self) -> dict[str, Rectangle]:
        services = self._architecture.services
        self._canvas.rectangle(self._cluster, "cluster")
        places = self._cluster.inside(left=10, top=10, right=10, bottom=24).columns(len(services), gap=12)
        # Between the first two services, where no line goes down.
        middle = (places[0].right + places[1].x) / 2
        self._canvas.text(middle, self._cluster.bottom - 8, "ECS cluster on Fargate", "label", anchor="middle")
        for place, service in zip(places, services, strict=True):
            lines = [
                f"{service.vcpu:g} vCPU, {service.memory_gib:g} GiB",
                f"{service.storage_gib} GiB disk",
                f"{service.tasks} tasks, up to {service.most_tasks}",
                ", ".join(_short(route, self._architecture.edge.domain) for route in service.routes),
            ]
            self._canvas.box(place, "service", service.name, lines)
        return {service.name: place for place, service in zip(places, services, strict=True)}

    @staticmethod
    def _room(band: Rectangle) -> Rectangle:
        """What a band has for boxes."""
        return band.inside(left=GUTTER, top=10, right=12, bottom=10)


def _short(route: str, domain: str) -> str:
    """A host without the domain that all of them end in."""
    return route.removesuffix(f".{domain}")
