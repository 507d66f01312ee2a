"""The consumers of a secret: in a process of their own, each with what it was started with, as an ECS task is."""
