"""How long synthesis and functions take to start, and what they need, as ratios to a baseline of the same run."""
