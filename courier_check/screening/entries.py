"""名单条目 and 名单包: what a list says about whom, on which legal basis, and how far it may go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.privacy import mask_name
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.normalise import NameRules, NormalName, normalise_name

VERSION = 1

_QUOTED = re.compile(r"'[^']*'")
_encoder = msgspec.json.Encoder(order="sorted")

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Token = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Uscc = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}\Z")]
OrgCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{8}[0-9X]\Z")]
Positive = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Ms = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]


class Action(StrEnum):
    """处置: what a list may make of a hit, weakest first."""

    NOTE = "note"  # 提示
    INSPECT = "inspect"  # 重点验视并查验单证
    REVIEW = "review"  # 主管复核
    BLOCK = "block"  # 拦截

    @property
    def weight(self) -> int:
        return _ORDER.index(self)

    def at_most(self, limit: Action) -> Action:
        return min(self, limit, key=lambda action: action.weight)


_ORDER = (Action.NOTE, Action.INSPECT, Action.REVIEW, Action.BLOCK)


class SubjectKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"
    SHOP = "shop"
    PHONE = "phone"
    ADDRESS = "address"


class IssuerKind(StrEnum):
    AUTHORITY = "authority"  # 机关
    COMPANY = "company"  # 企业自有


class KeyKind(StrEnum):
    """What an entry can be found by."""

    USCC = "uscc"
    ORG_CODE = "org-code"
    ID_TOKEN = "id-token"  # noqa: S105 - the name of a kind of key, not a secret
    PHONE_TOKEN = "phone-token"  # noqa: S105 - likewise
    ADDRESS_TOKEN = "address-token"  # noqa: S105 - likewise
    FULL_NAME = "full-name"
    CORE_NAME = "core-name"


class ListHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for all entries of one version of a list. `action` is what the issuer states; `allowed` is what it may do."""

    list_id: Id
    title: Name
    issuer: Name
    issuer_kind: IssuerKind
    doc_no: Name
    legal_basis: Text
    action: Action
    remedy: Text
    version: Positive
    issued_at_ms: Ms
    expires_on: date | None
    match_key_id: Id | None
    blocks_on_company_name: bool

    @property
    def allowed(self) -> Action:
        """没有依据的只能重点验视+查单证; a company's own list only ends agreement treatment (domain.md §11.7)."""
        if self.issuer_kind is IssuerKind.COMPANY:
            return Action.NOTE
        return self.action if self.legal_basis.strip() else self.action.at_most(Action.INSPECT)


class EntryForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as a package spells it. Document numbers and phones are match tokens, never raw. `action` may be weaker than the list's."""

    entry_id: Id
    revision: Positive
    subject_kind: SubjectKind
    display_name: Name
    aliases: tuple[Name, ...]
    uscc: Uscc | None
    org_code: OrgCode | None
    id_tokens: tuple[Token, ...]
    phone_tokens: tuple[Token, ...]
    address_tokens: tuple[Token, ...]
    action: Action | None
    reason: Text
    evidence: Text
    listed_on: date
    expires_on: date | None
    removed_on: date | None
    removal_reason: Text

    @property
    def tokens(self) -> tuple[str, ...]:
        return (*self.id_tokens, *self.phone_tokens, *self.address_tokens)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.entry_id}, r{self.revision}, {self.subject_kind}, {mask_name(self.display_name)})"


