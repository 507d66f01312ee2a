"""The one logger: JSON lines to CloudWatch Logs, with the service's name from `POWERTOOLS_SERVICE_NAME`."""

from __future__ import annotations

from aws_lambda_powertools.logging import Logger

logger = Logger()
"""Never given a secret, a token or a request's headers."""
