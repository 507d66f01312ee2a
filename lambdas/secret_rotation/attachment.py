"""The custom resource `Custom::Login`: a new secret's login works before anybody needs it.

CloudFormation makes the secret with a random password, and knows the server's place later. So here the current value is
completed, keeping the login, and then made valid at the server.
"""

from __future__ import annotations

from secret_rotation.settings import Secret
from secret_rotation.values import Values
from shared.log import logger
from shared.secret_versions import Versions
from shared.told import Told


def attach(secret: Secret, values: Values) -> None:
    """Complete the current value of `secret`, and make it valid. Raises Told."""
    versions = Versions.read(secret.arn)
    current = versions.value(versions.current)
    if current is None:
        raise Told(f"The current version of {secret.name} has no value")
    completed = values.completed(current)
    if completed == current:
        versions.settle()
    else:
        token = versions.put_current(completed)
        # The label of the version before would go on naming a time that is not this version's.
        Versions.read(secret.arn).mark_current(token)
        logger.info("The value of the secret was completed")
    values.establish(completed)
    logger.info("The current value is valid")
