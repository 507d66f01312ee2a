"""Users: a constant rate of requests from a process of their own, each one recorded."""
