"""What tests of a service's rules share."""

from traffic.place import cloudformation, ear, environment, place, variables

__all__ = ["cloudformation", "ear", "environment", "place", "variables"]
