"""Looks whether backups, their copies and their tests are there and in time, and tells people of those that failed."""
