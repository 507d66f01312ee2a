"""Access logs of the CDN."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct

from understudy.cdn import Cdn
from understudy.edge_buckets import EdgeBuckets

FIELDS: Final = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(Referer)", "cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol",
    "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type",
    "cs-protocol-version", "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
)  # fmt: skip
"""All of CloudFront's fields (Developer Guide, standard logging reference) except cookies and query strings, in which
credentials travel."""


class CdnLogs(Construct):
    """Standard logging v2: one JSON record for each request, delivered to the edge's log bucket.

    The delivery lives in us-east-1, like the distribution's control plane.
    """

    def __init__(self, scope: Construct, construct_id: str, *, prefix: str, cdn: Cdn, buckets: EdgeBuckets) -> None:
        super().__init__(scope, construct_id)
        name = f"{prefix}-cdn"
        source = logs.CfnDeliverySource(self, "Source", name=name, resource_arn=cdn.arn, log_type="ACCESS_LOGS")
        destination = logs.CfnDeliveryDestination(
            self,
            "Destination",
            name=name,
            destination_resource_arn=buckets.logs.bucket_arn,
            output_format="json",
        )
        buckets.admit_delivery(name)
        delivery = logs.CfnDelivery(
            self,
            "Resource",
            delivery_source_name=source.ref,
            delivery_destination_arn=destination.attr_arn,
            record_fields=list(FIELDS),
        )
        policy = buckets.logs.policy
        if policy is not None:
            delivery.node.add_dependency(policy)
