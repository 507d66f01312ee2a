"""What keeps data, in the isolated subnets."""

from __future__ import annotations

from typing import Final

from pictures.drawing import Canvas, Rectangle
from pictures.model import Architecture

SHARES: Final = {"database": 0.36, "cache": 0.27, "queue": 0.22, "files": 0.15}
"""How much of the width each gets: about as much as it has to show."""
GAP: Final = 12


def stores(canvas: Canvas, place: Rectangle, architecture: Architecture) -> dict[str, Rectangle]:
    """Draw database, cache, queue and files; answer where they are."""
    places = _places(place)
    database, cache, broker, files = architecture.database, architecture.cache, architecture.broker, architecture.files
    sizes = f"{database.storage_gib} GiB, up to {database.most_storage_gib}"
    canvas.box(places["database"], "database", database.engine, [f"{database.servers[0].instance_class}, {sizes}"])
    _parts(canvas, places["database"], [server.role for server in database.servers])
    canvas.box(places["cache"], "cache", cache.engine, [cache.node_type])
    _parts(
        canvas,
        places["cache"],
        [f"shard {number + 1}" for number in range(cache.shards)],
        f"1 + {cache.replicas_per_shard}",
    )
    canvas.box(places["queue"], "queue", broker.engine, [broker.instance_type])
    _parts(canvas, places["queue"], [f"node {number + 1}" for number in range(broker.nodes)])
    canvas.box(places["files"], "files", "EFS", ["mounted in"])
    _parts(canvas, places["files"], [zone[-2:] for zone in files.zones])
    return places


def _places(place: Rectangle) -> dict[str, Rectangle]:
    width = place.width - GAP * (len(SHARES) - 1)
    places = {}
    x = place.x
    for name, share in SHARES.items():
        places[name] = Rectangle(x, place.y, width * share, place.height)
        x += width * share + GAP
    return places


def _parts(canvas: Canvas, store: Rectangle, names: list[str], line: str = "") -> None:
    """The servers of a store."""
    row = store.inside(left=8, top=54, right=8, bottom=10)
    for place, name in zip(row.columns(len(names), gap=6), names, strict=True):
        canvas.rectangle(place, "part", radius=4)
        middle = place.y + place.height / 2
        canvas.text(place.middle, middle + (0 if line else 4), name, anchor="middle")
        if line:
            canvas.text(place.middle, middle + 13, line, "label", anchor="middle")
