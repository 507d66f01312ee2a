"""Exceptions whose text is meant for people."""

from __future__ import annotations


class Told(Exception):  # noqa: N818 - reads as what it is
    """Says in a sentence what is wrong, with nothing secret in it. Any other exception's text stays in the log."""
