"""The `understudy` command: a thin face of the vocabulary and the rehearsal."""
