"""Restores a database beside itself, as it was at a moment."""
