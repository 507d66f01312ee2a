"""The steps of a failover. Each may be asked again at any time, and killed anywhere."""
