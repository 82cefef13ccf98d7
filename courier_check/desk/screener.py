"""名单核查 at the desk: who is asked about, under every match key held, against the installed lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from courier_check.journal.tokens import TokenKind, address_value, match_token, phone_value
from courier_check.screening.match import Query, Screening, screen
from courier_check.screening.normalise import NameRules, normalise_name
from courier_check.store.database import Database
from courier_check.store.identity import MatchKey
from courier_check.store.lists import StoredCandidates


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Who is screened, as given; document numbers normalised. Never printed."""

    name: str | None = None
    uscc: str | None = None
    id_number: str | None = None
    phone: str | None = None
    address: str | None = None

    def token_values(self) -> dict[TokenKind, str]:
        """What match tokens are made of; kinds without a value are left out."""
        values = {
            TokenKind.ID_NUMBER: self.id_number or "",
            TokenKind.PHONE: phone_value(self.phone or ""),
            TokenKind.ADDRESS: address_value(self.address or ""),
        }
        return {kind: value for kind, value in values.items() if value}


class Screener:
    """Looks subjects up in the installed lists. Reads only; belongs to the connection's thread."""

    def __init__(self, database: Database, match_keys: Sequence[MatchKey], names: NameRules) -> None:
        self._candidates = StoredCandidates(database)
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
        return screen(query, self._candidates, on)
