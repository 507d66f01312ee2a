"""Owns the listener rules of a service, so that no deploy undoes a shift of traffic."""
