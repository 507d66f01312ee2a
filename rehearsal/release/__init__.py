"""A release played with real processes, a real load balancer, a real database and real requests."""
