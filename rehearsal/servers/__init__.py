"""Real servers of one's own on loopback: for the rehearsal of a release, and for tests."""
