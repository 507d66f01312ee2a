"""Who may change logins at the function's server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from secret_rotation.settings import Settings
from shared.administrators import logins
from shared.login import Login
from shared.told import Told

Administrators = Callable[[], Iterator[Login]]


def administrators(settings: Settings) -> Administrators:
    """Logins to try, the likeliest first; each is read when it is asked for."""

    def those() -> Iterator[Login]:
        secret = settings.administrator
        if secret is None:
            raise Told("The function knows no administrator of the server")
        yield from logins(secret.arn)

    return those
