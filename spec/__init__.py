"""The vocabulary: one YAML file about an application, and what its environments are made from."""

from spec import catalogue
from spec.application import Application, load
from spec.deployment import Deployment
from spec.problem import Problem, SpecError

__all__ = ["Application", "Deployment", "Problem", "SpecError", "catalogue", "load"]
