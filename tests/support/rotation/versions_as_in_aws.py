"""Versions of moto's secrets by AWS's rules, as the rehearsal of rotations has them; `install(monkeypatch)` in tests."""

from __future__ import annotations

from rehearsal.rotation.versions_as_in_aws import LOCK, install, place

__all__ = ["LOCK", "install", "place"]
