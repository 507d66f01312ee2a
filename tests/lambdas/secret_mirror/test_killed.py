"""A mirror that dies at any of its calls leaves what its next run finishes."""

from __future__ import annotations

import pytest
from copying.world import NAMES, World
from killing import Killed, watched

from secret_mirror.handler import handler


@pytest.mark.parametrize("after", [False, True])
def test_R4_killed_at_each_call(made: World, *, after: bool) -> None:
    """Every call of a run with something to copy, before it is sent and after it worked; then all is as if nothing had been."""
    handler({}, None)
    for name in NAMES:
        made.rotate(name)
    with watched() as calls:
        handler({}, None)
    assert {"PutSecretValue", "StartExecution", "GetItem"} <= {name.split(".")[1] for name in calls.made}
    for kill_at, _ in enumerate(calls.made):
        for name in NAMES:
            made.rotate(name)
        with watched(kill_at, after=after), pytest.raises(Killed):
            handler({}, None)
        handler({}, None)
        assert made.in_step(), calls.made[kill_at]
        assert {"copied": []} == handler({}, None)
