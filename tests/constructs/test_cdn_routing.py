"""The function that selects a request's region, run by Node.js."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.edge_function import EdgeFunction, viewer_request
from rehearsal.failure import RehearsalError
from understudy import cdn_routing

HOME, STAND_IN = "us-west-2", "us-east-1"
SETTINGS: dict[str, object] = {"active": HOME, "regions": [HOME, STAND_IN], "readiness": "/ready"}
ORIGINS = (f"services-{HOME}", f"services-{STAND_IN}", "assets")
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")


@pytest.fixture(scope="module")
def function() -> Iterator[EdgeFunction]:
    """The function of an environment whose own region is active."""
    with EdgeFunction(cdn_routing.source(SETTINGS), origins=ORIGINS) as running:
        yield running


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("active", [HOME, STAND_IN])
def test_R5_every_method_goes_to_the_active_region(function: EdgeFunction, method: str, active: str) -> None:
    """Writes too: an origin group would fail over what only reads."""
    handled = function.handle(viewer_request(method, "/api/orders"), store={"active": active})
    assert (f"services-{active}", 1) == (handled.origin, handled.reads)
    assert (method, "/api/orders") == (handled.result["method"], handled.result["uri"])


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ({}, ["store not read: Error: KeyNotFoundError"]),
        (None, ["store not read: Error: the key-value store cannot be read"]),
        ({"active": "eu-west-1"}, ["not a region of ours: eu-west-1"]),
        ({"active": ""}, ["not a region of ours: "]),
    ],
)
def test_R5_without_a_usable_key_the_specs_region_is_active(
    function: EdgeFunction, store: dict[str, str] | None, said: list[str]
) -> None:
    """Before the first failover there is no key; a store that fails must not fail the request."""
    handled = function.handle(viewer_request("POST", "/"), store=store)
    assert (f"services-{HOME}", said) == (handled.origin, list(handled.log))


@pytest.mark.parametrize("pinned", [HOME, STAND_IN])
@pytest.mark.parametrize("store", [{}, {"active": HOME}, {"active": STAND_IN}, None])
def test_R5_a_probe_asks_its_region_whatever_is_active(
    function: EdgeFunction, pinned: str, store: dict[str, str] | None
) -> None:
    """For its readiness, and nothing that the asker adds; the store is not even read."""
    event = viewer_request("GET", f"/.well-known/understudy/{pinned}", querystring={"admin": "1"})
    handled = function.handle(event, store=store)
    assert (f"services-{pinned}", 0) == (handled.origin, handled.reads)
    assert ("/ready", {}) == (handled.result["uri"], handled.result["querystring"])


@pytest.mark.parametrize(("store", "expected"), [({"active": STAND_IN}, STAND_IN), ({}, HOME), (None, HOME)])
def test_R5_the_edge_says_which_region_it_takes_for_active(
    function: EdgeFunction, store: dict[str, str] | None, expected: str
) -> None:
    """So a failover can see when a change has arrived; nobody on the way may keep that answer."""
    handled = function.handle(viewer_request("GET", "/.well-known/understudy/active"), store=store)
    assert (None, 200, expected) == (handled.origin, handled.result["statusCode"], handled.result["body"]["data"])
    assert "no-store" == handled.result["headers"]["cache-control"]["value"]


@given(
    method=st.sampled_from(METHODS),
    uri=st.one_of(
        st.from_regex(r"/[ -~]*", fullmatch=True),
        st.from_regex(r"/\.well-known/understudy/[ -~]*", fullmatch=True),
        st.sampled_from([f"/.well-known/understudy/{HOME}/../../admin", "/.well-known/understudy/", "/.well-known"]),
    ),
    store=st.one_of(
        st.none(),
        st.dictionaries(st.sampled_from(["active", "other"]), st.text(max_size=20) | st.sampled_from(ORIGINS)),
    ),
)
def test_R5_no_request_fails_and_none_is_led_astray(
    function: EdgeFunction, method: str, uri: str, store: dict[str, str] | None
) -> None:
    """Whatever is asked for and whatever the store holds: an origin of services, or an answer under the probes' path."""
    handled = function.handle(viewer_request(method, uri, headers={"Host": "app.example.com"}), store=store)
    probing = uri.startswith("/.well-known/understudy/")
    if handled.answered:
        assert probing
        assert handled.result["statusCode"] in {200, 404}
        assert handled.origin is None
    else:
        assert handled.origin in {f"services-{HOME}", f"services-{STAND_IN}"}
        assert ("/ready" if probing else uri) == handled.result["uri"]
        assert {"host": {"value": "app.example.com"}} == handled.result["headers"]


def test_R5_the_code_fits_into_a_function() -> None:
    """With the longest names that regions have, and a path as long as the spec lets it be."""
    longest = "ap-southeast-1"
    code = cdn_routing.source({"active": longest, "regions": [longest, longest], "readiness": "/" + "r" * 1023})
    assert len(code.encode()) < cdn_routing.LARGEST_FUNCTION_BYTES


def test_R5_code_that_cloudfront_would_refuse_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At synthesis, with the size that it has."""
    monkeypatch.setattr(cdn_routing, "LARGEST_FUNCTION_BYTES", 100)
    with pytest.raises(ValueError, match=r"routing_function\.js has \d+ bytes; CloudFront takes 100"):
        cdn_routing.source(SETTINGS)


def test_R5_an_origin_that_the_distribution_lacks_would_fail_the_request() -> None:
    """As in CloudFront; so the function may only name what is there."""
    with (
        EdgeFunction(cdn_routing.source(SETTINGS), origins=["services-us-west-2"]) as one,
        pytest.raises(RehearsalError, match="no origin services-us-east-1"),
    ):
        one.handle(viewer_request("GET", "/"), store={"active": STAND_IN})
