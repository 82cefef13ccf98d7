"""Makes tests/vectors/statements.json: what a gateway answers to a question, and what a station asks (docs/wire.md §2, §7, §13).

    python tests/vectors/make_statements.py        writes it anew: the same bytes every time

Keys are those of journal.json, entries and receipts those of wire.json.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2])]

import msgspec  # noqa: E402

from courier_check.journal.keys import SigningKey, from_text  # noqa: E402
from courier_check.wire.batches import ConfirmedHead, HeadRequest, Receipt  # noqa: E402
from courier_check.wire.certificates import KeysInForce  # noqa: E402
from courier_check.wire.evidence import EvidenceFile, EvidenceRequest, answer_to  # noqa: E402
from courier_check.wire.signed import Body, Signed, read, sign  # noqa: E402

FOLDER = Path(__file__).parent
NONCE = hashlib.sha256(b"courier-check sample nonce").hexdigest()[:32]
AT_MS = 1_795_406_460_000


def plain(document: object) -> Any:
    return json.loads(msgspec.json.encode(document))


def main() -> None:
    wire, journal = (json.loads((FOLDER / name).read_bytes()) for name in ("wire.json", "journal.json"))
    keys = {role: SigningKey(from_text(journal["keys"]["by_name"][role]["secret"])) for role in ("root", "receipt", "station")}

    def signed(body: Body, role: str) -> Signed:
        return sign(body, keys[role])

    newest = msgspec.convert(wire["batches"]["exchanges"][-1]["answer"]["receipt"], Signed)
    held = read(newest, Receipt)
    whose = {"gateway_id": held.gateway_id, "station_id": held.station_id, "journal_id": held.journal_id}
    ref = _named_photo(wire)
    sealed = sealed_of(ref["size"])
    stated = EvidenceFile(
        **whose,
        seq=ref["seq"],
        name=ref["name"],
        sha256=ref["sha256"],
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        sealed_size=len(sealed),
    )
    statement = signed(stated, "station")
    certified = wire["gateway"]["document"]["certificates"]
    in_force = tuple(sorted(json.loads(each["body"])["subject_key_id"] for each in certified))
    document = {
        "note": "docs/wire.md §2, §7 and §13; made by make_statements.py; keys of journal.json; everything in it is made up",
        "head": {
            "request": plain(HeadRequest(nonce=NONCE, receipt=newest)),
            "request_of_a_newcomer": plain(HeadRequest(nonce=NONCE)),
            "confirmed": plain(signed(ConfirmedHead(**whose, seq=held.last_seq, head=held.head, at_ms=AT_MS, nonce=NONCE), "receipt")),
            "confirmed_nothing": plain(signed(ConfirmedHead(**whose, seq=0, head=None, at_ms=AT_MS, nonce=NONCE), "receipt")),
        },
        "evidence": {
            "sealed": "the sealed file has size + 28 bytes, byte i (from 0) is i mod 251; nobody opens it",
            "statement": plain(statement),
            "request": plain(EvidenceRequest(nonce=NONCE, statement=statement)),
            "held_in_part": plain(signed(answer_to(stated, 12, NONCE, AT_MS), "receipt")),
            "held": plain(signed(answer_to(stated, len(sealed), NONCE, AT_MS), "receipt")),
        },
        "keys": plain(signed(KeysInForce(gateway_id=held.gateway_id, serial=1, keys=in_force), "root")),
    }
    (FOLDER / "statements.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def sealed_of(size: int) -> bytes:
    """As long as the sealed file of a photo of that size."""
    return bytes(number % 251 for number in range(size + 28))


def _named_photo(wire: dict[str, Any]) -> dict[str, Any]:
    """The photo that an entry of the sample journal names, and the seq of that entry."""
    headers = [json.loads(entry["header"]) for each in wire["batches"]["exchanges"] for entry in each["batch"]["entries"]]
    return next({**ref, "seq": header["seq"]} for header in headers for ref in header["evidence"])


if __name__ == "__main__":
    main()
