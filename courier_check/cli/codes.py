"""What can be wrong with a command line and the files it names. Sentences: resources/wording/cli.json."""

from __future__ import annotations

from enum import StrEnum


class CliCode(StrEnum):
    NO_COMMAND = "usage-command-unknown"
    COMMAND_MISSING = "usage-command-missing"
    NO_OPTION = "usage-option-unknown"
    OPTION_FORM = "usage-option-form"
    PARAMETER_MISSING = "usage-parameter-missing"
    NOT_A_CHOICE = "usage-not-a-choice"
    VALUE_ODD = "usage-value-odd"
    USAGE = "usage-other"
    FILE_ABSENT = "file-absent"
    FILE_TOO_LARGE = "file-too-large"
    NOT_TEXT = "file-not-text"
    FILE_UNUSABLE = "file-unusable"
    PROMPT_IMPOSSIBLE = "prompt-impossible"
    ENROL_CODE_MISSING = "enrol-code-missing"
    LIST_FILE_MISSING = "list-file-missing"
    REGION_MISSING = "list-region-missing"
    XLSX_NEEDS_FILE = "xlsx-needs-file"
    QUERY_FORM = "query-form"
    QUERY_FIELD = "query-field-unknown"
    SET_FORM = "set-form"
    SLIP_IS_TEXT = "slip-is-text"
    PRACTICE_ABSENT = "practice-absent"
    PRACTICE_DAMAGED = "practice-damaged"
    PRACTICE_NOT_MADE = "practice-not-made"
    PRACTICE_PORT_TAKEN = "practice-port-taken"
    PRACTICE_GATEWAY_SILENT = "practice-gateway-silent"
    PRACTICE_GATEWAY_FAILED = "practice-gateway-failed"
    NO_PORT_FREE = "no-port-free"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal-error"
    NO_WINDOW = "no-window-here"
