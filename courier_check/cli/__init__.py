"""The command line: every job without a window. Commands are loaded when called, so that a quick one starts quickly."""

from __future__ import annotations

import importlib
import itertools
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from courier_check import __version__
from courier_check.cli.codes import CliCode
from courier_check.cli.output import BesideWindow, Settings, aside
from courier_check.cli.usage import usage_error
from courier_check.errors import CourierCheckError, EnvironmentFault, UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.wording import Language, said

COMMANDS: Mapping[str, str] = {
    "station": "courier_check.cli.stations:station",
    "operators": "courier_check.cli.stations:operators",
    "doctor": "courier_check.cli.stations:doctor",
    "practice": "courier_check.cli.practice:practice",
    "demo": "courier_check.cli.demo:demo",
    "scan": "courier_check.cli.reading:scan",
    "read-id": "courier_check.cli.reading:read_id",
    "read-card": "courier_check.cli.cards:read_card",
    "check-number": "courier_check.cli.numbers:check_number",
    "screen": "courier_check.cli.lists:screen",
    "lists": "courier_check.cli.lists:lists",
    "objections": "courier_check.cli.objections:objections",
    "rules": "courier_check.cli.rules:rules",
    "credentials": "courier_check.cli.credentials:credentials",
    "notice": "courier_check.cli.notice:notice",
    "goods": "courier_check.cli.goods:goods",
    "prohibited": "courier_check.cli.goods:prohibited",
    "senders": "courier_check.cli.senders:senders",
    "accept": "courier_check.cli.accept:accept",
    "correct": "courier_check.cli.accept:correct",
    "label": "courier_check.cli.labels:label",
    "security-check": "courier_check.cli.security:security_check",
    "withdraw": "courier_check.cli.withdraw:withdraw",
    "disposal": "courier_check.cli.disposals:disposal",
    "leads": "courier_check.cli.disposals:leads",
    "intercept": "courier_check.cli.intercepts:intercept",
    "intercept-outcome": "courier_check.cli.intercepts:intercept_outcome",
    "dispute": "courier_check.cli.day:dispute",
    "day-close": "courier_check.cli.day:day_close",
    "sync": "courier_check.cli.sync:sync",
    "bundle": "courier_check.cli.bundles:bundle",
    "export": "courier_check.cli.bundles:export",
    "verify": "courier_check.cli.journal:verify",
    "views": "courier_check.cli.journal:views_group",
    "report": "courier_check.cli.reports:report",
    "gateway": "courier_check.cli.gateway:gateway",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command


def _default_data() -> Path:
    import platformdirs  # only when no --data was given

    return Path(platformdirs.user_data_dir("courier-check", appauthor=False))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="courier-check")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="数据文件夹（默认：本用户的数据文件夹）")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """收寄实名验视 — 每项工作都可以不开窗口完成。"""
    ctx.obj = Settings(data or _default_data(), ctx.obj)


def run(arguments: Sequence[str], beside: BesideWindow | None = None) -> int:
    """Run one command line; returns the exit code (0 done, 1 a check did not hold, 2 usage or input, 3 environment).

    `beside`: how `demo --window` comes to a window and labels to the system's printers, of which nothing here knows.
    """
    _have_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # a Windows console may be GBK
    language = Language.ENGLISH if "--lang=en" in arguments or ("--lang", "en") in itertools.pairwise(arguments) else Language.CHINESE
    try:
        _check_text(arguments)
        result = cli.main(args=list(arguments), prog_name="courier-check", standalone_mode=False, obj=beside)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except SystemExit:  # how click answers a reader of our output that is gone, which says nothing of the command
        return 0
    except click.Abort:
        return _fail(UserError(CliCode.INTERRUPTED), language)
    except click.ClickException as error:
        return _fail(usage_error(error), language)
    except CourierCheckError as error:
        return _fail(error, language)
    except BrokenPipeError:
        return 0
    except OSError as error:
        return _fail(EnvironmentFault(CliCode.FILE_UNUSABLE, file=str(error.filename or ""), detail=error.strerror or ""), language)
    except Exception:
        logging.getLogger("courier_check").exception("a bug of ours")
        return _fail(EnvironmentFault(CliCode.INTERNAL), language)


def _have_streams() -> None:
    """A service may be started with neither; what is written then goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process lasts


def _check_text(arguments: Sequence[str]) -> None:
    """Raises UserError for bytes that are no UTF-8, as of a script in another encoding: half a name would be looked up and not found. Files
    may be called so, and what looks like one is told by whoever reads it."""
    for argument in arguments:
        is_file = os.sep in argument or Path(argument).suffix or os.path.lexists(argument)
        if any("\ud800" <= character <= "\udfff" for character in argument) and not is_file:
            raise UserError(CliCode.NO_TEXT)


def _fail(error: CourierCheckError, language: Language) -> int:
    """Say it; the exit code is 3 where the surroundings or what the station itself holds is at fault."""
    aside(said(error, language))
    own_data = isinstance(error, JournalError) and error.code != JournalCode.TOO_LARGE
    return 3 if own_data or isinstance(error, EnvironmentFault) else 2
