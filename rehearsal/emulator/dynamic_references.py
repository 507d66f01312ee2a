"""`{{resolve:...}}`: values that CloudFormation looks up at the last moment, so that no template holds them."""

import json
import re

from rehearsal.emulator.apis import Apis
from rehearsal.emulator.values import Json

REFERENCE = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure|ssm):([^}]+)\}\}")


def resolved(value: Json, apis: Apis) -> Json:
    """Return the value with each dynamic reference replaced. Raises ApiError when what it names is not there."""
    if isinstance(value, dict):
        return {name: resolved(item, apis) for name, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, apis) for item in value]
    if isinstance(value, str) and "{{resolve:" in value:
        return REFERENCE.sub(lambda match: _looked_up(match.group(1), match.group(2), apis), value)
    return value


def _looked_up(service: str, reference: str, apis: Apis) -> str:
    if service != "secretsmanager":
        name, _, version = reference.partition(":")
        wanted = {"Name": f"{name}:{version}" if version else name, "WithDecryption": True}
        return str(apis.call("ssm", "get_parameter", wanted)["Parameter"]["Value"])
    # An ARN has colons of its own, so the secret's name ends where the kind of value is named.
    secret, _, rest = reference.partition(":SecretString")
    key, stage, version = [*rest.lstrip(":").split(":"), "", "", ""][:3]
    wanted = {"SecretId": secret}
    if stage:
        wanted["VersionStage"] = stage
    if version:
        wanted["VersionId"] = version
    text = str(apis.call("secretsmanager", "get_secret_value", wanted)["SecretString"])
    return str(json.loads(text)[key]) if key else text
