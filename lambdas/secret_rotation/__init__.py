"""Gives secrets new values, in Secrets Manager's four steps, so that nobody is ever refused."""
