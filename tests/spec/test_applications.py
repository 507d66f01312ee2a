"""The applications of this repository, and any valid one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from valid_specs import applications

from spec import SpecError, catalogue, load
from spec.environment import ENVIRONMENTS
from spec.names import RULES, longest_application, refusals
from spec.schema import FILE, schema, text

ROOT = Path(__file__).parent.parent.parent
APPS = ROOT / "apps"
PLATFORM = load(APPS / "generator-platform.yaml")


def written(data: dict[str, Any], folder: Path) -> Path:
    """The data as a YAML file."""
    buffer = io.StringIO()
    YAML().dump(data, buffer)
    file = folder / "generated.yaml"
    file.write_text(buffer.getvalue(), encoding="utf-8")
    return file


def test_A1_the_platform_has_four_environments() -> None:
    """Development, staging, production, preview."""
    assert ("dev", "staging", "prod", "preview") == PLATFORM.environments


def test_A2_there_are_two_kinds_of_application() -> None:
    """The platform itself with its three services, and a generated application."""
    assert ["generator-platform", "storefront"] == [file.stem for file in catalogue.files(APPS)]
    assert ["web", "api", "generator"] == list(PLATFORM.for_environment("prod").services)


def test_C2_production_has_the_figures_of_the_specification() -> None:
    """Replicas, vCPU, GiB of memory and of storage of each service."""
    services = PLATFORM.for_environment("prod").services
    found = {name: (one.replicas, one.vcpu, one.memory_gib, one.storage_gib) for name, one in services.items()}
    assert {"web": (2, 2, 4, 20), "api": (2, 2, 4, 20), "generator": (2, 4, 8, 40)} == found


def test_A3_each_environment_has_its_own_domain_sizes_scaling_monitoring_and_backup() -> None:
    """What makes an environment differs between development and production."""
    dev, prod = PLATFORM.for_environment("dev"), PLATFORM.for_environment("prod")
    assert dev.edge.domain != prod.edge.domain
    assert dev.services["web"].vcpu < prod.services["web"].vcpu
    assert dev.services["web"].scaling != prod.services["web"].scaling
    assert dev.monitoring.log_retention_days < prod.monitoring.log_retention_days
    assert dev.backup.retention_days < prod.backup.retention_days


def test_an_environment_that_is_not_defined_names_those_that_are() -> None:
    """`-c env=` with a typing mistake."""
    with pytest.raises(SpecError, match="Defined here: dev, staging, prod, preview"):
        PLATFORM.for_environment("prd")


@pytest.mark.parametrize(
    ("app", "environment", "words"),
    [
        (None, None, "no environment is chosen for generator-platform. Add -c env=NAME; there are: dev, staging"),
        ("shop", "dev", "there is no application 'shop'. Add -c app=NAME; there are: generator-platform, storefront"),
        ("storefront", "preview", "Defined here: dev, prod"),
    ],
)
def test_a_missing_or_unknown_choice_says_what_there_is(app: str | None, environment: str | None, words: str) -> None:
    """For `-c app=` and `-c env=`."""
    with pytest.raises(SpecError) as error:
        catalogue.choose(APPS, app=app, environment=environment)
    assert words in str(error.value)


def test_a_deployment_is_frozen() -> None:
    """Nobody changes it on its way to the stacks."""
    deployment = PLATFORM.for_environment("dev")
    with pytest.raises(ValueError, match="frozen"):
        deployment.region = "us-east-1"  # type: ignore[misc]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(applications())
def test_any_valid_application_loads_and_fits_its_schema(data: dict[str, Any]) -> None:
    """The generator of valid files, the rules and the committed schema agree."""
    with TemporaryDirectory() as folder:
        deployments = load(written(data, Path(folder))).deployments()
    assert len(data["environments"]) == len(deployments)
    assert [] == [error.message for error in Draft202012Validator(schema()).iter_errors(data)]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(applications(), st.data())
def test_no_broken_file_ends_in_a_traceback(data: dict[str, Any], choice: st.DataObject) -> None:
    """Wherever a value is replaced by nonsense, the file is refused with a problem or still good, never a crash."""
    here: Any = data
    while isinstance(here, dict) and here:
        key = choice.draw(st.sampled_from(sorted(here)))
        if not isinstance(here[key], dict) or choice.draw(st.booleans()):
            here[key] = choice.draw(st.sampled_from([None, "", "x", -1, 0, 1.5, True, [], ["x"], {}, {"x": 1}, [{}]]))
            break
        here = here[key]
    with TemporaryDirectory() as folder:
        try:
            load(written(data, Path(folder))).deployments()
        except SpecError as error:
            assert error.problems  # noqa: PT017


def test_the_committed_schema_is_fresh() -> None:
    """`make schema` was run after the last change of the models."""
    assert text() == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", catalogue.files(APPS), ids=lambda file: file.stem)
def test_the_applications_fit_the_schema(file: Path) -> None:
    """An editor underlines nothing in them."""
    data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    assert [] == [error.message for error in Draft202012Validator(json.loads(FILE.read_text())).iter_errors(data)]


def test_the_schema_refuses_an_unknown_key() -> None:
    """An editor underlines a typing mistake, in the base and in an overlay."""
    validator = Draft202012Validator(schema())
    base = {"name": "shop", "environments": {"dev": {}}}
    assert [] == list(validator.iter_errors(base))
    assert [] != list(validator.iter_errors({**base, "onwer": "me"}))
    assert [] != list(validator.iter_errors({**base, "environments": {"dev": {"onwer": "me"}}}))


def test_every_field_is_described_or_says_it_all_by_its_name() -> None:
    """Each model has a description: the schema is what an editor shows."""
    definitions = schema()["$defs"]
    assert [] == [name for name, definition in definitions.items() if not definition.get("description")]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_longest_name_that_is_advised_fits_and_one_more_does_not(environment: str) -> None:
    """What the message says is what the rule takes."""
    longest = longest_application(environment)
    assert [] == refusals(f"{'a' * longest}-{environment}")
    assert [] != refusals(f"{'a' * (longest + 1)}-{environment}")


def test_names_fit_aws_for_every_application_here() -> None:
    """The longest names of the longest environment."""
    for file in catalogue.files(APPS):
        for deployment in load(file).deployments():
            for rule in RULES:
                assert rule.limit >= len(deployment.prefix + rule.suffix)
