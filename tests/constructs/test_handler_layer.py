"""The layer of functions as `tools/build-layer` makes it, and the code beside it."""

from __future__ import annotations

import ast
import hashlib
import shutil
import ssl
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from template import ROOT, only, resources, synthesize

from understudy.handler_layer import ARCHIVE, SIGNING_ARCHIVE, HandlerLayer

LAYER = ROOT / "build" / "lambda-layer"
SIGNING = ROOT / "build" / "lambda-signing-layer"
PACKAGES = ("deployment_hooks", "release_watch", "service_traffic")
OF_THE_RUNTIME = {"botocore"}
"""What Lambda brings along."""


def test_T7_a_layer_of_this_machine_fits_every_function() -> None:
    """Python 3.13 on arm64, whatever it was built on: the compiled module says so in its name and in its first bytes."""
    (compiled,) = LAYER.glob("python/msgspec/_core*.so")
    assert "_core.cpython-313-aarch64-linux-gnu.so" == compiled.name
    aarch64 = 183  # e_machine of the ELF header (ELF for the Arm 64-bit Architecture)
    assert aarch64 == int.from_bytes(compiled.read_bytes()[18:20], "little")


def test_T7_the_signing_layer_is_small_and_fits() -> None:
    """What botocore imports to sign for every region, for arm64, in a layer of its own and nothing else in it."""
    assert {"awscrt", "_awscrt.abi3.so", "dist-info"} == {
        "dist-info" if path.name.endswith("dist-info") else path.name for path in SIGNING.glob("python/*")
    }
    compiled = (SIGNING / "python" / "_awscrt.abi3.so").read_bytes()
    aarch64 = 183
    assert aarch64 == int.from_bytes(compiled[18:20], "little")
    assert len(compiled) < 20_000_000
    assert not (SIGNING / "certificates").exists()


def test_T7_only_a_function_that_needs_it_has_the_signing_layer() -> None:
    """The others start without it: it exists in a stack when somebody asks for it."""
    without = synthesize(lambda stack: HandlerLayer(stack, "Layer"))
    assert 1 == len(resources(without, "AWS::Lambda::LayerVersion"))

    def build(stack: Stack) -> None:
        layer = HandlerLayer(stack, "Layer")
        assert layer.signing_arn == layer.signing_arn
        assert layer.arn != layer.signing_arn

    assert 2 == len(resources(synthesize(build), "AWS::Lambda::LayerVersion"))


def test_T7_the_runtimes_own_packages_are_left_out() -> None:
    """Lambda brings boto3 and botocore, newer than any that would be packed here."""
    packed = {path.name for path in LAYER.glob("python/*")}
    assert {"msgspec", "aws_lambda_powertools"} <= packed
    assert not packed & {"boto3", "botocore", "pydantic", "aws_xray_sdk", "bin"}


def test_T7_what_functions_import_is_there() -> None:
    """Each import of lambdas/ is the standard library's, the runtime's, the layer's, or lies in lambdas/ itself."""
    own = {path.name for path in (ROOT / "lambdas").iterdir() if path.is_dir()}
    packed = {path.name.partition(".")[0] for path in LAYER.glob("python/*")}
    known = own | packed | OF_THE_RUNTIME | sys.stdlib_module_names
    missing = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "lambdas").rglob("*.py")
        for name in _imports(path)
        if name not in known
    }
    assert set() == missing


def test_S4_the_authorities_of_every_region_are_there() -> None:
    """RDS has three roots for each region; all can be read, and those of a region of ours are valid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(LAYER / "certificates" / "rds.pem")
    read: Any = context.get_ca_certs()  # its type admits every shape that OpenSSL might print
    valid = {
        dict(part[0] for part in one["subject"])["commonName"]
        for one in read
        if ssl.cert_time_to_seconds(one["notAfter"]) > datetime.now(UTC).timestamp()
    }
    expected = {f"Amazon RDS us-west-2 Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")}
    assert expected <= valid
    assert len(valid) > 80


def test_T7_the_archive_is_the_folder_and_says_nothing_about_its_making() -> None:
    """The same files; no moment, no user, no compression, nothing of the installation."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        entries = archive.infolist()
        files = {path.relative_to(LAYER).as_posix() for path in LAYER.rglob("*") if path.is_file()}
        assert files == {entry.filename for entry in entries}
        assert {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, zipfile.ZIP_STORED)} == {
            (entry.date_time, entry.external_attr, entry.compress_type) for entry in entries
        }
    names = {entry.filename.rpartition("/")[2] for entry in entries}
    assert not names & {"RECORD", "INSTALLER", "REQUESTED"}
    assert not [name for name in names if name.endswith(".pyc")]


@pytest.mark.full
@pytest.mark.parametrize(
    ("archive", "lock"), [(ARCHIVE, []), (SIGNING_ARCHIVE, [ROOT / "lambdas" / "requirements-signing.lock"])]
)
def test_T7_two_builds_give_the_same_bytes(tmp_path: Path, archive: Path, lock: list[Path]) -> None:
    """Else every machine would publish a layer of its own, and every function change with it."""
    assert shutil.which("node")
    subprocess.run([sys.executable, ROOT / "tools" / "build-layer", tmp_path / "layer", *lock], check=True)
    assert _digest(archive) == _digest(tmp_path / "layer.zip")


def test_T7_one_layer_and_one_asset_for_each_package() -> None:
    """However many functions a package has, its code is published once; a package knows nothing of another."""
    found: dict[str, set[str]] = {}

    def build(stack: Stack) -> None:
        layer = HandlerLayer(stack, "Layer")
        for package in (*PACKAGES, *PACKAGES):
            found.setdefault(package, set()).add(layer.code(package).key)

    template = synthesize(build)
    layer = only(template, "AWS::Lambda::LayerVersion")
    assert (["arm64"], ["python3.13"]) == (layer["CompatibleArchitectures"], layer["CompatibleRuntimes"])
    assert [1, 1, 1] == [len(keys) for keys in found.values()]
    assert 3 == len(set.union(*found.values()))


@pytest.mark.parametrize("package", PACKAGES)
def test_T7_the_code_is_the_package_with_what_is_shared(package: str) -> None:
    """No byte-code, no lock file, no other package."""
    staged: list[Path] = []

    def build(stack: Stack) -> None:
        key = HandlerLayer(stack, "Layer").code(package).key
        outdir = Path(stack.node.root.outdir)  # type: ignore[attr-defined]
        staged.append(outdir / f"asset.{key.removesuffix('.zip')}")

    synthesize(build)
    (folder,) = staged
    assert {package, "shared"} == {path.name for path in folder.iterdir()}
    assert {".py"} == {path.suffix for path in folder.rglob("*") if path.is_file()}


def test_T7_without_a_layer_synthesis_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no network, and so cannot build one."""
    monkeypatch.setattr("understudy.handler_layer.ARCHIVE", ROOT / "build" / "none.zip")

    def build(stack: Stack) -> None:
        HandlerLayer(stack, "Layer")

    with pytest.raises(FileNotFoundError, match=r"build/none\.zip is missing: run `make setup`"):
        synthesize(build)


def _imports(path: Path) -> set[str]:
    """Packages that a file imports when it runs; what only type checkers read is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_checkers:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
