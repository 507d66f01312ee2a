"""What a rehearsal says when it cannot go on."""


class RehearsalError(Exception):
    """Something a person has to know or decide: what is wrong, what to do about it, and details worth reading."""

    def __init__(self, reason: str, *, remedy: str, details: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.details = details
