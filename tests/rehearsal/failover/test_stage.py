"""The stage by hand: two databases, tasks in two regions, the CDN before them, and every way that is cut."""

import http.client
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rehearsal.clock import Clock
from rehearsal.emulator.apis import Apis
from rehearsal.emulator.engines.data_plane import DatabaseOrder, OverHttp, TaskSetOrder
from rehearsal.failover import ledger
from rehearsal.failover.data_plane import DataPlane
from rehearsal.failover.ledger import Acknowledged
from rehearsal.failover.session import Session
from rehearsal.failover.stage import Stage
from rehearsal.reach import OUTSIDE, Reach
from tests.rehearsal.under_test import ACCOUNT, Emulator

HOME, STAND_IN = "us-west-2", "us-east-1"
DOMAIN = "shop.example.com"
CODE = """import cf from 'cloudfront';
async function handler(event) {
    const request = event.request;
    const pinned = request.uri.startsWith('/.well-known/') ? request.uri.split('/')[3] : null;
    let active = 'us-west-2';
    try { active = await cf.kvs().get('active'); } catch (e) { active = 'us-west-2'; }
    if (pinned) request.uri = '/ready';
    cf.selectRequestOriginById('services-' + (pinned || active));
    return request;
}
"""
PASSWORD = "only-for-this-test"
GROUP = "arn:aws:elasticloadbalancing:{0}:123456789012:targetgroup/web/1"
LISTENER = "arn:aws:elasticloadbalancing:{0}:123456789012:listener/app/lb/1/2"


def table() -> dict[str, Any]:
    """Return a routing table with a listener and a target group in each region."""
    check = {
        "path": "/ready",
        "interval_seconds": 10,
        "timeout_seconds": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 2,
        "matcher": "200",
    }
    return {
        "listeners": [
            {
                "arn": LISTENER.format(region),
                "port": 443,
                "rules": [
                    {
                        "arn": f"{LISTENER.format(region)}/rule",
                        "priority": "1",
                        "conditions": [],
                        "targets": [{"arn": GROUP.format(region), "weight": 1}],
                    }
                ],
            }
            for region in (HOME, STAND_IN)
        ],
        "target_groups": [
            {"arn": GROUP.format(region), "health_check": check, "deregistration_seconds": 5}
            for region in (HOME, STAND_IN)
        ],
    }


