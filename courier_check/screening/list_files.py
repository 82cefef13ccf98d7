"""名单文件 (CSV) → list packages: the columns of domain.md §10, errors by line, raw numbers turned into match tokens and never kept."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import msgspec

from courier_check.errors import Fact, UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action, EntryForm, IssuerKind, ListHeader, ListPackage, SubjectKind, Vetting, entry_defect

REQUIRED = ("list_type", "source_org", "subject_type", "reason", "listed_on", "action")
OPTIONAL = (
    *("list_id", "doc_no", "legal_basis", "remedy", "issuer_kind", "blocks_on_company_name", "entry_id", "revision"),
    *("name", "alias", "shop_name", "uscc", "org_code", "id_number", "id_hash", "phone", "address"),
    *("expires_on", "removed_on", "removal_reason", "evidence"),
)
"""Columns that are read; others of domain.md §10 (brand_infringed, remark …) may stand in the file and are left out of the list."""

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
_OF_THE_LIST = ("list_type", "source_org", "doc_no", "legal_basis", "remedy", "issuer_kind", "blocks_on_company_name")
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
    """One defect. `line` counts lines of the file from 1; `column` is empty where the whole line is meant."""

    line: int
    column: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file gave: packages, or all its errors and no package — half a list is worse than none."""

    packages: tuple[ListPackage, ...]
    errors: tuple[LineError, ...]


class _Defect(Exception):  # never leaves this module
    def __init__(self, column: str, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(column, code)
        self.column = column
        self.code = code
        self.facts = facts or {}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    header: ListHeader
    entry: EntryForm


def parse_list_csv(text: str, issue: Issue, vetting: Vetting, token: Token) -> ListFile:
    """Read a list file. Rows of one `list_id` (or else of one list_type, source_org and doc_no) make one list.

    A row's action may be weaker than its list's, which is the strongest of its rows. UserError if the file has no usable heading.
    """
    rows: list[_Row] = []
    errors: list[LineError] = []
    for line, cells in _records(text):
        try:
            rows.append(_row(line, cells, issue, token))
        except _Defect as defect:
            errors.append(LineError(line, defect.column, defect.code, defect.facts))
    packages = [] if errors else _packages(rows, vetting, errors)
    return ListFile(() if errors else tuple(packages), tuple(errors))


def _records(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        text.encode()  # what has no UTF-8 could not be published
        heading = [cell.strip().lower() for cell in next(reader, [])]
        _check_heading(heading)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(heading, (cell.strip() for cell in cells), strict=False))
    except (csv.Error, UnicodeEncodeError):
        raise UserError(ScreeningCode.CSV_UNREADABLE, line=reader.line_num) from None


def _check_heading(heading: Sequence[str]) -> None:
    if not any(heading):
        raise UserError(ScreeningCode.CSV_EMPTY)
    for column in REQUIRED:
        if column not in heading:
            raise UserError(ScreeningCode.CSV_COLUMN_MISSING, column=column)
    twice = next((column for column in (*REQUIRED, *OPTIONAL) if heading.count(column) > 1), None)
    if twice is not None:
        raise UserError(ScreeningCode.CSV_COLUMN_TWICE, column=twice)


def _row(line: int, cells: Mapping[str, str], issue: Issue, token: Token) -> _Row:
    for column in REQUIRED:
        if not cells.get(column):
            raise _Defect(column, ScreeningCode.CSV_VALUE_MISSING)
    for column in (*REQUIRED, *OPTIONAL):
        if len(cells.get(column, "")) > (_LONGEST_NAME if column in _SHORT else _LONGEST_TEXT):
            raise _Defect(column, ScreeningCode.CSV_BAD_VALUE)
    header = _header(cells, issue)
    return _Row(line, header, _entry(cells, header.list_id, token))


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


def _packages(rows: Sequence[_Row], vetting: Vetting, errors: list[LineError]) -> list[ListPackage]:
    lists: dict[str, list[_Row]] = {}
    for row in rows:
        lists.setdefault(row.header.list_id, []).append(row)
    packages = []
    for members in lists.values():
        strongest = max((row.header for row in members), key=lambda header: header.action.weight)
        errors.extend(_list_errors(members, strongest, vetting))
        if not errors:
            packages.append(ListPackage.build(_keyed(strongest, members), tuple(row.entry for row in members), vetting))
    return packages


def _keyed(header: ListHeader, members: Sequence[_Row]) -> ListHeader:
    """A list without tokens names no match key: it can be screened with any."""
    if any(row.entry.tokens for row in members):
        return header
    return msgspec.structs.replace(header, match_key_id=None)


def _list_errors(members: Sequence[_Row], header: ListHeader, vetting: Vetting) -> Iterator[LineError]:
    """What is wrong with rows only when they stand together in one list."""
    first, seen = members[0], set[str]()
    if header.allowed is Action.BLOCK and not header.remedy:
        yield LineError(first.line, "remedy", ScreeningCode.BLOCK_WITHOUT_REMEDY, {"list": header.list_id})
    for row in members:
        differing = next((column for column in _OF_THE_LIST if _of_list(row, column) != _of_list(first, column)), None)
        if differing is not None:
            yield LineError(row.line, differing, ScreeningCode.CSV_DISAGREES)
        where = {"list": header.list_id, "entry": row.entry.entry_id}
        if row.entry.entry_id in seen:
            yield LineError(row.line, "entry_id", ScreeningCode.DUPLICATE_ENTRY, where)
        seen.add(row.entry.entry_id)
        defect = entry_defect(header, row.entry, vetting)
        if defect is not None:
            yield LineError(row.line, "", defect, where)


def _of_list(row: _Row, column: str) -> object:
    header = row.header
    own = {"list_type": header.title, "source_org": header.issuer}
    return own[column] if column in own else getattr(header, column)


def _word(cells: Mapping[str, str], column: str, words: Mapping[str, T]) -> T:
    try:
        return words[cells.get(column, "").lower()]
    except KeyError:
        raise _Defect(column, ScreeningCode.CSV_UNKNOWN_WORD) from None


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
        raise _Defect(column, ScreeningCode.CSV_BAD_VALUE)
    return text


def _token(cells: Mapping[str, str], column: str, kind: str, token: Token) -> str | None:
    if not cells.get(column):
        return None
    try:
        return token(kind, cells[column])
    except UserError as error:
        raise _Defect(column, error.code.value, error.facts) from None


def _aliases(cells: Mapping[str, str]) -> list[str]:
    aliases = [alias.strip() for alias in _SEPARATORS.split(cells.get("alias", ""))]
    if any(len(alias) > _LONGEST_NAME for alias in aliases):
        raise _Defect("alias", ScreeningCode.CSV_BAD_VALUE)
    return aliases


def _day(cells: Mapping[str, str], column: str) -> date:
    found = _DATE.fullmatch(cells[column])
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        raise _Defect(column, ScreeningCode.CSV_BAD_DATE) from None


def _revision(cells: Mapping[str, str]) -> int:
    text = cells.get("revision") or "1"
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise _Defect("revision", ScreeningCode.CSV_BAD_VALUE)
    return int(text)


def _digest(*parts: str) -> str:
    """A name for what has none, the same at every import."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
