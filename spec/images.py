"""The file of images beside an application's: what each environment runs, and what none may run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from spec import faults
from spec.environment import EnvironmentName
from spec.model import Model, Name
from spec.problem import Finding
from spec.release import BreakGlass
from spec.source import Data, Document

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]

SUFFIX: Final = ".images.yaml"

REJECTED: Final = "rejected"
"""The key beside the environments."""


class ImageRelease(Model):
    """The image of a service in an environment; `understudy release` writes it. A digest alone will do."""

    digest: Digest
    tag: str | None = None
    """What it was called in the registry when it was released; for people."""
    previous: Digest | None = None
    """What ran before: where `understudy rollback` goes back to."""
    break_glass: BreakGlass | None = None


class RejectedImage(Model):
    """A digest that no environment may run again; `understudy rollback` writes it."""

    digest: Digest
    by: Annotated[str, Field(min_length=1)]
    because: Annotated[str, Field(min_length=1)]


class EnvironmentImages(Model):
    """What the file says about one environment."""

    images: Mapping[Name, ImageRelease] = Field(default_factory=dict)
    rejected: Mapping[Name, tuple[RejectedImage, ...]] = Field(default_factory=dict)


def images_file(application: Path) -> Path:
    """The file of images that belongs to an application's file."""
    return application.with_suffix(SUFFIX)


def read(document: Document, environment: EnvironmentName) -> tuple[EnvironmentImages, list[Finding]]:
    """What `document` says about `environment`, as far as it is sound, and what is wrong with the rest.

    Paths of findings start with `images` for the environment's part and with `rejected` for the other.
    """
    data: Data = {
        "images": _written_out(document.data.get(environment)),
        REJECTED: document.data.get(REJECTED) or {},
    }
    findings, sound = faults.structural(data, EnvironmentImages)
    images = EnvironmentImages.model_validate_json(json.dumps(sound))
    return images, [*findings, *_rejections(images)]


def _written_out(entries: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
    """A digest alone as the entry that it stands for; anything else as it is, for the model to judge."""
    if not isinstance(entries, dict):
        return entries or {}
    return {name: {"digest": entry} if isinstance(entry, str) else entry for name, entry in entries.items()}


def _rejections(images: EnvironmentImages) -> list[Finding]:
    found = []
    for name, image in images.images.items():
        for rejected in images.rejected.get(name, ()):
            if rejected.digest == image.digest:
                reason = f"{image.digest[:19]}… was rejected by {rejected.by}: {rejected.because}"
                remedy = f"Release another one: `understudy release {name}=TAG`, or `understudy rollback {name}`"
                found.append(Finding(("images", name, "digest"), reason, remedy))
    return found
