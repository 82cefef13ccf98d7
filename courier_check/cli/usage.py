"""Wrong usage as one sentence in the reader's language; click speaks English only."""

from __future__ import annotations

import click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand

from courier_check.cli.codes import CliCode
from courier_check.errors import UserError


def usage_error(error: click.ClickException) -> UserError:
    """What click found wrong. Values are not repeated, except names of files and commands."""
    if isinstance(error, NoSuchCommand):
        return UserError(CliCode.NO_COMMAND, command=error.command_name)
    if isinstance(error, click.NoSuchOption):
        return UserError(CliCode.NO_OPTION, option=error.option_name)
    if isinstance(error, click.MissingParameter):
        return UserError(CliCode.PARAMETER_MISSING, parameter=_name(error))
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if isinstance(error, click.BadOptionUsage):
        return UserError(CliCode.OPTION_FORM, option=error.option_name)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None and isinstance(context.command, click.Group) and (isinstance(error, NoArgsIsHelpError) or not context.args):
        return UserError(CliCode.COMMAND_MISSING, known="、".join(context.command.list_commands(context)))
    return UserError(CliCode.USAGE)


def _bad_value(error: click.BadParameter) -> UserError:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Path):
        return UserError(CliCode.FILE_ABSENT, file=error.message.partition("'")[2].rpartition("'")[0])
    if isinstance(kind, click.Choice):
        return UserError(CliCode.NOT_A_CHOICE, parameter=_name(error), known="、".join(str(choice) for choice in kind.choices))
    return UserError(CliCode.VALUE_ODD, parameter=_name(error))


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.human_readable_name if parameter is not None else ""
