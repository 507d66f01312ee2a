"""What a container is told: the contract between the deployment and the application's code.

| set when the service depends on | variables | from Secrets Manager |
|---|---|---|
| (always) | PORT, LOG_LEVEL | |
| database | DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_READER_HOSTS, DATABASE_SSL_MODE | DATABASE_USERNAME, DATABASE_PASSWORD |
| cache | CACHE_HOST, CACHE_PORT, CACHE_TLS | CACHE_USERNAME, CACHE_PASSWORD |
| queue | QUEUE_HOST, QUEUE_PORT, QUEUE_TLS | QUEUE_USERNAME, QUEUE_PASSWORD |
| data | DATA_BUCKET | |
| files | FILES_PATH | |
| a service, such as payment-api | PAYMENT_API_URL | |

DATABASE_READER_HOSTS are separated by commas; without replicas it is the primary, so code may always read there.
DATABASE_SSL_MODE is `verify-full`: the image carries the bundle of RDS's authorities. CACHE_TLS and QUEUE_TLS are `true`.
Then come the application's variables, over them the service's own; none can take a name of the table (spec/rules).
The application's secrets that the service lists reach it under their own names. One that is rotated brings two more:

| variable | the service |
|---|---|
| NAME | signs, encrypts, asks with it |
| NAME_NEXT | accepts it: with the next rotation it becomes NAME |
| NAME_PREVIOUS | accepts it: NAME of before the last rotation |

Users and passwords change with each rotation, and a container gets the new ones when it is replaced: it reads them once,
at its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

from spec import Deployment
from spec.environment import Secret
from understudy.cache import Cache
from understudy.database import Database
from understudy.file_system import FileSystem
from understudy.queue import Queue


@dataclass(frozen=True, slots=True)
class Backends:
    """What services may depend on besides each other; None where the environment has none."""

    database: Database | None
    cache: Cache | None
    queue: Queue | None
    data_bucket: s3.Bucket | None
    files: FileSystem | None
    application_secrets: Mapping[str, secretsmanager.ISecret]
    repositories: Mapping[str, ecr.IRepository]


def variables(deployment: Deployment, name: str, backends: Backends) -> dict[str, str]:
    """Environment variables of the service `name`."""
    service = deployment.services[name]
    provided = {"PORT": str(service.port), "LOG_LEVEL": deployment.monitoring.log_level}
    for dependency in service.dependencies:
        provided |= _provided(deployment, dependency, backends)
    return {**deployment.variables, **service.variables, **provided}


def _provided(deployment: Deployment, dependency: str, backends: Backends) -> dict[str, str]:
    if dependency in deployment.services:
        return {f"{dependency.upper().replace('-', '_')}_URL": deployment.service_url(dependency)}
    if dependency == "database" and backends.database and deployment.database:
        database = backends.database
        return {
            "DATABASE_HOST": database.host,
            "DATABASE_PORT": str(deployment.database.port),
            "DATABASE_NAME": deployment.database.name,
            "DATABASE_READER_HOSTS": ",".join(database.reader_hosts or (database.host,)),
            "DATABASE_SSL_MODE": "verify-full",
        }
    if dependency == "cache" and backends.cache and deployment.cache:
        return {"CACHE_HOST": backends.cache.host, "CACHE_PORT": str(deployment.cache.port), "CACHE_TLS": "true"}
    if dependency == "queue" and backends.queue:
        return {"QUEUE_HOST": backends.queue.host, "QUEUE_PORT": str(backends.queue.port), "QUEUE_TLS": "true"}
    if dependency == "data" and backends.data_bucket:
        return {"DATA_BUCKET": backends.data_bucket.bucket_name}
    if dependency == "files" and deployment.storage.files:
        return {"FILES_PATH": deployment.storage.files.mount_path}
    return {}


def credentials(deployment: Deployment, name: str, backends: Backends) -> dict[str, secretsmanager.ISecret]:
    """Secrets with the keys `username` and `password`, by the start of the variables they become."""
    stores = {"DATABASE": backends.database, "CACHE": backends.cache, "QUEUE": backends.queue}
    dependencies = deployment.services[name].dependencies
    return {start: store.secret for start, store in stores.items() if store and start.lower() in dependencies}


def secrets(deployment: Deployment, name: str, backends: Backends) -> dict[str, ecs.Secret]:
    """Secrets of the service `name` by environment variable; ECS reads the values when a task starts."""
    found = {
        f"{start}_{field.upper()}": ecs.Secret.from_secrets_manager(secret, field)
        for start, secret in credentials(deployment, name, backends).items()
        for field in ("username", "password")
    }
    for variable in deployment.services[name].secrets:
        secret = backends.application_secrets[variable]
        for brought, field in _fields(variable, deployment.secrets[variable]).items():
            found[brought] = ecs.Secret.from_secrets_manager(secret, field)
    return found


def _fields(variable: str, secret: Secret) -> dict[str, str | None]:
    """Variables that a secret becomes, each with the key in its JSON; a supplied one is no JSON."""
    if secret.source == "supplied":
        return {variable: None}
    if not secret.rotated:
        return {variable: "value"}
    return {variable: "value", f"{variable}_NEXT": "next", f"{variable}_PREVIOUS": "previous"}


def readable_secrets(deployment: Deployment, name: str, backends: Backends) -> list[secretsmanager.ISecret]:
    """Every secret that a task of the service `name` starts with, and no other."""
    own = [backends.application_secrets[variable] for variable in deployment.services[name].secrets]
    return [*credentials(deployment, name, backends).values(), *own]
