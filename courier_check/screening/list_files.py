"""Rows of list files → entries: the columns of domain.md §10, defects by column, raw numbers turned into match tokens and never kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from courier_check.errors import Fact, UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action, EntryForm, IssuerKind, ListHeader, SubjectKind
from courier_check.screening.list_rows import OPTIONAL, REQUIRED, TableRow

_SUBJECTS = {
    **{kind.value: kind for kind in SubjectKind},
    "企业": SubjectKind.COMPANY,
    "个体": SubjectKind.COMPANY,
    "个体工商户": SubjectKind.COMPANY,
    "个人": SubjectKind.PERSON,
    "店铺": SubjectKind.SHOP,
    "电话": SubjectKind.PHONE,
    "地址": SubjectKind.ADDRESS,
}
_ACTIONS = {
    **{action.value: action for action in Action},
    **{"refuse": Action.BLOCK, "inspect100": Action.INSPECT, "alert": Action.NOTE},
    **{"拦截": Action.BLOCK, "拒收": Action.BLOCK, "复核": Action.REVIEW, "重点验视": Action.INSPECT, "提示": Action.NOTE},
}
_ISSUERS = {
    **{kind.value: kind for kind in IssuerKind},
    **{"": IssuerKind.AUTHORITY, "机关": IssuerKind.AUTHORITY, "企业": IssuerKind.COMPANY, "企业自有": IssuerKind.COMPANY},
}
_FLAGS = {"": False, "0": False, "no": False, "否": False, "1": True, "yes": True, "是": True}
_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
_SEPARATORS = re.compile(r"[;；、|]")
_HEX = re.compile(r"[0-9a-f]{64}")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_ORG_CODE = re.compile(r"[0-9A-Z]{8}[0-9X]")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_NAME, _LONGEST_TEXT = 200, 2000
_SHORT = {"list_type", "source_org", "doc_no", "name", "shop_name"}

T = TypeVar("T")
Token = Callable[[str, str], str]
"""(kind, raw value) → match token; kinds are those of journal.tokens (id-number, phone, address). UserError for a value that is none."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a file does not say about the version made from it. `match_key_id` names the key the tokens are made with."""

    version: int
    issued_at_ms: int
    expires_on: date | None
    match_key_id: str


@dataclass(frozen=True, slots=True)
class LineError:
    """What a report says of one line. `line` counts lines of the file from 1; `column` is empty where the whole line is meant.
    `left_out`: the line gives no entry; else it does, and this is worth knowing."""

    line: int
    column: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    left_out: bool = True


