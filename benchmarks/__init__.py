"""How long synthesis takes and how much memory it needs, as ratios to an empty app of the same run."""
