"""The folder in which a rehearsal keeps what it needs to know next time."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.failure import RehearsalError
from rehearsal.processes import Process


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the last `up` left running; `deploying` is the CDK CLI while it is at work, and after it was cut off."""

    process: Process
    port: int
    token: str
    deploying: Process | None = None


@dataclass(frozen=True)
class Workspace:
    """Paths below a project, and the record in them."""

    project: Path

    @classmethod
    def here(cls) -> "Workspace":
        """Return the workspace of the project around the current folder."""
        current = Path.cwd()
        project = next((folder for folder in (current, *current.parents) if (folder / "cdk.json").exists()), None)
        if project is None:
            raise RehearsalError("there is no cdk.json here or above", remedy="run it from within the project's folder")
        return cls(project)

    @property
    def folder(self) -> Path:
        """Where everything of a rehearsal lies."""
        return self.project / ".rehearsal"

    @property
    def assembly(self) -> Path:
        """What CDK synthesized for the emulator."""
        return self.folder / "cdk.out"

    @property
    def emulator_log(self) -> Path:
        """What the emulator says."""
        return self.folder / "emulator.log"

    @property
    def cdk_log(self) -> Path:
        """What the CDK CLI says."""
        return self.folder / "cdk.log"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out. The lock is the system's, so no crash leaves it behind."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RehearsalError(
                    "another `understudy` is at work in this project", remedy="wait until it has finished"
                ) from None
            yield

    def record(self) -> Record | None:
        """Return what is recorded, None when nothing is or it cannot be read."""
        try:
            content = json.loads(self._record_file.read_text())
            deploying = content.get("deploying")
            # By name, and what another version wrote besides is passed over: its emulator must still be found.
            return Record(
                process=Process(**content["process"]),
                port=int(content["port"]),
                token=str(content["token"]),
                deploying=Process(**deploying) if deploying else None,
            )
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            # Half a file: as good as none.
            return None

    def write(self, record: Record) -> None:
        """Replace the record, whole or not at all."""
        draft = self._record_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(record), indent=2))
        draft.replace(self._record_file)

    def forget(self) -> None:
        """Drop the record."""
        self._record_file.unlink(missing_ok=True)

    @property
    def _record_file(self) -> Path:
        return self.folder / "state.json"
