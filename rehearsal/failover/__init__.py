"""A failover rehearsed: two regions, two databases, users who write all the while, and something that goes wrong."""
