"""How secret values are looked for."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from rehearsal.rotation.leaks import Leaks

VALUE = "tQ7mZp2vK9xB4nR8sD1fG6hJ3kL5wC0y"


@pytest.mark.parametrize(
    "text",
    [
        f"password {VALUE} refused",
        f"amqps://application:{VALUE}@localhost",
        f'{{"password":"{VALUE}"}}',
        VALUE.encode().hex(),
        *(
            base64.b64encode(f"{before}{VALUE}{after}".encode()).decode()
            for before in ("", "a", "ab", "abc")
            for after in "xy"
        ),
    ],
)
def test_every_spelling_is_found(text: str) -> None:
    """Plain, in a URL, in JSON, in hexadecimal, in base64 wherever it stands."""
    assert 1 == Leaks([VALUE]).in_text(text.encode())


def test_what_is_no_value_is_not_found() -> None:
    """Neither another one nor a part."""
    assert 0 == Leaks([VALUE]).in_text(f"{VALUE[:-1]} {VALUE.swapcase()} {VALUE[::-1]}".encode())


def test_files_are_named_and_values_are_not(tmp_path: Path) -> None:
    """A report that quotes what it found would be the next place to find it."""
    (tmp_path / "bad.log").write_text(f"{VALUE}\n{VALUE}\n")
    (tmp_path / "good.log").write_text("nothing\n")
    assert ["bad.log holds secret values: 2"] == Leaks([VALUE]).in_files(sorted(tmp_path.iterdir()))
