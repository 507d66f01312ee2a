"""What a failover does, step by step; a planned change of regions is the same steps."""
