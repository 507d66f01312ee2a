"""An emulator is brought back to what stood at its checkpoint, as often as wanted, at the same address."""

from rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.engines.played import Played


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
