"""The packs of cdk-nag that judge, and how many rules each has."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: what people call it, and its file inside cdk-nag."""

    title: str
    module: str


PACKS: Final[Mapping[str, Pack]] = {
    "AwsSolutions": Pack("AWS Solutions", "aws-solutions"),
    "NIST.800.53.R5": Pack("NIST 800-53 revision 5", "nist-800-53-r5"),
    "HIPAA.Security": Pack("HIPAA Security", "hipaa-security"),
    "PCI.DSS.321": Pack("PCI DSS 3.2.1", "pci-dss-321"),
}
"""By the name under which the pack reports."""


@cache
def rule_count(pack: Pack) -> int:
    """Rules of the installed pack. cdk-nag has no list of them, so the calls that apply one are counted."""
    archives = [entry for entry in files("cdk_nag._jsii").iterdir() if entry.name.endswith(".tgz")]
    with tarfile.open(Path(str(archives[0]))) as archive:
        source = archive.extractfile(f"package/lib/packs/{pack.module}.js")
        if source is None:
            raise FileNotFoundError(pack.module)
        # What follows the code is its source map, one line that holds the source once more.
        code, _, _ = source.read().decode().partition("//# sourceMappingURL")
    return code.count("this.applyRule(")
