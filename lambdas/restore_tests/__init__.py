"""Looks into what was restored, and writes down beforehand what has to be there."""
