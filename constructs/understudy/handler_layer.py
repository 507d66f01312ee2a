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
SIGNING_ARCHIVE: Final = ROOT / "build" / "lambda-signing-layer.zip"
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
        self._code: dict[str, Archive] = {}
        self._signing: str | None = None
        self.arn = self._layer(
            "Resource", "Asset", ARCHIVE, "Packages of lambdas/requirements.lock, and the certificates of RDS"
        )

    @property
    def signing_arn(self) -> str:
        """The layer with `awscrt`, without which botocore cannot sign for an API that belongs to no region (SigV4A).

        Twelve megabytes that a few functions need, so it is apart from the one that all have, and made when first asked for.
        Lambda's own Python brings none. Where it is, botocore signs everything with it, which costs a start some 40 ms.

        Raises FileNotFoundError: it is not built.
        """
        if self._signing is None:
            description = "Packages of lambdas/requirements-signing.lock"
            self._signing = self._layer("Signing", "SigningAsset", SIGNING_ARCHIVE, description)
        return self._signing

    def _layer(self, construct_id: str, asset_id: str, path: Path, description: str) -> str:
        if not path.is_file():
            raise FileNotFoundError(f"{path.relative_to(ROOT)} is missing: run `make setup`")
        archive = assets.Asset(self, asset_id, path=str(path))
        layer = lambda_.CfnLayerVersion(
            self,
            construct_id,
            content=lambda_.CfnLayerVersion.ContentProperty(
                s3_bucket=archive.s3_bucket_name, s3_key=archive.s3_object_key
            ),
            compatible_architectures=[ARCHITECTURE],
            compatible_runtimes=[RUNTIME],
            description=description,
        )
        return layer.ref

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
