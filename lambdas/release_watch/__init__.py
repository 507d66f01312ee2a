"""Follows a release to its end, and says what became of it."""
