"""Drills: a failover's steps on a copy of the database, apart from everything that anybody uses."""
