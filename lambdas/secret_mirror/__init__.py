"""Copies the values of secrets to the region that stands in."""
