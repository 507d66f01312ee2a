"""How a rehearsal of a failover may end."""

from __future__ import annotations

from typing import Literal

Ending = Literal["went on", "recovered", "asked", "neither"]
"""`went on`: users are served by the region that was active. `recovered`: by the other one. `asked`: a person was told what has
happened, and has to decide. `neither`: users are not served, and nobody was asked."""
