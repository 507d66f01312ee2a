"""What AWS itself says about the other site's region, where the account may read it."""

from __future__ import annotations

from typing import Final

from failover.signals import Signal
from shared import aws
from shared.aws import error_sentence
from shared.log import logger

ENDPOINT_REGION: Final = "us-east-1"
"""Of AWS Health's API, which answers for every region (AWS Health User Guide, endpoints)."""
SECONDS: Final = 2.0
SERVICES: Final = ("DYNAMODB", "EC2", "ECS", "ELASTICLOADBALANCING", "LAMBDA", "MULTIPLE_SERVICES", "RDS", "VPC")
"""What the application and its guard stand on."""


def signal(region: str) -> Signal:
    """Whether an issue with one of the services is open in `region`. Without a support plan that has the API, and whatever else
    keeps it from answering, it says nothing.
    """
    try:
        answer = aws.prompt("health", ENDPOINT_REGION, SECONDS).describe_events(
            filter={
                "regions": [region],
                "services": list(SERVICES),
                "eventTypeCategories": ["issue"],
                "eventStatusCodes": ["open"],
            }
        )
    except Exception as failure:  # noqa: BLE001 - no signal is no failure
        logger.info("AWS Health was not read", extra={"because": error_sentence(failure) or type(failure).__name__})
        return Signal("health", "nothing", "AWS Health could not be read")
    found = sorted({str(event["service"]) for event in answer["events"]})
    if found:
        return Signal("health", "lost", f"AWS has an open issue there with {', '.join(found)}")
    return Signal("health", "nothing", "AWS knows of no issue there")
