"""Arrows between boxes: one for each flow that the templates allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pictures.drawing import Canvas, Rectangle
from pictures.flows import ENDPOINTS, INTERNET, LOAD_BALANCER
from pictures.model import Flow
from pictures.style import FLOW_COLOURS

LANE: Final = 11
"""Between the lines of two services that run side by side."""


class Wires:
    """Draws flows from and to services, each service in a colour of its own."""

    def __init__(self, canvas: Canvas, flows: Sequence[Flow], services: Mapping[str, Rectangle]) -> None:
        self._canvas = canvas
        self._flows = flows
        self._services = services
        self._colours = {name: number % FLOW_COLOURS for number, name in enumerate(services)}

    def to_load_balancer(self, load_balancer: Rectangle) -> None:
        """Between the load balancer and the services below it, both ways."""
        for flow in self._flows:
            if flow.source == LOAD_BALANCER and flow.target in self._services:
                place = self._services[flow.target]
                x = place.middle - 26
                self._canvas.arrow([(x, load_balancer.bottom), (x, place.y)])
                self._canvas.text(x - 5, load_balancer.bottom + 20, str(flow.port), "label", anchor="end")
            if flow.target == LOAD_BALANCER and flow.source in self._services:
                place = self._services[flow.source]
                x = place.middle + 26
                self._canvas.arrow([(x, place.y), (x, load_balancer.bottom)], colour=self._colours[flow.source])
                self._canvas.text(x + 6, load_balancer.bottom + 20, str(flow.port), "label")

    def to_stores(self, stores: Mapping[str, Rectangle], *, channel: tuple[float, float]) -> None:
        """Down from the services, along a lane for each, and down into the stores."""
        top = (channel[0] + channel[1] - LANE * (len(self._services) - 1)) / 2 - 4
        lanes = {name: top + LANE * number for number, name in enumerate(self._services)}
        for name, place in self._services.items():
            targets = [flow for flow in self._flows if flow.source == name and flow.target in stores]
            for flow in targets:
                x, store = self._entry(flow, stores), stores[flow.target]
                points = [(place.middle, place.bottom), (place.middle, lanes[name]), (x, lanes[name]), (x, store.y)]
                self._canvas.arrow(points, colour=self._colours[name])
        for target, store in stores.items():
            flows = [flow for flow in self._flows if flow.target == target and flow.source in self._services]
            if flows:
                last = max(self._entry(flow, stores) for flow in flows)
                ports = sorted({flow.port for flow in flows})
                self._canvas.text(last + 6, store.y - 4, ", ".join(map(str, ports)), "label")

    def to_all(self, cluster: Rectangle, *, endpoints: Rectangle, internet: Rectangle) -> None:
        """What every service may reach is one arrow from the cluster around them."""
        for flow in self._flows:
            everybody = {each.source for each in self._flows if (each.target, each.port) == (flow.target, flow.port)}
            if flow.source != min(self._services) or not everybody >= set(self._services):
                continue
            middle = cluster.y + cluster.height / 2
            if flow.target == ENDPOINTS:
                self._canvas.arrow([(cluster.right, middle), (endpoints.x, middle)])
                self._canvas.text(cluster.right + 8, middle - 5, str(flow.port), "label")
            if flow.target == INTERNET:
                x, y = cluster.right + 17, cluster.y + 16
                self._canvas.arrow([(cluster.right, y), (x, y), (x, internet.bottom)])
                self._canvas.text(x + 8, internet.bottom + 44, f"internet, {flow.port}", "label")

    def _entry(self, flow: Flow, stores: Mapping[str, Rectangle]) -> float:
        """Where the flow enters its store: side by side, in the order of the services."""
        store = stores[flow.target]
        sources = [
            name for name in self._services if any((f.source, f.target) == (name, flow.target) for f in self._flows)
        ]
        return store.x + store.width * (sources.index(flow.source) + 1) / (len(sources) + 1)
