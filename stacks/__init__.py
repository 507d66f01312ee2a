"""Wiring: which stacks an environment has, and what they hand to each other."""