class ListEntry(EntryForm, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """名单条目 as it is matched: with its list, and its names (display name first, then aliases) normalised under one version of the rules.

    Phones and addresses have no names to match.
    """

    list_id: Id
    names: tuple[NormalName, ...]

    @property
    def organisation(self) -> str | None:
        """组织机构代码: characters 9–17 of the unified code, or the one an older list gives."""
        return self.uscc[8:17] if self.uscc else self.org_code

    def in_force(self, at_on: date) -> bool:
        """Listed on or before the day, and neither expired nor removed by it."""
        ends = [day for day in (self.expires_on, self.removed_on) if day is not None]
        return self.listed_on <= at_on and all(at_on < day for day in ends)

    def keys(self) -> tuple[tuple[KeyKind, str], ...]:
        """All keys under which a store must find this entry, each once."""
        return tuple(dict.fromkeys(self._keys()))

    def _keys(self) -> Iterator[tuple[KeyKind, str]]:
        if self.uscc:
            yield KeyKind.USCC, self.uscc
        if self.organisation:
            yield KeyKind.ORG_CODE, self.organisation
        for kind, tokens in (
            (KeyKind.ID_TOKEN, self.id_tokens),
            (KeyKind.PHONE_TOKEN, self.phone_tokens),
            (KeyKind.ADDRESS_TOKEN, self.address_tokens),
        ):
            yield from ((kind, token) for token in tokens)
        for name in self.names:
            if name.full:
                yield KeyKind.FULL_NAME, name.full
            if name.core and self.subject_kind is not SubjectKind.PERSON:
                yield KeyKind.CORE_NAME, name.core


class _PackageForm(ListHeader, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    entries: tuple[EntryForm, ...]


@dataclass(frozen=True, slots=True)
class Vetting:
    """What reading a list needs from elsewhere: the name rules, and the check of a unified code's last character."""

    names: NameRules
    valid_uscc: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class ListPackage:
    """名单包: one version of one list."""

    header: ListHeader
    entries: tuple[ListEntry, ...]

    @classmethod
    def parse(cls, data: bytes, vetting: Vetting) -> ListPackage:
        """JSON → package; UserError with the place of the first defect. Nothing of a defective list is used."""
        form = _decoded(data)
        if form.v != VERSION:
            raise UserError(ScreeningCode.PACKAGE_VERSION, version=form.v)
        header = ListHeader(**{name: getattr(form, name) for name in ListHeader.__struct_fields__})
        return cls.build(header, form.entries, vetting)

    @classmethod
    def build(cls, header: ListHeader, entries: tuple[EntryForm, ...], vetting: Vetting) -> ListPackage:
        """A package of these entries; UserError as `parse`."""
        if header.allowed is Action.BLOCK and not header.remedy.strip():
            raise UserError(ScreeningCode.BLOCK_WITHOUT_REMEDY, list=header.list_id)
        seen: set[str] = set()
        for form in entries:
            if form.entry_id in seen:
                raise UserError(ScreeningCode.DUPLICATE_ENTRY, list=header.list_id, entry=form.entry_id)
            seen.add(form.entry_id)
            defect = entry_defect(header, form, vetting)
            if defect is not None:
                raise UserError(defect, list=header.list_id, entry=form.entry_id)
        return cls(header, in_order(listed(form, header.list_id, vetting.names) for form in entries))

    def encode(self) -> bytes:
        """The canonical bytes of this version (docs/journal.md §1), the content of a signed package: entries by their ids."""
        return b"".join(encoded_package(self.header, self.entries))


def in_order(entries: Iterable[ListEntry]) -> tuple[ListEntry, ...]:
    """Entries as packages have them: by their ids, which are ASCII."""
    return tuple(sorted(entries, key=lambda entry: entry.entry_id))


def encoded_package(header: ListHeader, entries: Iterable[EntryForm]) -> Iterator[bytes]:
    """A package's canonical bytes piece by piece, of entries in order: what a long list is hashed from without holding it."""
    empty = _encoder.encode(_PackageForm(**msgspec.structs.asdict(header), v=VERSION, entries=()))
    before, mark, after = empty.partition(b'"entries":[')  # within a text the quotes would be escaped
    yield before + mark
    for number, entry in enumerate(entries):
        yield (b"," if number else b"") + encode_form(entry)
    yield after


def encode_form(entry: EntryForm) -> bytes:
    """The canonical bytes of an entry as packages spell it."""
    return _encoder.encode(form_of(entry))


def form_of(entry: EntryForm) -> EntryForm:
    """An entry as packages spell it, without what a station adds."""
    return EntryForm(**{name: getattr(entry, name) for name in EntryForm.__struct_fields__})


def entry_defect(header: ListHeader, entry: EntryForm, vetting: Vetting) -> ScreeningCode | None:
    """What makes an entry unusable, if anything."""
    names = any(char.isalnum() for name in (entry.display_name, *entry.aliases) for char in name)
    if any(day is not None and day < entry.listed_on for day in (entry.expires_on, entry.removed_on)):
        return ScreeningCode.BAD_DATES
    if entry.uscc is not None and not vetting.valid_uscc(entry.uscc):
        return ScreeningCode.BAD_USCC
    if entry.uscc and entry.org_code and entry.uscc[8:17] != entry.org_code:
        return ScreeningCode.BAD_ORG_CODE
    if not (entry.tokens or names or entry.uscc or entry.org_code):
        return ScreeningCode.NOTHING_TO_MATCH
    return ScreeningCode.KEY_UNNAMED if entry.tokens and header.match_key_id is None else None


def encode_entry(entry: ListEntry) -> bytes:
    """How a store keeps an entry beside its keys."""
    return _encoder.encode(entry)


def decode_entry(data: bytes) -> ListEntry:
    """The entry `encode_entry` wrote. Raises msgspec.MsgspecError for anything else: a store's own bytes are not a person's input."""
    return typed.decode(data, ListEntry)


def _decoded(data: bytes) -> _PackageForm:
    try:
        return typed.decode(data, _PackageForm)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        fault, _, path = str(error).partition(" - at ")
        raise UserError(ScreeningCode.PACKAGE_MALFORMED, path=path.strip("`") or "$", fault=_QUOTED.sub("…", fault)) from None


def listed(form: EntryForm, list_id: str, rules: NameRules) -> ListEntry:
    """An entry of a list with its names normalised."""
    names: tuple[NormalName, ...] = ()
    if form.subject_kind not in (SubjectKind.PHONE, SubjectKind.ADDRESS):
        names = tuple(normalise_name(name, rules) for name in (form.display_name, *form.aliases))
    return ListEntry(**{name: getattr(form, name) for name in EntryForm.__struct_fields__}, list_id=list_id, names=names)
