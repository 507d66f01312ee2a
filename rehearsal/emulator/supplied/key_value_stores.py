"""CloudFront KeyValueStore's own API, which moto lacks: `/key-value-stores/<ARN>[/keys[/<key>]]`.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.cloudfront.models import KeyValueStore, cloudfront_backends

from rehearsal.emulator.engines import key_values
from rehearsal.emulator.engines.key_values import Changed, Store
from rehearsal.emulator.supplied import asymmetric_signatures

PATH = "/key-value-stores/"
Start = Callable[[str, list[tuple[str, str]]], Any]
Answer = tuple[str, dict[str, Any], str]
"""HTTP's status, the body, the ETag."""


def answer(environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
    """Answer a request below PATH."""
    # What the server has decoded cannot be told from what was a separator: the ARN has slashes of its own.
    raw = str(environ.get("RAW_URI") or environ["REQUEST_URI"]).partition("?")[0]
    arn, *rest = (unquote(part) for part in raw.removeprefix(PATH).split("/"))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    etag = str(environ.get("HTTP_IF_MATCH", "")).strip('"')
    unsigned = asymmetric_signatures.problem(environ, path=raw, body=body, service="cloudfront-keyvaluestore")
    status, content, tag = (
        _refused("403 Forbidden", "InvalidSignatureException", unsigned)
        if unsigned
        else _answered(str(environ["REQUEST_METHOD"]), arn, rest, json.loads(body or b"{}"), etag)
    )
    sent = json.dumps(content).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(sent))), ("ETag", tag)]
    if not status.startswith("200"):
        headers.append(("x-amzn-ErrorType", content["__type"]))
    start(status, headers)
    return [sent]


def _answered(method: str, arn: str, rest: list[str], body: dict[str, Any], etag: str) -> Answer:
    model = _model(arn)
    if model is None:
        return _refused("404 Not Found", "ResourceNotFoundException", f"{arn} was not found")
    store = key_values.store(arn)
    match method, rest:
        case "GET", []:
            return "200 OK", _described(model, store), store.etag
        case "GET", ["keys"]:
            items = [{"Key": name, "Value": value} for name, value in sorted(store.values.items())]
            return "200 OK", {"Items": items}, store.etag
        case "GET", ["keys", name]:
            if name not in store.values:
                return _refused("404 Not Found", "ResourceNotFoundException", f"{name} was not found")
            return "200 OK", {"Key": name, "Value": store.values[name], **_sizes(store)}, store.etag
        case "PUT", ["keys", name]:
            return _changed(arn, etag, {name: str(body["Value"])}, [])
        case "DELETE", ["keys", name]:
            return _changed(arn, etag, {}, [name])
        case "POST", ["keys"]:
            puts = {one["Key"]: str(one["Value"]) for one in body.get("Puts") or []}
            return _changed(arn, etag, puts, [one["Key"] for one in body.get("Deletes") or []])
    return _refused("400 Bad Request", "ValidationException", f"{method} of {'/'.join(rest)} is not understood")


def _changed(arn: str, etag: str, puts: dict[str, str], deletes: list[str]) -> Answer:
    try:
        store = key_values.update(arn, etag=etag, puts=puts, deletes=deletes)
    except Changed:
        return _refused("409 Conflict", "ConflictException", "the ETag is not the newest")
    except KeyError as error:
        return _refused("404 Not Found", "ResourceNotFoundException", f"{error} was not found")
    return "200 OK", _sizes(store), store.etag


def _refused(status: str, kind: str, message: str) -> Answer:
    return status, {"__type": kind, "Message": message}, ""


def _sizes(store: Store) -> dict[str, int]:
    size = sum(len(name) + len(value) for name, value in store.values.items())
    return {"ItemCount": len(store.values), "TotalSizeInBytes": size}


def _described(model: KeyValueStore, store: Store) -> dict[str, Any]:
    moment = model.last_modified_time.timestamp()
    return {**_sizes(store), "KvsARN": model.arn, "Created": moment, "LastModified": moment, "Status": "READY"}


def _model(arn: str) -> KeyValueStore | None:
    for regions in list(cloudfront_backends.values()):
        for backend in list(regions.values()):
            for one in list(backend.key_value_stores.values()):
                if one.arn == arn:
                    return one
    return None
