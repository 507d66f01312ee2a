"""The file of images: what runs, who answers for it, and what may not run again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spec import SpecError, load
from spec.images import images_file

ROOT = Path(__file__).parent.parent.parent
ONE, OTHER = (f"sha256:{letter * 64}" for letter in "ab")


def application(folder: Path, images: str) -> Path:
    """The storefront with another file of images."""
    file = folder / "storefront.yaml"
    shutil.copyfile(ROOT / "apps" / "storefront.yaml", file)
    images_file(file).write_text(images, encoding="utf-8")
    return file


def test_a_digest_alone_and_an_entry_say_the_same(tmp_path: Path) -> None:
    """The short form is for files that people start with."""
    for images in (f"prod: {{web: '{ONE}'}}", f"prod: {{web: {{digest: '{ONE}', tag: v1, previous: '{OTHER}'}}}}"):
        deployment = load(application(tmp_path, images)).for_environment("prod")
        assert {"web": ONE} == dict(deployment.images)


def test_whoever_breaks_the_glass_stands_in_the_deployment(tmp_path: Path) -> None:
    """Who and why, beside the image they apply to."""
    images = f"prod: {{web: {{digest: '{ONE}', break_glass: {{by: jane, because: the alarm itself is broken}}}}}}"
    glass = load(application(tmp_path, images)).for_environment("prod").break_glass
    assert {"web": ("jane", "the alarm itself is broken")} == {
        name: (one.by, one.because) for name, one in glass.items()
    }


def test_D3_a_rejected_digest_is_refused_in_every_environment(tmp_path: Path) -> None:
    """With its line, who rejected it, and what to do."""
    rejected = f"rejected: {{web: [{{digest: '{ONE}', by: jane, because: loses orders}}]}}"
    file = application(tmp_path, f"dev:\n  web: {ONE}\nprod:\n  web: {OTHER}\n{rejected}\n")
    load(file).for_environment("prod")
    with pytest.raises(SpecError) as refused:
        load(file).for_environment("dev")
    (problem,) = refused.value.problems
    assert (2, "dev.web.digest") == (problem.line, problem.path)
    assert "was rejected by jane: loses orders" in problem.reason
    assert "understudy rollback web" in problem.remedy


@pytest.mark.parametrize(
    ("images", "place"),
    [
        ("prod: {web: latest}", "prod.web"),
        ("prod:\n  web: {tag: v1}", "prod.web"),
        ("prod:\n  web: {digest: 7}", "prod.web.digest"),
        ("prod: [web]", "prod"),
        ("rejected:\n  web: [{digest: latest}]\n", "rejected.web"),
    ],
)
def test_what_is_no_image_is_refused_with_its_place(tmp_path: Path, images: str, place: str) -> None:
    """And never with a traceback."""
    with pytest.raises(SpecError) as refused:
        load(application(tmp_path, images)).for_environment("prod")
    assert any(problem.path.startswith(place) for problem in refused.value.problems), refused.value
