"""AWS Backup: policies of vaults, selections, restore tests. Jobs do not run: nothing in the emulator is copied."""

import json
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.backup import urls
from moto.backup.models import backup_backends
from moto.backup.responses import BackupResponse

from rehearsal.emulator.supplied.shelf import missing, shelf, supply

Response = BackupResponse
POLICIES, SELECTIONS, PLANS, TESTS = "vault policy", "backup selection", "restore testing plan", "restore test"
PATHS = (
    "backup-vaults/(?P<name>[^/]+)/access-policy",
    "restore-testing/plans",
    "restore-testing/plans/(?P<plan>[^/]+)",
    "restore-testing/plans/(?P<plan>[^/]+)/selections",
    "restore-testing/plans/(?P<plan>[^/]+)/selections/(?P<selection>[^/]+)",
)


def _parts(self: Response) -> list[str]:
    return [unquote(part) for part in self.path.rstrip("/").split("/")]


def _body(self: Response) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(self.body or "{}")
    return given


def _found(self: Response, kind: str, name: str) -> dict[str, Any]:
    things = shelf(self, kind)
    if name not in things:
        raise missing(self, "ResourceNotFoundException", name)
    return things[name]


def put_backup_vault_access_policy(self: Response) -> str:
    """Keep a vault's policy."""
    name = _parts(self)[-2]
    backup_backends[self.current_account][self.region].describe_backup_vault(name)
    shelf(self, POLICIES)[name] = {"Policy": _body(self)["Policy"]}
    return "{}"


def get_backup_vault_access_policy(self: Response) -> str:
    """Show it."""
    name = _parts(self)[-2]
    return json.dumps({"BackupVaultName": name, **_found(self, POLICIES, name)})


def delete_backup_vault_access_policy(self: Response) -> str:
    """Forget it."""
    shelf(self, POLICIES).pop(_parts(self)[-2], None)
    return "{}"


def update_backup_plan(self: Response) -> str:
    """Put other rules into a plan."""
    plan: Any = backup_backends[self.current_account][self.region].plans[_parts(self)[-1]]
    plan.backup_plan = _body(self)["BackupPlan"]
    return json.dumps({"BackupPlanId": plan.backup_plan_id, "BackupPlanArn": plan.backup_plan_arn})


def create_backup_selection(self: Response) -> str:
    """Keep what a plan selects."""
    plan = _parts(self)[-2]
    selection = str(uuid4())
    shelf(self, SELECTIONS)[selection] = {"BackupPlanId": plan, "BackupSelection": _body(self)["BackupSelection"]}
    return json.dumps({"SelectionId": selection, "BackupPlanId": plan})


def get_backup_selection(self: Response) -> str:
    """Show it."""
    selection = _parts(self)[-1]
    return json.dumps({"SelectionId": selection, **_found(self, SELECTIONS, selection)})


def delete_backup_selection(self: Response) -> str:
    """Forget it."""
    shelf(self, SELECTIONS).pop(_parts(self)[-1], None)
    return "{}"


def create_restore_testing_plan(self: Response) -> str:
    """Keep when backups are restored."""
    plan = _body(self)["RestoreTestingPlan"]
    name = plan["RestoreTestingPlanName"]
    arn = f"arn:aws:backup:{self.region}:{self.current_account}:restore-testing-plan:{name}-{uuid4()}"
    shelf(self, PLANS)[name] = {**plan, "RestoreTestingPlanArn": arn, "CreationTime": 0}
    return json.dumps({"CreationTime": 0, "RestoreTestingPlanArn": arn, "RestoreTestingPlanName": name})


def get_restore_testing_plan(self: Response) -> str:
    """Show it."""
    return json.dumps({"RestoreTestingPlan": _found(self, PLANS, _parts(self)[-1])})


def update_restore_testing_plan(self: Response) -> str:
    """Change when."""
    plan = _found(self, PLANS, _parts(self)[-1])
    plan |= _body(self)["RestoreTestingPlan"]
    kept = ("RestoreTestingPlanArn", "RestoreTestingPlanName")
    return json.dumps({"CreationTime": 0, "UpdateTime": 0, **{name: plan[name] for name in kept}})


def delete_restore_testing_plan(self: Response) -> str:
    """Forget it; one with selections stays, as in AWS."""
    name = _parts(self)[-1]
    if any(key.startswith(f"{name}/") for key in shelf(self, TESTS)):
        raise missing(self, "InvalidRequestException", f"Nothing but a plan without selections can go: {name}")
    shelf(self, PLANS).pop(name, None)
    return "{}"


def create_restore_testing_selection(self: Response) -> str:
    """Keep what is restored."""
    plan, selection = _parts(self)[-2], _body(self)["RestoreTestingSelection"]
    arn = _found(self, PLANS, plan)["RestoreTestingPlanArn"]
    name = selection["RestoreTestingSelectionName"]
    shelf(self, TESTS)[f"{plan}/{name}"] = {**selection, "RestoreTestingPlanName": plan, "CreationTime": 0}
    return json.dumps(
        {
            "CreationTime": 0,
            "RestoreTestingPlanArn": arn,
            "RestoreTestingPlanName": plan,
            "RestoreTestingSelectionName": name,
        }
    )


def get_restore_testing_selection(self: Response) -> str:
    """Show it."""
    *_, plan, _, name = _parts(self)
    return json.dumps({"RestoreTestingSelection": _found(self, TESTS, f"{plan}/{name}")})


def delete_restore_testing_selection(self: Response) -> str:
    """Forget it."""
    *_, plan, _, name = _parts(self)
    shelf(self, TESTS).pop(f"{plan}/{name}", None)
    return "{}"


def install() -> None:
    """Answer these operations from now on."""
    for path in PATHS:
        urls.url_paths[f"{{0}}/{path}/?$"] = Response.dispatch
    operations = (
        put_backup_vault_access_policy,
        get_backup_vault_access_policy,
        delete_backup_vault_access_policy,
        update_backup_plan,
        create_backup_selection,
        get_backup_selection,
        delete_backup_selection,
        create_restore_testing_plan,
        get_restore_testing_plan,
        update_restore_testing_plan,
        delete_restore_testing_plan,
        create_restore_testing_selection,
        get_restore_testing_selection,
        delete_restore_testing_selection,
    )
    supply(Response, **{operation.__name__: operation for operation in operations})