class RowDefect(Exception):
    """Why a row gives no entry. Becomes a LineError, and goes no further than who reads the file."""

    def __init__(self, column: str, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(column, code)
        self.column = column
        self.code = code
        self.facts = facts or {}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be read: what it says of its list, and the entry."""

    line: int
    header: ListHeader
    entry: EntryForm


def row_entry(row: TableRow, issue: Issue, token: Token) -> Row:
    """What a row says, by itself. Raises RowDefect."""
    if row.defect is not None:
        raise RowDefect(row.column, row.defect)
    return _row(row.line, row.cells, issue, token)


def _row(line: int, cells: Mapping[str, str], issue: Issue, token: Token) -> Row:
    for column in REQUIRED:
        if not cells.get(column):
            raise RowDefect(column, ScreeningCode.CSV_VALUE_MISSING)
    if any(len(text) > _LONGEST_NAME for text in cells.values()):
        for column in (*REQUIRED, *OPTIONAL):
            if len(cells.get(column, "")) > (_LONGEST_NAME if column in _SHORT else _LONGEST_TEXT):
                raise RowDefect(column, ScreeningCode.CSV_BAD_VALUE)
    header = _header(cells, issue)
    return Row(line, header, _entry(cells, header.list_id, token))


def _header(cells: Mapping[str, str], issue: Issue) -> ListHeader:
    title, issuer, doc_no = (cells.get(column, "") for column in ("list_type", "source_org", "doc_no"))
    return ListHeader(
        list_id=_matching(cells, "list_id", _ID) or f"list-{_digest(title, issuer, doc_no)}",
        title=title,
        issuer=issuer,
        issuer_kind=_word(cells, "issuer_kind", _ISSUERS),
        doc_no=doc_no,
        legal_basis=cells.get("legal_basis", ""),
        action=_word(cells, "action", _ACTIONS),
        remedy=cells.get("remedy", ""),
        version=issue.version,
        issued_at_ms=issue.issued_at_ms,
        expires_on=issue.expires_on,
        match_key_id=issue.match_key_id,
        blocks_on_company_name=_word(cells, "blocks_on_company_name", _FLAGS),
    )


def _entry(cells: Mapping[str, str], list_id: str, token: Token) -> EntryForm:
    kind = _word(cells, "subject_type", _SUBJECTS)
    names = [name for name in (cells.get("name", ""), cells.get("shop_name", ""), *_aliases(cells)) if name]
    uscc = _matching(cells, "uscc", _USCC)
    ids = tuple(filter(None, (_token(cells, "id_number", "id-number", token), _matching(cells, "id_hash", _HEX))))
    phone, address = _token(cells, "phone", "phone", token), _token(cells, "address", "address", token)
    listed_on = _day(cells, "listed_on")
    subject = (kind, uscc or "", "".join(ids), phone or "", address or "", *names[:1], listed_on.isoformat())
    return EntryForm(
        entry_id=_matching(cells, "entry_id", _ID) or f"e-{_digest(list_id, *subject)}",
        revision=_revision(cells),
        subject_kind=kind,
        display_name=names[0] if names else "",
        aliases=tuple(dict.fromkeys(names[1:])),
        uscc=uscc,
        org_code=_matching(cells, "org_code", _ORG_CODE),
        id_tokens=tuple(dict.fromkeys(ids)),
        phone_tokens=(phone,) if phone else (),
        address_tokens=(address,) if address else (),
        action=_word(cells, "action", _ACTIONS),
        reason=cells["reason"],
        evidence=cells.get("evidence", ""),
        listed_on=listed_on,
        expires_on=_day(cells, "expires_on") if cells.get("expires_on") else None,
        removed_on=_day(cells, "removed_on") if cells.get("removed_on") else None,
        removal_reason=cells.get("removal_reason", ""),
    )


def _word(cells: Mapping[str, str], column: str, words: Mapping[str, T]) -> T:
    try:
        return words[cells.get(column, "").lower()]
    except KeyError:
        raise RowDefect(column, ScreeningCode.CSV_UNKNOWN_WORD) from None


def _matching(cells: Mapping[str, str], column: str, form: re.Pattern[str]) -> str | None:
    """A code with blanks and hyphens removed where its form has none; None if the cell is empty."""
    text = unicodedata.normalize("NFKC", cells.get(column, ""))
    if not text:
        return None
    if form in (_USCC, _ORG_CODE):
        text = "".join(text.upper().replace("-", "").split())
    elif form is _HEX:
        text = text.lower()
    if not form.fullmatch(text):
        raise RowDefect(column, ScreeningCode.CSV_BAD_VALUE)
    return text


def _token(cells: Mapping[str, str], column: str, kind: str, token: Token) -> str | None:
    if not cells.get(column):
        return None
    try:
        return token(kind, cells[column])
    except UserError as error:
        raise RowDefect(column, error.code.value, error.facts) from None


def _aliases(cells: Mapping[str, str]) -> list[str]:
    aliases = [alias.strip() for alias in _SEPARATORS.split(cells.get("alias", ""))]
    if any(len(alias) > _LONGEST_NAME for alias in aliases):
        raise RowDefect("alias", ScreeningCode.CSV_BAD_VALUE)
    return aliases


def _day(cells: Mapping[str, str], column: str) -> date:
    found = _DATE.fullmatch(cells[column])
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        raise RowDefect(column, ScreeningCode.CSV_BAD_DATE) from None


def _revision(cells: Mapping[str, str]) -> int:
    text = cells.get("revision") or "1"
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise RowDefect("revision", ScreeningCode.CSV_BAD_VALUE)
    return int(text)


def _digest(*parts: str) -> str:
    """A name for what has none, the same at every import."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
