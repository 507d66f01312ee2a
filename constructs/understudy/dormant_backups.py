"""What stays of backups where a site waits."""

from __future__ import annotations

from constructs import Construct

from spec import Deployment
from understudy import backup_watch, point_in_time
from understudy.polling_workflow import DormantWorkflow
from understudy.python_handler import DormantHandler, HandlerSettings
from understudy.restore_files_task import DormantFilesTask
from understudy.restore_look import look_name


def dormant_backups(scope: Construct, *, deployment: Deployment, handlers: HandlerSettings) -> None:
    """The logs of all that takes, watches, tests and restores backups where the site is active, under the same construct IDs.

    They outlive what writes them: otherwise their fixed names would stop the deployment that makes the site active again.
    """
    DormantHandler(Construct(scope, "Watch"), "Function", settings=handlers, name=backup_watch.NAME)
    if deployment.backup.restore_tests is not None:
        tests = Construct(scope, "RestoreTests")
        for kind in deployment.backed_up:
            _polled(Construct(tests, kind.capitalize()), handlers, look_name(kind))
        if "files" in deployment.backed_up:
            DormantFilesTask(tests, "FilesTask", handlers=handlers)
    if "database" in deployment.backed_up:
        _polled(Construct(scope, "PointInTime"), handlers, point_in_time.NAME)


def _polled(scope: Construct, handlers: HandlerSettings, name: str) -> None:
    DormantHandler(scope, "Function", settings=handlers, name=name)
    DormantWorkflow(scope, "Workflow", settings=handlers, name=name)
