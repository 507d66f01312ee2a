"""The servers that secrets are rotated at, one module for each engine."""
