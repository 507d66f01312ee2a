"""The hook as CloudFormation asks it, with tables in three regions and the template at a URL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from leasing.recovery_tables import recovery_tables

from shared.lease import Lease
from shared.lease_table import LeaseTable
from stack_hook import lease
from stack_hook.handler import handler
from stack_hook.models import settings

HOME, STAND_IN, THIRD = "us-west-2", "us-east-1", "us-east-2"
TABLE: Final = "shop-prod-recovery"
TOKEN: Final = "c0ffee"
SIGNATURE: Final = "X-Amz-Signature=5ec4e7"
Lay = Callable[[Any], str]


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of both sites and the witness, as the stand-in's hook knows them; none has a lease yet."""
    knows(monkeypatch, STAND_IN, HOME, THIRD)
    with recovery_tables(TABLE, (STAND_IN, HOME, THIRD)):
        yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def lay() -> Iterator[Lay]:
    """Puts a payload where CloudFormation would, and tells the URL; None: nothing lies there any more."""
    laid: dict[str, bytes | None] = {}

    class Bucket(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = laid.get(self.path.partition("?")[0])
            self.send_response(200 if content is not None else 403)
            self.end_headers()
            self.wfile.write(content or b"<Code>AccessDenied</Code>")

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    Thread(target=server.serve_forever, daemon=True).start()

    def put(content: Any) -> str:
        path = f"/{len(laid)}"
        laid[path] = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
        return f"http://127.0.0.1:{server.server_port}{path}?{SIGNATURE}"

    yield put
    server.shutdown()
    server.server_close()


def knows(monkeypatch: pytest.MonkeyPatch, *regions: str) -> None:
    """Which tables the hook asks, its own first."""
    monkeypatch.setenv("HOOK", json.dumps({"prefix": "shop-prod", "regions": regions}))
    settings.cache_clear()


def ask(url: str) -> dict[str, Any]:
    """About an update of a stack (Hooks User Guide, request input of stacks)."""
    stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop-prod-standin-services/1"
    answer = handler(
        {
            "clientRequestToken": TOKEN,
            "awsAccountId": "123456789012",
            "stackId": stack,
            "changeSetId": "arn:aws:cloudformation:us-east-1:123456789012:changeSet/cdk-deploy/2",
            "hookTypeName": "Understudy::ShopProd::ActiveRegion",
            "hookTypeVersion": "00000001",
            "hookModel": {"LambdaFunction": "arn:aws:lambda:us-east-1:123456789012:function:hook"},
            "actionInvocationPoint": "UPDATE_PRE_PROVISION",
            "requestData": {"targetName": "STACK", "targetType": "STACK", "targetLogicalId": stack, "payload": url},
            "requestContext": {"invocation": 1, "callbackContext": None},
        },
        None,
    )
    assert TOKEN == answer["clientRequestToken"]
    return answer


def made_for(active: str) -> dict[str, str]:
    """What CloudFormation lays down of a template that takes `active` for the active region."""
    template = {"Metadata": {"Understudy": {"ActiveRegion": active}}, "Resources": {}}
    return {"template": json.dumps(template), "previousTemplate": "{}"}


def stands(**holders: tuple[str, int]) -> None:
    """Put leases into the tables of `home`, `stand_in` and `third`: holder and epoch. All ran out long ago."""
    for name, (holder, epoch) in holders.items():
        region = {"home": HOME, "stand_in": STAND_IN, "third": THIRD}[name]
        assert LeaseTable(TABLE, region).write(Lease(holder, epoch, until=1000.0), instead_of=None)


def lost(monkeypatch: pytest.MonkeyPatch, *regions: str, seconds: float = 0.0) -> None:
    """Have tables of `regions` not answer."""
    whole = LeaseTable.read

    def read(table: LeaseTable) -> Any:
        if table.region in regions:
            time.sleep(seconds)
            raise TimeoutError
        return whole(table)

    monkeypatch.setattr(LeaseTable, "read", read)


def test_R5_a_deployment_for_the_active_region_may_be(lay: Lay) -> None:
    """Nothing has happened since the first one."""
    stands(home=(HOME, 1), stand_in=(HOME, 1), third=(HOME, 1))
    answer = ask(lay(made_for(HOME)))
    assert {"hookStatus": "SUCCESS", "message": f"{HOME} takes the writes", "clientRequestToken": TOKEN} == answer


def test_R5_the_first_deployment_may_be(lay: Lay) -> None:
    """Nobody has ever held a lease."""
    assert "SUCCESS" == ask(lay(made_for(HOME)))["hookStatus"]


@pytest.mark.parametrize("witnessed", [True, False])
def test_R5_after_a_failover_the_spec_of_before_is_refused(
    lay: Lay, monkeypatch: pytest.MonkeyPatch, *, witnessed: bool
) -> None:
    """The home and its table are gone; the message says what to write."""
    knows(monkeypatch, STAND_IN, HOME, *([THIRD] if witnessed else []))
    stands(stand_in=(STAND_IN, 2), third=(STAND_IN, 2))
    lost(monkeypatch, HOME)
    answer = ask(lay(made_for(HOME)))
    assert ("FAILED", "NonCompliant") == (answer["hookStatus"], answer["errorCode"])
    for said in ("Nothing was changed", f"`active: {STAND_IN}`", "docs/runbooks/fail-over.md", f"({HOME} could not"):
        assert said in answer["message"]
    assert "SUCCESS" == ask(lay(made_for(STAND_IN)))["hookStatus"]


def test_R5_a_spec_moves_nobody(lay: Lay) -> None:
    """`active` was written, but nothing has taken over."""
    stands(home=(HOME, 1), stand_in=(HOME, 1), third=(HOME, 1))
    answer = ask(lay(made_for(STAND_IN)))
    assert ("FAILED", "NonCompliant") == (answer["hookStatus"], answer["errorCode"])
    assert f"`active: {HOME}`" in answer["message"]


def test_R5_a_region_that_comes_back_believes_the_others(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own table still says what was before."""
    knows(monkeypatch, HOME, STAND_IN, THIRD)
    stands(home=(HOME, 1), stand_in=(STAND_IN, 2), third=(STAND_IN, 2))
    assert "SUCCESS" == ask(lay(made_for(STAND_IN)))["hookStatus"]
    assert "FAILED" == ask(lay(made_for(HOME)))["hookStatus"]


def test_R5_regions_that_do_not_answer_are_asked_side_by_side(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudFormation waits thirty seconds."""
    stands(stand_in=(STAND_IN, 2))
    monkeypatch.setattr(lease, "TABLE_SECONDS", 0.5)
    lost(monkeypatch, HOME, THIRD, seconds=8)
    began = time.monotonic()
    answer = ask(lay(made_for(HOME)))
    assert time.monotonic() - began < 5
    assert f"{HOME} and {THIRD} could not be asked" in answer["message"]


def test_R5_who_cannot_read_its_own_table_lets_nothing_through(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could be the one that knows of a failover."""
    stands(home=(HOME, 1), third=(HOME, 1))
    lost(monkeypatch, STAND_IN)
    answer = ask(lay(made_for(HOME)))
    assert ("FAILED", "InternalFailure") == (answer["hookStatus"], answer["errorCode"])
    assert STAND_IN in answer["message"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"template": "{}"}, "does not say which region"),
        ({"template": json.dumps({"Metadata": {"Other": 1}})}, "does not say which region"),
        ({"template": "Resources:\n  A: {}\n"}, "not JSON"),
        ({"template": json.dumps({"Metadata": {"Understudy": {"ActiveRegion": 1}}})}, "not JSON as CDK writes it"),
        (b"<html>", "not JSON"),
        (None, "cannot be read"),
    ],
)
def test_R5_a_template_that_says_nothing_is_refused(
    lay: Lay, capsys: pytest.CaptureFixture[str], content: Any, said: str
) -> None:
    """And the URL, by which anybody could read the template, stands nowhere."""
    answer = ask(lay(content))
    assert ("FAILED", "InternalFailure") == (answer["hookStatus"], answer["errorCode"])
    assert said in answer["message"]
    out, err = capsys.readouterr()
    assert SIGNATURE not in out + err + answer["message"]


@given(st.lists(st.tuples(st.sampled_from((HOME, STAND_IN)), st.integers(1, 4)), min_size=3, max_size=3))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_R5_the_newest_lease_decides(found: list[tuple[str, int]]) -> None:
    """Whatever the tables say: refused is who was outlived by the other, and never both."""
    leases = lease.Leases(tuple(Lease(holder, epoch, until=0.0) for holder, epoch in found), ())
    newest = {site: max((epoch for holder, epoch in found if holder == site), default=0) for site in (HOME, STAND_IN)}
    for site, other in ((HOME, STAND_IN), (STAND_IN, HOME)):
        assert leases.contradict(site) == (other if newest[other] > newest[site] else None)
