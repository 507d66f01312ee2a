"""Brings running tasks to the newest version of the secrets that they started with, by the release engine."""
