"""Maps merge deep, lists replace, null removes; presets lie beneath."""

from __future__ import annotations

from pathlib import Path

import pytest

from spec import Deployment, load

BASE = """\
name: shop
description: A shop
owner: shop-team
variables: {ONE: base, TWO: base}
services:
  web:
    build: {context: ../web}
    port: 3000
    public: ["/*", "/shop/*"]
    vcpu: 2
    memory_gib: 4
    scaling: {max_replicas: 6, cpu_percent: 50}
  api:
    build: {context: ../api}
    port: 4000
    release: {engine: ecs, strategy: rolling}
    vcpu: 1
    memory_gib: 2
database: {}
cache: {shards: 2}
edge:
  domain: shop.example.com
  hosted_zone: {id: Z0123456789ABC, name: example.com}
monitoring: {notify: [oncall@example.com]}
environments:
"""


def environment(tmp_path: Path, name: str, overlay: str) -> Deployment:
    """The environment `name` with this overlay over the base."""
    file = tmp_path / "shop.yaml"
    file.write_text(f"{BASE}  {name}: {overlay}\n", encoding="utf-8")
    return load(file).for_environment(name)


def test_A3_maps_merge_deep(tmp_path: Path) -> None:
    """An overlay names only what differs."""
    found = environment(tmp_path, "staging", "{variables: {TWO: staging}, services: {web: {memory_gib: 8}}}")
    assert {"ONE": "base", "TWO": "staging"} == found.variables
    assert (2, 8) == (found.services["web"].vcpu, found.services["web"].memory_gib)


def test_lists_replace(tmp_path: Path) -> None:
    """A list in the overlay is the whole list."""
    found = environment(tmp_path, "staging", '{services: {web: {public: ["/*"]}}}')
    assert ("/*",) == found.services["web"].public


@pytest.mark.parametrize("section", ["database", "cache"])
def test_null_removes_a_section(tmp_path: Path, section: str) -> None:
    """An environment can do without what the base has, and no preset brings it back."""
    assert getattr(environment(tmp_path, "dev", f"{{{section}: null}}"), section) is None


def test_null_removes_the_entry_of_a_map(tmp_path: Path) -> None:
    """A service, or a variable, that this environment does not have."""
    found = environment(tmp_path, "dev", "{services: {api: null}, variables: {ONE: null}}")
    assert ["web"] == list(found.services)
    assert {"TWO": "base"} == found.variables


def test_null_removes_a_value_so_that_the_default_holds(tmp_path: Path) -> None:
    """The base says two shards; without it the model's own three hold."""
    found = environment(tmp_path, "staging", "{cache: {shards: null}}")
    assert found.cache is not None
    assert 3 == found.cache.shards


def test_null_stays_where_it_means_something(tmp_path: Path) -> None:
    """`cpu_percent: null` is "do not scale by CPU", not the default."""
    found = environment(tmp_path, "staging", "{services: {web: {scaling: {cpu_percent: null}}}}")
    scaling = found.services["web"].scaling
    assert scaling is not None
    assert None is scaling.cpu_percent
    assert 70 == scaling.memory_percent


def test_A1_development_is_small_and_debugs_without_being_told(tmp_path: Path) -> None:
    """What the YAML leaves open is small there: one NAT gateway, one zone for data, no replicas, debug logs."""
    found = environment(tmp_path, "dev", "{}")
    assert found.database is not None
    assert found.cache is not None
    assert (1, "debug") == (found.network.nat_gateways, found.monitoring.log_level)
    assert (False, 0, 0) == (found.database.multi_az, found.database.read_replicas, found.cache.replicas_per_shard)
    assert {1} == {service.replicas for service in found.services.values()}


def test_A1_production_is_highly_available_without_being_told(tmp_path: Path) -> None:
    """What the YAML leaves open stands twice there, and is protected."""
    found = environment(tmp_path, "prod", "{}")
    assert found.database is not None
    assert found.cache is not None
    assert (True, 1, 1) == (found.database.multi_az, found.database.read_replicas, found.cache.replicas_per_shard)
    assert {2} == {service.replicas for service in found.services.values()}
    assert (True, "keep") == (found.protection.deletion_protection, found.protection.on_removal)


def test_A1_a_preview_leaves_nothing_behind_without_being_told(tmp_path: Path) -> None:
    """It can be deleted, data and all."""
    found = environment(tmp_path, "preview", "{}")
    assert (False, "destroy") == (found.protection.deletion_protection, found.protection.on_removal)


def test_what_the_application_says_lies_above_the_preset(tmp_path: Path) -> None:
    """The base's two shards hold in development, whose preset would be one."""
    found = environment(tmp_path, "dev", "{}")
    assert found.cache is not None
    assert 2 == found.cache.shards


@pytest.mark.parametrize(("alias", "name"), [("development", "dev"), ("production", "prod")])
def test_aliases(tmp_path: Path, alias: str, name: str) -> None:
    """An environment can be written and asked for by its long name."""
    found = environment(tmp_path, alias, "{}")
    assert (name, f"shop-{name}") == (found.environment, found.prefix)
