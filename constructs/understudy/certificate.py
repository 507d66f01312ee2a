"""A certificate of ACM, validated in the application's public hosted zone and renewed by ACM itself."""

from __future__ import annotations

from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from spec.edge import HostedZone
from understudy.acknowledgement import acknowledge

WILDCARD_REASON = (
    "The wildcard stands below internal.<domain>, names that exist in this VPC's private zone alone. Naming each service "
    "would replace the certificate with every service that is added, and ends at ten (ACM User Guide, quotas)."
)


def certificate(
    scope: Construct, construct_id: str, *, hosted_zone: HostedZone, domain: str, alternative: tuple[str, ...] = ()
) -> acm.CfnCertificate:
    """A certificate for `domain` and the `alternative` names, in the region of the stack.

    CloudFormation itself writes the validation records into the zone, which must be delegated: else the stack waits for
    them until it times out. A wildcard is validated by the record of the name it stands under, so each record is
    asked for once.
    """
    names = (domain, *alternative)
    found = acm.CfnCertificate(
        scope,
        construct_id,
        domain_name=domain,
        subject_alternative_names=list(alternative) or None,
        validation_method="DNS",
        certificate_transparency_logging_preference="ENABLED",
        domain_validation_options=[
            acm.CfnCertificate.DomainValidationOptionProperty(domain_name=name, hosted_zone_id=hosted_zone.id)
            for name in names
        ],
    )
    if any(name.startswith("*.") for name in alternative):
        acknowledge(found, {"CKV2_AWS_71": WILDCARD_REASON})
    return found
