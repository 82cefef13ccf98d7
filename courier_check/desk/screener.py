"""名单核查 at the desk: who is asked about, under every match key held, against the installed lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from courier_check.journal.tokens import TokenKind, address_value, match_token, phone_value
from courier_check.screening.match import Listed, NearNames, Query, Screening, screen
from courier_check.screening.normalise import NameRules, NormalName, normalise_name
from courier_check.store.database import Database
from courier_check.store.identity import MatchKey
from courier_check.store.lists import StoredCandidates

_EXTENSION = re.compile(r"(?<=[0-9]{11})\s*(?:-|,|#|转|ext\.?)\s*[0-9]{1,6}\s*$", re.IGNORECASE)
"""What follows a number of eleven digits: a listed phone must be found with and without it."""


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Who is screened, as given; document numbers normalised. Never printed."""

    name: str | None = None
    uscc: str | None = None
    id_number: str | None = None
    phone: str | None = None
    address: str | None = None

    @property
    def phone_is_virtual(self) -> bool:
        """Whether the phone has an extension, as the virtual numbers of privacy labels do: its base number is shared by strangers."""
        return self.phone is not None and _EXTENSION.search(unicodedata.normalize("NFKC", self.phone)) is not None

    def token_values(self) -> dict[TokenKind, str]:
        """What match tokens are made of; kinds without a value are left out."""
        values = {
            TokenKind.ID_NUMBER: self.id_number or "",
            TokenKind.PHONE: phone_value(_EXTENSION.sub("", unicodedata.normalize("NFKC", self.phone or ""))),
            TokenKind.ADDRESS: address_value(self.address or ""),
        }
        return {kind: value for kind, value in values.items() if value}


class Screener:
    """Looks subjects up in the installed lists. Reads only; belongs to the connection's thread."""

    def __init__(self, database: Database, match_keys: Sequence[MatchKey], names: NameRules, near: NearNames) -> None:
        self.names = near
        self._listed = Listed(StoredCandidates(database), near)
        self._match_keys = tuple(match_keys)
        self._names = names

    def screen(self, subject: Subject, on: date) -> Screening:
        """Level, status and hits as of a day. Raises UserError if there is nothing to ask by."""
        values = subject.token_values()

        def under_every_key(kind: TokenKind) -> tuple[str, ...]:
            return tuple(match_token(held.key, kind, values[kind]) for held in self._match_keys) if kind in values else ()

        query = Query(
            name=normalise_name(subject.name, self._names) if subject.name else None,
            uscc=subject.uscc,
            id_tokens=under_every_key(TokenKind.ID_NUMBER),
            phone_tokens=under_every_key(TokenKind.PHONE),
            address_tokens=under_every_key(TokenKind.ADDRESS),
            match_key_ids=tuple(held.match_key_id for held in self._match_keys),
        )
        return self.asked(query, on)

    def asked(self, query: Query, on: date) -> Screening:
        """As `screen`, of who is known by match tokens only."""
        return screen(query, self._listed, on)

    def normalised(self, name: str) -> NormalName:
        """A name as it is compared."""
        return normalise_name(name, self._names)
