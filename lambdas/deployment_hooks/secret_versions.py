"""Whether the tasks will find the secrets that they start with. The values are never read."""

from __future__ import annotations

from shared.aws import client, is_error


def problem(arn: str) -> str | None:
    """What is wrong with the secret, as the end of a sentence; None when it has a current version and stays."""
    try:
        secret = client("secretsmanager").describe_secret(SecretId=arn)
    except Exception as failure:
        if not is_error(failure, "ResourceNotFoundException"):
            raise
        return "does not exist"
    if secret.get("DeletedDate") is not None:
        return "is scheduled for deletion"
    if not any("AWSCURRENT" in stages for stages in (secret.get("VersionIdsToStages") or {}).values()):
        return "has no current version"
    return None
