"""Reusable constructs, one noun per file. Nothing here knows an environment's name to decide by."""
