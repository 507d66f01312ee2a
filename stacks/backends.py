"""What a site's tasks may depend on, gathered from the stacks that hold it."""

from __future__ import annotations

from stacks.data import DataStack
from stacks.storage import StorageStack
from understudy.service_environment import Backends


def backends(storage: StorageStack, data: DataStack) -> Backends:
    """Of the site of both."""
    return Backends(
        database=data.database,
        cache=data.cache,
        queue=data.queue,
        data_bucket=storage.buckets.data,
        files=storage.files,
        application_secrets=data.application_secrets,
        repositories=storage.repositories,
    )
