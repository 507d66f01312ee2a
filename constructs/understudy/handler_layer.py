"""What functions run on besides their own code: packages by a layer, and their code from lambdas/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

ROOT: Final = Path(__file__).parent.parent.parent
ARCHIVE: Final = ROOT / "build" / "lambda-layer.zip"
"""Written by `make` (tools/build-layer): synthesis only reads it, so it needs no network."""
SOURCE: Final = ROOT / "lambdas"

RUNTIME: Final = "python3.13"
ARCHITECTURE: Final = "arm64"


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an asset lies in S3."""

    bucket: str
    key: str


class HandlerLayer(Construct):
    """The packages that functions import and the certificates that they trust, once for each stack; and their code, once
    for each package of lambdas/.

    The layer puts packages on Python's path and certificates into /opt/certificates.
    """

    arn: str

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Raises FileNotFoundError: the layer is not built."""
        super().__init__(scope, construct_id)
        if not ARCHIVE.is_file():
            raise FileNotFoundError(f"{ARCHIVE.relative_to(ROOT)} is missing: run `make setup`")
        self._code: dict[str, Archive] = {}
        archive = assets.Asset(self, "Asset", path=str(ARCHIVE))
        layer = lambda_.CfnLayerVersion(
            self,
            "Resource",
            content=lambda_.CfnLayerVersion.ContentProperty(
                s3_bucket=archive.s3_bucket_name, s3_key=archive.s3_object_key
            ),
            compatible_architectures=[ARCHITECTURE],
            compatible_runtimes=[RUNTIME],
            description="Packages of lambdas/requirements.lock, and the certificates of RDS",
        )
        self.arn = layer.ref

    def code(self, package: str) -> Archive:
        """The code of `package` with what all of them share, and nothing else: a change of another leaves it as it is."""
        if package not in self._code:
            asset = assets.Asset(
                self,
                package,
                path=str(SOURCE),
                ignore_mode=IgnoreMode.GIT,
                exclude=["/*", f"!/{package}", "!/shared", "__pycache__"],
            )
            self._code[package] = Archive(asset.s3_bucket_name, asset.s3_object_key)
        return self._code[package]
