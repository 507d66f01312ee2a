"""CloudWatch Logs: saved queries, and metric filters that can be changed."""

import json
from uuid import uuid4

from moto.logs.responses import LogsResponse

from rehearsal.emulator.supplied.shelf import missing, shelf, supply


def put_query_definition(self: LogsResponse) -> str:
    """Keep a query, or change one."""
    queries = shelf(self, "query definitions")
    name = self._get_param("queryDefinitionId") or str(uuid4())
    queries[name] = {
        "queryDefinitionId": name,
        "name": self._get_param("name"),
        "queryString": self._get_param("queryString"),
        "logGroupNames": self._get_param("logGroupNames", []),
    }
    return json.dumps({"queryDefinitionId": name})


def describe_query_definitions(self: LogsResponse) -> str:
    """Return queries whose name begins as asked."""
    prefix = self._get_param("queryDefinitionNamePrefix") or ""
    queries = shelf(self, "query definitions").values()
    return json.dumps({"queryDefinitions": [one for one in queries if one["name"].startswith(prefix)]})


def delete_query_definition(self: LogsResponse) -> str:
    """Drop a query."""
    name = self._get_param("queryDefinitionId")
    if shelf(self, "query definitions").pop(name, None) is None:
        raise missing(self, "ResourceNotFoundException", name)
    return json.dumps({"success": True})


_put_of_moto = LogsResponse.put_metric_filter


def put_metric_filter(self: LogsResponse) -> str:
    """Let moto keep a filter, in place of the one of that name: it would keep the old one."""
    filters = self.logs_backend.filters
    group, name = self._get_param("logGroupName"), self._get_param("filterName")
    filters.delete_filter(name, group)
    return _put_of_moto(self)


def install() -> None:
    """Answer these operations from now on."""
    supply(
        LogsResponse,
        put_metric_filter=put_metric_filter,
        put_query_definition=put_query_definition,
        describe_query_definitions=describe_query_definitions,
        delete_query_definition=delete_query_definition,
    )
