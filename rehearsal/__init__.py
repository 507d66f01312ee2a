"""The embedded AWS, and what is played on it."""
