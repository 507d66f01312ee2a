"""An application of apps/ with something changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ruamel.yaml import YAML
from template import ROOT

from spec import Deployment, load

Data = dict[str, Any]


def varied(app: str, env: str, change: Callable[[Data], object]) -> Deployment:
    """The environment `env` of the application `app` after `change` has been at its YAML.

    Nothing stands in for it unless `change` says so: a second region takes as long to synthesize as the first.
    """
    source = ROOT / "apps" / f"{app}.yaml"
    data: Data = YAML(typ="safe").load(source)
    for overlay in data["environments"].values():
        overlay.pop("recovery", None)
    change(data)
    file = Path(mkdtemp(prefix="understudy-")) / source.name
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(data, stream)
    images = source.with_suffix(".images.yaml")
    file.with_suffix(".images.yaml").write_text(images.read_text(encoding="utf-8"), encoding="utf-8")
    return load(file).for_environment(env)
