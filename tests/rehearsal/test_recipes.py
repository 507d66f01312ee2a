"""Every recipe speaks of operations and parameters that the AWS APIs have."""

import functools
from collections.abc import Iterator

import boto3
import pytest
from botocore.model import StructureShape

from rehearsal.emulator.expressions import compiled
from rehearsal.emulator.recipe import Call, Recipe
from rehearsal.emulator.registry import kinds

RECIPES = [kind for kind in kinds().values() if isinstance(kind, Recipe)]


@functools.cache
def _operations(service: str) -> dict[str, StructureShape | None]:
    client = boto3.client(service, region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x")  # type: ignore[call-overload]
    model = client.meta.service_model
    return {method: model.operation_model(api).input_shape for method, api in client.meta.method_to_api_mapping.items()}


def _calls(recipe: Recipe) -> Iterator[Call]:
    yield from recipe.create_calls
    yield from recipe.update_calls
    yield from recipe.delete_calls
    for part in recipe.parts:
        yield part.do
        if part.undo:
            yield part.undo
    if recipe.read:
        yield recipe.read


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.type)
def test_calls_exist(recipe: Recipe) -> None:
    """Each call's operation and parameters are those of the service's own model."""
    for call in [inner for outer in _calls(recipe) for inner in (outer, outer.reads) if inner]:
        operations = _operations(call.service or recipe.service)
        assert call.operation in operations
        shape = operations[call.operation]
        known = set(shape.members) if shape else set()
        assert set() == set(call.parameters) - known, call.operation


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.type)
def test_expressions_compile(recipe: Recipe) -> None:
    """Each expression is JMESPath."""
    expressions = [recipe.id, *recipe.attributes.values(), *(part.items for part in recipe.parts)]
    for call in _calls(recipe):
        expressions += [*call.parameters.values(), *([call.when] if call.when else [])]
    assert [] == [expression for expression in expressions if not compiled(expression)]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.type)
def test_required_parameters_are_given(recipe: Recipe) -> None:
    """A call that takes nothing by name states whatever its API insists on."""
    for call in _calls(recipe):
        shape = _operations(call.service or recipe.service)[call.operation]
        required = set(shape.required_members) if shape else set()
        assert call.fitted or set() == required - set(call.parameters), call.operation
