"""Which region a template takes for active: what every stack of ours says of itself in its metadata."""

from __future__ import annotations

import urllib.request
from typing import Final
from urllib.error import URLError

import msgspec

from shared.told import Told
from stack_hook.models import Payload

TEMPLATE_SECONDS: Final = 10.0
"""For the template, of at most 1 MB (CloudFormation quotas), from a bucket in the same region."""


class _Said(msgspec.Struct, frozen=True):
    """Metadata `Understudy` (constructs/understudy/stack_hook.py)."""

    active_region: str = msgspec.field(name="ActiveRegion")


class _Metadata(msgspec.Struct, frozen=True):
    said: _Said | None = msgspec.field(name="Understudy", default=None)


class _Template(msgspec.Struct, frozen=True):
    metadata: _Metadata = msgspec.field(name="Metadata", default_factory=_Metadata)


def active_region(url: str) -> str:
    """Of the template that lies at `url`. Raises Told if there is none, or it does not say."""
    # The URL lets whoever has it read the template: it stands in no message.
    try:
        with urllib.request.urlopen(url, timeout=TEMPLATE_SECONDS) as answer:  # noqa: S310 - CloudFormation's own URL
            payload = msgspec.json.decode(answer.read(), type=Payload)
        said = msgspec.json.decode(payload.template, type=_Template).metadata.said
    except (URLError, TimeoutError) as failure:
        raise Told(f"CloudFormation's copy of the template cannot be read ({type(failure).__name__})") from None
    except msgspec.DecodeError:
        raise Told("CloudFormation's copy of the template is not JSON as CDK writes it") from None
    if said is None:
        raise Told("the template does not say which region it takes for active, as every template of Understudy's does")
    return said.active_region
