"""An emulator is brought back to what stood at its checkpoint, as often as wanted, at the same address."""

import uuid
from pathlib import Path

from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.ports import free_port
from tests.rehearsal.engines.played import Played
from tests.rehearsal.under_test import serving


def names(emulator: Played) -> list[str]:
    """Return the tables that are there."""
    found: list[str] = emulator.client("dynamodb").list_tables()["TableNames"]
    return found


def table(emulator: Played, name: str) -> None:
    """Make a table."""
    emulator.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_rewound_again_and_again(unplayed: Played) -> None:
    """What came after the checkpoint is gone, what stood at it is there, also when nothing of it ran any more."""
    aws = EmbeddedAws(unplayed.port, unplayed.token)
    table(unplayed, "before")
    first = aws.checkpoint()
    for number in range(2):
        table(unplayed, f"after-{number}")
        assert ["after-" + str(number), "before"] == sorted(names(unplayed))
        second = aws.rewind()
        assert first != second
        first = second
    assert ["before"] == names(unplayed)


def test_told_to_stop_nothing_is_left(tmp_path: Path) -> None:
    """The copy that serves ends with the original, of which alone somebody has the ID."""
    aws = EmbeddedAws(free_port(), uuid.uuid4().hex)
    with serving(aws, tmp_path / "log") as process:
        aws.checkpoint()
        copy = aws.rewind()
        assert copy != process.pid
        process.terminate()
        assert 0 == process.wait(30)
    assert aws.status() is None
    assert not Path(f"/proc/{copy}").exists()
