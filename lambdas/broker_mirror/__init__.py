"""Keeps the definitions of the stand-in's broker in step with the active one's."""
