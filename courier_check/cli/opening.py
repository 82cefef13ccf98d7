"""Opening a station from the command line: passphrase, operator sign-in."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.files import first_line
from courier_check.cli.output import Output, Settings, with_output
from courier_check.clock import SystemClock
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.folder import DataFolder
from courier_check.store.keys import has_keyring_wrap

SECRET_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def data_folder() -> Path:
    """The data folder of the command that runs, which need not be unlocked: for what is this machine's own. UserError if none is there."""
    settings = click.get_current_context().find_object(Settings)
    assert settings is not None  # noqa: S101 - the root group sets it
    return DataFolder.open(settings.data).path


@dataclass(frozen=True, slots=True)
class Access:
    """How a command comes to its open station and its operator. Secrets come from files or prompts, never as arguments."""

    data: Path
    passphrase_file: Path | None = None
    operator: str | None = None
    password_file: Path | None = None

    def open(self) -> Station:
        """Unlock: the file, else the practice station's published passphrase, else the OS keyring, else a prompt."""
        folder = DataFolder.open(self.data)
        surroundings = Surroundings(SystemClock())
        if self.passphrase_file is not None:
            return Station.open(self.data, first_line(self.passphrase_file), surroundings)
        if folder.marker.practice:
            return Station.open(self.data, PRACTICE_PASSPHRASE, surroundings)
        if has_keyring_wrap(folder.keys):
            return Station.open(self.data, None, surroundings)
        return Station.open(self.data, asked("口令 Passphrase", "--passphrase-file"), surroundings)

    def sign_in(self, station: Station, practice_default: str = PRACTICE_CLERK) -> SignedIn:
        """Sign an operator in. A practice station's two published operators need no password file."""
        practice = station.folder.marker.practice
        operator = self.operator
        if operator is None:
            operator = practice_default if practice else asked("工号 Operator", "--operator", hidden=False)
        if self.password_file is not None:
            password = first_line(self.password_file)
        elif practice and operator in (PRACTICE_CLERK, PRACTICE_SUPERVISOR):
            password = PRACTICE_PASSWORD
        else:
            password = asked("密码 Password", "--password-file")
        return station.operators().sign_in(operator, password)


def with_station(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--passphrase-file`, `--json` and `--lang`; it gets (out, access, …)."""

    @click.option("--passphrase-file", type=SECRET_FILE, help="口令文件（第一行）；口令从不作为参数")
    @with_output
    @functools.wraps(command)
    def wrapped(out: Output, *args: Any, passphrase_file: Path | None, **options: Any) -> Any:
        settings = click.get_current_context().find_object(Settings)
        assert settings is not None  # noqa: S101 - the root group sets it
        return command(out, Access(settings.data, passphrase_file), *args, **options)

    return wrapped


def with_operator(command: Callable[..., Any]) -> Callable[..., Any]:
    """As `with_station`, with `--operator` and `--password-file` besides."""

    @click.option("--operator", help="工号（练习台默认用公开的练习工号）")
    @click.option("--password-file", type=SECRET_FILE, help="收寄员密码文件（第一行）")
    @with_station
    @functools.wraps(command)
    def wrapped(out: Output, access: Access, *args: Any, operator: str | None, password_file: Path | None, **options: Any) -> Any:
        signing = Access(access.data, access.passphrase_file, operator, password_file)
        return command(out, signing, *args, **options)

    return wrapped


def asked(what: str, option: str, *, hidden: bool = True, twice: bool = False) -> str:
    """What a person types. Raises UserError where nobody can: a script names a file by the option."""
    if not sys.stdin.isatty():
        raise UserError(CliCode.PROMPT_IMPOSSIBLE, option=option)
    return str(click.prompt(what, hide_input=hidden, confirmation_prompt="再输一次 Again" if twice else False, err=True))


def new_password(password_file: Path | None) -> str:
    """A new operator's password, from a file or typed twice."""
    if password_file is not None:
        return first_line(password_file)
    return asked("新收寄员的密码 New password", "--new-password-file", twice=True)


def new_passphrase(passphrase_file: Path | None) -> str:
    """A new station's passphrase, from a file or typed twice."""
    if passphrase_file is not None:
        return first_line(passphrase_file)
    return asked("新口令 New passphrase", "--passphrase-file", twice=True)
