"""Rotations of secrets on real servers, under load, as Secrets Manager would drive them."""
