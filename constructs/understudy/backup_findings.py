"""What judges say of a store that they find in no backup plan, and why it stands."""

from __future__ import annotations

from typing import Final, Literal

PLANNED: Final = (
    "The plan in the stack `backup` of the active region selects its region's store by the ARN, daily; the rule looks among "
    "selections of the store's own stack alone. What waits in the other region is a copy, or out of use."
)
NOT_PLANNED: Final = (
    "The environment's YAML has no daily backups (`backup.daily_days: null`), because it is created and removed as a whole; "
    "`understudy check` refuses that for production."
)


def outside_plan(kind: Literal["EFS", "RDS"], *, planned: bool) -> dict[str, str]:
    """`planned`: whether AWS Backup takes it."""
    rules = (f"HIPAA.Security-{kind}InBackupPlan", f"NIST.800.53.R5-{kind}InBackupPlan")
    return dict.fromkeys(rules, PLANNED if planned else NOT_PLANNED)
