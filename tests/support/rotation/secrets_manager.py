"""Secrets Manager's part in a rotation, as the rehearsal of rotations plays it."""

from __future__ import annotations

from rehearsal.rotation.secrets_manager import STEPS, Context, Handler, SecretsManager

__all__ = ["STEPS", "Context", "Handler", "SecretsManager"]
