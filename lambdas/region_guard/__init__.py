"""Heartbeat, lease and fence of a region: who may write, and who no longer."""
