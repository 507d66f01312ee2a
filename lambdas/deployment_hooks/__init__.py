"""Checks that a release passes before and while users meet it."""
