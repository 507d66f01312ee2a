"""Secrets Manager's four steps. Each finds in the world what was done before it, and does what is missing.

createSecret   the pending version gets a value
setSecret      the server takes it, beside the current one
testSecret     somebody logs in with it
finishSecret   it becomes current, and consumers are brought to it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from secret_rotation import consumers, retirement
from secret_rotation.settings import Secret, Settings
from secret_rotation.values import Value, Values
from shared import refreshes
from shared.log import logger
from shared.login import Rejected
from shared.secret_versions import CURRENT, GIVEN_UP, PENDING, Unreadable, Versions
from shared.told import Told

Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]

ANOTHER: Final = "The current value is untouched. The next rotation makes another one"


@dataclass(frozen=True, slots=True)
class Rotation:
    """One attempt to give `secret` a new value: its version `token`."""

    settings: Settings
    secret: Secret
    values: Values
    token: str

    def carry_out(self, step: Step) -> None:
        """Do `step`. Raises Told, with the current value as valid as it was."""
        versions = Versions.read(self.secret.arn)
        labels = versions.labels.get(self.token, frozenset())
        if not versions.rotated:
            raise Told(f"Rotation of {self.secret.name} is not enabled")
        if CURRENT in labels:
            if step == "finishSecret":
                self._complete(versions)
            return
        if GIVEN_UP in labels:
            versions.give_up(self.token)
            raise Told(f"Version {self.token} of {self.secret.name} was given up. {ANOTHER}")
        if PENDING not in labels:
            raise Told(f"Version {self.token} of {self.secret.name} is not pending: no rotation is at work on it")
        try:
            _STEPS[step](self, versions)
        except Rejected as rejected:
            because = str(rejected)
        else:
            return
        raise self._given_up(versions, because)

    def create(self, versions: Versions) -> None:
        """Only once nobody holds what the new value will take the place of."""
        if self._made(versions) is not None:
            return
        versions.settle()
        self._wait_for_consumers(versions)
        versions.put_pending(self.token, self.values.following(self._current(versions)))
        logger.info("The secret has a new pending value")

    def set(self, versions: Versions) -> None:
        """Asks for consumers once more: somebody may have changed the current value since the pending one was made."""
        pending = self._pending(versions)
        self._wait_for_consumers(versions)
        retirement.wait(self.secret)
        if self.secret.kind == "administrator":
            versions.try_out(self.token)
        self.values.use(self._current(versions), pending)
        logger.info("The pending value was made valid")

    def test(self, versions: Versions) -> None:
        """Secrets Manager also tests the current value under the name of a pending one, when rotation is switched on."""
        self.values.test(self._pending(versions, or_current=True))
        logger.info("The pending value is valid")

    def finish(self, versions: Versions) -> None:
        """Tests once more, as nothing that does not work may become current: hours may lie between two steps."""
        self.values.test(self._pending(versions))
        versions.make_current(self.token)
        self._complete(Versions.read(self.secret.arn))

    def _complete(self, versions: Versions) -> None:
        """What follows from the new version being current. AWSPENDING goes last: until then the attempt can be resumed."""
        versions.mark_current(self.token)
        if self.secret.consumers:
            refreshes.start(self.settings.refresh_arn, self.token)
        if PENDING in versions.labels[self.token]:
            versions.detach(PENDING, self.token)
        logger.info("The secret has a new current value")

    def _wait_for_consumers(self, versions: Versions) -> None:
        because = consumers.lagging(self.settings, self.secret, versions.since())
        if because is not None:
            raise Told(f"{self.secret.name} is not rotated now: {because}. Nothing was changed")

    def _current(self, versions: Versions) -> Value:
        value = versions.value(versions.current)
        if value is None:
            raise Told(f"The current version of {self.secret.name} has no value")
        return value

    def _made(self, versions: Versions) -> Value | None:
        """What createSecret has put, if it was called."""
        try:
            return versions.value(self.token)
        except Unreadable as unreadable:
            because = str(unreadable)
        raise self._given_up(versions, because)

    def _pending(self, versions: Versions, *, or_current: bool = False) -> Value:
        """The pending value. One that does not fit the current one any more is given up."""
        current, pending = self._current(versions), self._made(versions)
        if pending is None:
            raise Told(f"Version {self.token} of {self.secret.name} has no value yet: createSecret comes first")
        if or_current and pending == current:
            return pending
        if not self.values.fits(current, pending):
            raise self._given_up(versions, "The secret was changed after this value was made for it")
        return pending

    def _given_up(self, versions: Versions, because: str) -> Told:
        versions.give_up(self.token)
        return Told(f"{because.rstrip('.')}. Version {self.token} of {self.secret.name} was given up. {ANOTHER}")


_STEPS: Final[Mapping[Step, Callable[[Rotation, Versions], None]]] = {
    "createSecret": Rotation.create,
    "setSecret": Rotation.set,
    "testSecret": Rotation.test,
    "finishSecret": Rotation.finish,
}
