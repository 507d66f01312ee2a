"""What judges the templates and the code, and the record of every finding that stands."""
