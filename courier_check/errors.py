"""What can go wrong, split by what the reader must do next.

CourierCheckError
├── UserError      expected: shown calmly as one sentence with the next step (exit code 2)
└── EnvironmentFault
    ├── DeviceError    a picture, a reader, a camera, a printer (exit code 3)
    ├── StoreError     the data folder, the disk, the database (exit code 3)
    └── Unavailable    the gateway or the line to it (exit code 3)

Anything else is our bug: logged with its traceback, nothing half-written. The core speaks codes and facts; `wording` turns them into
sentences (resources/wording/*.json).
"""

from __future__ import annotations

from enum import StrEnum

Fact = str | int | bool | None


class CourierCheckError(Exception):
    """A condition with a code and the facts its sentence needs. Facts never carry unmasked personal data."""

    def __init__(self, code: StrEnum, **facts: Fact) -> None:
        super().__init__(code.value, facts)
        self.code = code
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        """Errors come back from other processes: remade without `__init__`, whose arguments are not `args` and differ by subclass."""
        return _remade, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code.value}({told})"


def _remade(kind: type[CourierCheckError], args: tuple[object, ...]) -> CourierCheckError:
    return kind.__new__(kind, *args)


class UserError(CourierCheckError):
    """Expected: unusable input, a missing right, a rule that says no."""


class EnvironmentFault(CourierCheckError):
    """The surroundings failed, not the person: shown with the remedy."""


class DeviceError(EnvironmentFault):
    """A device or a picture from it could not be used."""


class StoreError(EnvironmentFault):
    """The data folder could not be opened, read or written."""


class Unavailable(EnvironmentFault):
    """The gateway gave no usable answer; what was to be sent stays and is sent again."""
