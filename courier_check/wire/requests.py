"""The signature over a station's request (docs/wire.md §5)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from courier_check.journal import canonical, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SigningKey, VerifyingKey, from_text, to_text

SCHEME = "Courier-Station"
_FORM = re.compile(r"Courier-Station v=1,station_id=([a-z0-9][a-z0-9-]{0,62}),at_ms=(0|[1-9][0-9]{0,15}),signature=([A-Za-z0-9_-]{86})")


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: method, path with query, body before compression."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Authorization:
    station_id: str
    at_ms: int
    signature: str

    @classmethod
    def parse(cls, text: str) -> Authorization:
        """Read the header's value; raises JournalError."""
        found = _FORM.fullmatch(text)
        if not found:
            raise JournalError(JournalCode.MALFORMED)
        return cls(found[1], int(found[2]), found[3])

    def verify(self, call: Call, key: VerifyingKey) -> None:
        """Raise JournalError unless this station's key signed this call."""
        key.verify(tags.REQUEST, _message(call, self.station_id, self.at_ms), from_text(self.signature))


def authorization(call: Call, station_id: str, at_ms: int, key: SigningKey) -> str:
    """The value of the Authorization header of a call."""
    signature = to_text(key.sign(tags.REQUEST, _message(call, station_id, at_ms)))
    return f"{SCHEME} v=1,station_id={station_id},at_ms={at_ms},signature={signature}"


def _message(call: Call, station_id: str, at_ms: int) -> bytes:
    return canonical.encode(
        {
            "at_ms": at_ms,
            "body_sha256": hashlib.sha256(call.body).hexdigest(),
            "method": call.method,
            "path": call.path,
            "station_id": station_id,
        }
    )
