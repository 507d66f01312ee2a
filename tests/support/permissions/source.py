"""Which operations of AWS the functions' source can call, so that none is left out of the proof."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from botocore import xform_name
from botocore.session import get_session


def operations(folder: Path) -> set[tuple[str, str]]:
    """Signing name and operation of everything that files in `folder` call on a client that they make.

    A file that has `client("ecs")` and somewhere `.list_tasks(` or `get_paginator("list_tasks")` calls ECS's ListTasks.
    """
    return {found for file in folder.rglob("*.py") for found in _in_file(file)}


def _in_file(file: Path) -> set[tuple[str, str]]:
    services: set[str] = set()
    methods: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        argument = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if name == "client" and isinstance(argument, str):
            services.add(argument)
        elif name == "get_paginator" and isinstance(argument, str):
            methods.add(argument)
        elif isinstance(node.func, ast.Attribute):
            methods.add(name)
    return {
        operation for service in services for method, operation in _operations(service).items() if method in methods
    }


@cache
def _operations(service: str) -> dict[str, tuple[str, str]]:
    model = get_session().get_service_model(service)
    return {xform_name(name): (model.signing_name, name) for name in model.operation_names}
