"""What the registry of an environment says about an image."""

from __future__ import annotations

from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from spec import Deployment


class RegistryError(Exception):
    """The registry has no such image, or cannot be asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the registry."""

    service: str
    digest: str
    tag: str | None


class Registry:
    """The repositories `<app>-<env>/<service>` of one environment, by the credentials at hand."""

    def __init__(self, deployment: Deployment) -> None:
        self._prefix = deployment.prefix
        self._ecr = boto3.client("ecr", region_name=deployment.region)
        self._sts = boto3.client("sts", region_name=deployment.region)
        self._account = deployment.account

    def caller(self) -> str:
        """Whose credentials these are: an ARN.

        Raises:
            RegistryError: there are none, they have run out, or they belong to another account.
        """
        try:
            identity = self._sts.get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise RegistryError(
                f"AWS does not know who you are: {error}. Log in, for example by `aws sso login`"
            ) from None
        if self._account and identity["Account"] != self._account:
            raise RegistryError(
                f"the credentials are for account {identity['Account']}, the environment is in {self._account}"
            )
        return str(identity["Arn"])

    def resolve(self, service: str, reference: str) -> Image:
        """The image that `reference`, a tag or a digest, names.

        Raises:
            RegistryError: there is none, or the registry cannot be asked.
        """
        repository = f"{self._prefix}/{service}"
        by_digest = reference.startswith("sha256:")
        try:
            answer = self._ecr.describe_images(
                repositoryName=repository,
                imageIds=[{"imageDigest": reference} if by_digest else {"imageTag": reference}],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ImageNotFoundException":
                raise RegistryError(
                    f"{repository} has no image {reference}. Push it first, or look at {self._known(repository)}"
                ) from None
            if error.response["Error"]["Code"] == "RepositoryNotFoundException":
                raise RegistryError(
                    f"there is no registry {repository} yet. Deploy the environment first: it makes it"
                ) from None
            raise RegistryError(f"the registry {repository} refused: {error}") from None
        except BotoCoreError as error:
            raise RegistryError(f"the registry {repository} cannot be asked: {error}") from None
        detail = answer["imageDetails"][0]
        tag = next(iter(detail.get("imageTags", ())), None) if by_digest else reference
        return Image(service, detail["imageDigest"], tag)

    def _known(self, repository: str) -> str:
        """Some tags that are there."""
        try:
            answer = self._ecr.describe_images(
                repositoryName=repository, filter={"tagStatus": "TAGGED"}, maxResults=100
            )
        except (BotoCoreError, ClientError):
            return "the registry"
        newest = sorted(answer["imageDetails"], key=lambda detail: str(detail.get("imagePushedAt")), reverse=True)
        tags = [tag for detail in newest for tag in detail.get("imageTags", ())][:5]
        return f"the newest there: {', '.join(tags)}" if tags else "the registry: it is empty"
