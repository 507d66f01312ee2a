"""Where the images of services lie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec.environment import Protection
from understudy.removal import removal_policy

RELEASES: Final = 100
"""Tagged images that are kept, the one that runs among them: ECR does not know which that is."""
LEFTOVERS: Final = 10
"""Images without a tag that are kept: layers of a build cache, attestations of a pushed index."""


class Registry(Construct):
    """A repository for each service that is built from source, named `<prefix>/<service>`.

    A tag, once pushed, stays with its image; every image is scanned.
    """

    repositories: dict[str, ecr.Repository]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        services: Iterable[str],
        protection: Protection,
        encryption_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        removal = removal_policy(protection)
        self.repositories = {
            service: ecr.Repository(
                self,
                service,
                repository_name=f"{prefix}/{service}",
                image_tag_mutability=ecr.TagMutability.IMMUTABLE,
                image_scan_on_push=True,
                encryption=ecr.RepositoryEncryption.KMS,
                encryption_key=encryption_key,
                lifecycle_rules=[
                    ecr.LifecycleRule(
                        rule_priority=1,
                        description=f"Keep {LEFTOVERS} images without a tag",
                        tag_status=ecr.TagStatus.UNTAGGED,
                        max_image_count=LEFTOVERS,
                    ),
                    ecr.LifecycleRule(
                        rule_priority=2,
                        description=f"Keep {RELEASES} images",
                        tag_status=ecr.TagStatus.ANY,
                        max_image_count=RELEASES,
                    ),
                ],
                removal_policy=removal,
                empty_on_delete=removal is RemovalPolicy.DESTROY,
            )
            for service in services
        }