class Hands:
    """The stage, and the engines' part played by hand."""

    def __init__(self, stage: Stage, plane: OverHttp) -> None:
        self.stage, self.plane = stage, plane
        self.context = ssl.create_default_context(cafile=str(stage.authority.file))
        self.acknowledged: list[Acknowledged] = []

    def ask(self, method: str, path: str, user: int | None = None) -> tuple[int, str]:
        """Return the status that a user gets, and the region that answered."""
        connection = http.client.HTTPSConnection("localhost", self.stage.front.port, context=self.context, timeout=20)
        headers = {"host": DOMAIN, **({} if user is None else {"x-user": str(user)})}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("x-version", "")

    def write(self, number: int) -> tuple[int, str]:
        """Write as a user, and note what is acknowledged."""
        sent = self.stage.clock.epoch()
        status, region = self.ask("POST", "/orders", number)
        if status == 200:
            self.acknowledged.append(Acknowledged("users", number, sent, self.stage.clock.epoch()))
        return status, region

    def wait(self, what: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until something is so; real seconds."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)


@pytest.fixture
def hands(emulator: Emulator) -> Iterator[Hands]:
    """A stage with a database in each region, and a healthy task in each."""
    name = f"t{uuid.uuid4().hex[:8]}"
    apis = {region: Apis(endpoint=emulator.endpoint, account=ACCOUNT, region=region) for region in (HOME, STAND_IN)}
    clock = Clock.started_now(8.0)
    with Stage(clock, apis, domain=DOMAIN, internal=[], code=CODE) as stage:
        server = DataPlane(stage)
        plane = OverHttp(server.url)
        hosts = {region: f"{name}.{region}.rds.amazonaws.com" for region in (HOME, STAND_IN)}
        for region, source in ((HOME, None), (STAND_IN, hosts[HOME])):
            plane.start_database(
                DatabaseOrder(
                    host=hosts[region],
                    region=region,
                    source=source,
                    port=5432,
                    user="administrator",
                    password=PASSWORD,
                    name="storefront",
                )
            )
        plane.route(table())
        for region in (HOME, STAND_IN):
            variables = {
                "DATABASE_HOST": hosts[region],
                "DATABASE_NAME": "storefront",
                "DATABASE_USERNAME": "administrator",
                "DATABASE_PASSWORD": PASSWORD,
            }
            environment = [{"name": key, "value": value} for key, value in variables.items()]
            container = {"name": "web", "image": "i", "memory": 8, "environment": environment}
            made = apis[region].call(
                "ecs", "register_task_definition", {"family": name, "containerDefinitions": [container]}
            )
            definition = made["taskDefinition"]["taskDefinitionArn"]
            plane.start(
                TaskSetOrder(
                    id=f"web-{region}",
                    service="web",
                    count=1,
                    image_digest="",
                    task_definition=definition,
                    target_groups=(GROUP.format(region),),
                    port=3000,
                )
            )
        found = Hands(stage, plane)
        found.wait(lambda: all(site.healthy() == 1 for site in stage.sites.values()))
        yield found
        server.stop()


def test_R8_a_failover_by_hand(hands: Hands) -> None:
    """Users' writes go where the key says; a dark region takes none, its database is promoted, and what is lost is counted."""
    stage = hands.stage
    assert [(200, HOME)] * 5 == [hands.write(number) for number in range(5)]
    assert (200, STAND_IN) == hands.ask("GET", f"/.well-known/understudy/{STAND_IN}")
    stage.databases.wait_until_replayed(STAND_IN, lambda rows: rows == [[5]], "SELECT count(*) FROM writes")

    # What is acknowledged from here on is not copied any more.
    stage.databases.starve(STAND_IN)
    assert [(200, HOME)] * 3 == [hands.write(number) for number in range(5, 8)]

    stage.change(Reach(dark=frozenset({HOME})))
    assert hands.write(8)[0] in (502, 503, 504)
    host = stage.databases.host_in(STAND_IN)
    assert "replica" == hands.plane.database_role(host)
    hands.plane.promote_database(host)
    hands.wait(lambda: hands.plane.database_role(host) == "primary")
    hands.plane.key_values({"store": {"active": STAND_IN}})
    hands.wait(lambda: hands.write(9) == (200, STAND_IN))

    held = stage.databases.writes(STAND_IN)
    assert [5, 6, 7] == [one.number for one in ledger.missing(hands.acknowledged, held)]
    everything = {*held, *stage.databases.writes(HOME)}
    tenures = ledger.tenures(everything)
    assert [stage.databases.server_port(HOME), stage.databases.server_port(STAND_IN)] == [one.server for one in tenures]
    assert ledger.overlap_seconds(tenures) < 0


def test_R8_a_region_comes_back(hands: Hands) -> None:
    """Its database has all that it had acknowledged, and its tasks start again."""
    hands.write(1)
    hands.stage.change(Reach(dark=frozenset({HOME})))
    hands.stage.change(Reach())
    hands.wait(lambda: hands.write(2) == (200, HOME))
    assert {1, 2} <= {one.number for one in hands.stage.databases.writes(HOME)}


def test_R8_each_way_is_cut_by_itself(hands: Hands) -> None:
    """A region that users do not reach is still reached by the other one, and the other way round."""
    stage = hands.stage
    port = {caller: stage.databases.hosts(caller)[stage.databases.host_in(HOME)] for caller in (HOME, STAND_IN)}

    def reached(caller: str) -> bool:
        variables = {
            "CA_FILE": str(stage.authority.file),
            "DATABASE_USERNAME": "administrator",
            "DATABASE_PASSWORD": PASSWORD,
            "DATABASE_NAME": "storefront",
            "DATABASE_PORT": str(port[caller]),
        }
        session = Session(variables)
        try:
            session.ask()
        except OSError:
            return False
        except Exception:  # noqa: BLE001  # pg8000's own, for a connection that is closed
            return False
        finally:
            session.close()
        return True

    stage.change(Reach(cut=frozenset({(OUTSIDE, HOME)})))
    assert (True, True) == (reached(HOME), reached(STAND_IN))
    assert hands.ask("GET", "/")[0] in (502, 504)
    stage.change(Reach(cut=frozenset({(STAND_IN, HOME)})))
    assert (True, False) == (reached(HOME), reached(STAND_IN))
    assert (200, HOME) == hands.ask("GET", "/")
    stage.change(Reach())
    assert (True, True) == (reached(HOME), reached(STAND_IN))


def test_R8_servers_see_the_clock_of_the_rehearsal(hands: Hands) -> None:
    """A login that is valid for ten seconds is refused after ten seconds of that clock."""
    stage = hands.stage
    server = stage.databases._known[stage.databases.host_in(HOME)].server
    until = stage.clock.now().timestamp() + 10
    server.login.execute(f"CREATE ROLE brief LOGIN PASSWORD '{PASSWORD}' VALID UNTIL '{_stamp(until)}'")
    ((epoch,),) = server.login.execute("SELECT extract(epoch FROM clock_timestamp())")
    assert abs(float(epoch) - stage.clock.epoch()) < 2.0
    variables = {
        "CA_FILE": str(stage.authority.file),
        "DATABASE_USERNAME": "brief",
        "DATABASE_PASSWORD": PASSWORD,
        "DATABASE_NAME": "storefront",
        "DATABASE_PORT": str(stage.databases.hosts(HOME)[stage.databases.host_in(HOME)]),
    }
    Session(variables).ask()
    stage.clock.sleep(13)
    with pytest.raises(Exception, match="28P01"):
        Session(variables).ask()


def _stamp(epoch: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(epoch))
