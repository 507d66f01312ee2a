"""The values of templates and of APIs."""

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Whatever JSON can hold. Its shape is a template's or botocore's affair; a closed type would need a cast per use."""
