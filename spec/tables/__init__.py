"""What AWS offers: sizes, versions, zones. Each table names its source; a spec outside them is refused."""
