"""What a failover does, step by step; a planned change of regions and a drill are the same steps."""
