"""tests/vectors/wire.json, section by section of docs/wire.md."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from courier_check.journal import canonical, tags
from courier_check.journal.entries import header_hash
from courier_check.journal.keys import SealingKey, from_text, to_text
from courier_check.journal.parts import seal_secret, unseal_secret
from courier_check.journal.verify import Stored
from courier_check.wire.batches import (
    Answer,
    Backlog,
    Batch,
    HeadStatement,
    JournalTaken,
    Receipt,
    Returned,
    ReturnedItems,
    merkle_root,
    receipt_hash,
    sent_of,
    to_wire,
)
from courier_check.wire.certificates import USUAL_LIMITS, GatewayDocument, Role, certificate_hash, root_fingerprint
from courier_check.wire.enrolment import (
    Code,
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentRequestBody,
    MatchKeys,
    SealedMatchKey,
    enrolment_mac,
)
from courier_check.wire.packages import Manifest, PackageKind, publish
from courier_check.wire.problems import STATUS, ProblemCode, problem
from courier_check.wire.requests import Call, authorization
from courier_check.wire.signed import Signed, sign
from tools.vectors.people import GATEWAY, GATEWAY_JOURNAL, JOURNAL, NOW_MS, REGION, STATION, Keys, seed
from tools.vectors.sample_journal import SampleEntry, sample_journal
from tools.vectors.sealed_values import SealedValues

MATCH_KEY_ID = seed("match-key-id").hex()[:32]


def wire_document(sealed: SealedValues) -> dict[str, Any]:
    keys = Keys.draw()
    certificates = keys.certificates()
    batches = _batches(sample_journal(keys, sealed))
    receipts = _receipts(keys, batches, certificate_hash(certificates[Role.ROOT]))
    return {
        "note": "Worked values for docs/wire.md, version 1; keys and journal are those of journal.json. Everything is made up. "
        "Documents are shown as JSON; only the texts of signed bodies are exact bytes.",
        "certificates": _certificates(certificates),
        "gateway": _gateway(certificates),
        "enrolment": _enrolment(keys, certificates, sealed),
        "requests": _requests(keys, batches[0]),
        "batches": _sent(batches, receipts),
        "heads": _heads(keys, batches),
        "returned": _returned(keys, batches),
        "problems": _problems(keys, batches),
        "package": _package(keys),
    }


def _plain(document: object) -> Any:
    return msgspec.to_builtins(document)


def _certificates(certificates: dict[Role, Signed]) -> dict[str, Any]:
    return {
        "note": "§1, §3. `signature` is over tag certificate ‖ body, by the root; the station's by the enrolment key",
        "by_role": {role.value: {"signed": _plain(signed), "hash": certificate_hash(signed)} for role, signed in certificates.items()},
    }


def _gateway_document(certificates: dict[Role, Signed]) -> GatewayDocument:
    issued = tuple(signed for role, signed in certificates.items() if role != Role.STATION)
    return GatewayDocument(gateway_id=GATEWAY, name="样本监管端（虚构）", practice=True, certificates=issued, limits=USUAL_LIMITS)


def _gateway(certificates: dict[Role, Signed]) -> dict[str, Any]:
    root = msgspec.json.decode(certificates[Role.ROOT].body)
    return {
        "note": "§2–§3. The document of GET /v1/gateway, the root's certificate first; the fingerprint is what stations pin",
        "document": _plain(_gateway_document(certificates)),
        "root_fingerprint_hex": root_fingerprint(from_text(root["public_key"])).hex(),
    }


def _enrolment(keys: Keys, certificates: dict[Role, Signed], sealed: SealedValues) -> dict[str, Any]:
    code = Code(root_fingerprint(keys.signing["root"].public), seed("code secret")[:10])
    body = EnrolmentRequestBody(
        alg="ed25519",
        public_key=to_text(keys.signing["station"].public),
        seal_key=to_text(keys.opening["station-seal"].public),
        code_id=code.code_id,
        practice=True,
        program="courier-check 0.1.0",
        requested_at_ms=NOW_MS,
    )
    request = sign(body, keys.signing["station"])
    secret, info = (
        seed("match-key"),
        tags.MATCH_KEY_SEAL + canonical.encode({"gateway_id": GATEWAY, "match_key_id": MATCH_KEY_ID, "station_id": STATION}),
    )
    opener = keys.opening["station-seal"]
    value = sealed.keep_or(
        lambda: seal_secret(secret, SealingKey(opener.public), info), lambda data: unseal_secret(data, opener, info) == secret
    )
    match_key = SealedMatchKey(match_key_id=MATCH_KEY_ID, region=REGION, year=2026, sealed=to_text(value))
    match_keys = sign(MatchKeys(gateway_id=GATEWAY, station_id=STATION, keys=(match_key,)), keys.signing["enrolment"])
    answer = EnrolmentAnswer(certificate=certificates[Role.STATION], gateway=_gateway_document(certificates), match_keys=match_keys)
    return {
        "note": "§4. `spellings` are read as the same code, `mistyped` is refused. `match_key`: what the answer's sealed key "
        "holds, its info, the value alone",
        "code": _code(code),
        "request": _plain(EnrolmentRequest(request=request, mac=enrolment_mac(code.secret, request))),
        "answer": _plain(answer),
        "match_key": {"opened_by": "station-seal", "info": info.decode(), "key_hex": secret.hex(), "sealed": to_text(value)},
    }


def _code(code: Code) -> dict[str, Any]:
    text = code.text()
    data = code.fingerprint + code.secret
    wide = "".join(chr(ord(char) + 0xFEE0) for char in text)
    last = "0" if text[-1] != "0" else "2"
    return {
        "text": text,
        "fingerprint_hex": code.fingerprint.hex(),
        "secret_hex": code.secret.hex(),
        "checksum_hex": tags.digest(tags.ENROLMENT_CODE_CHECKSUM, data)[:2].hex(),
        "code_id": code.code_id,
        "spellings": [
            text.lower(),
            text.replace("-", ""),
            text.replace("-", " "),
            text.replace("0", "O").replace("1", "L"),
            f" {text}\n",
            wide,
        ],
        "mistyped": [text[:-1], text + "0", text[:-1] + last, text.replace("CC1", "CC2"), text[:-1] + "U", text[4:], ""],
    }


def _batches(entries: tuple[SampleEntry, ...]) -> tuple[Batch, Batch]:
    """Entries 1–3, then 4–5 after retention destroyed the index of entry 4."""

    def batch(first: int, last: int, left: Backlog) -> Batch:
        chosen = entries[first - 1 : last]
        stored = [
            Stored(e.header.seq, e.header_bytes, e.signature, {}, {p.ref.name: p.sealed for p in e.parts if p.sealed and e.header.seq != 4})
            for e in chosen
        ]
        return Batch(
            gateway_id=GATEWAY,
            station_id=STATION,
            journal_id=JOURNAL,
            first_seq=first,
            prev=chosen[0].header.prev,
            entries=tuple(to_wire(each) for each in stored),
            backlog=left,
        )

    return batch(1, 3, Backlog(entries=2, oldest_ms=NOW_MS + 4_000)), batch(4, 5, Backlog(entries=0, oldest_ms=None))


def _receipts(keys: Keys, batches: tuple[Batch, Batch], gateway_prev: str) -> list[Signed]:
    receipts = []
    for number, batch in enumerate(batches, 1):
        sent = sent_of(batch)
        body = Receipt(
            gateway_id=GATEWAY,
            station_id=STATION,
            journal_id=JOURNAL,
            first_seq=batch.first_seq,
            last_seq=batch.first_seq + len(batch.entries) - 1,
            prev_head=batch.prev,
            head=sent.hashes[-1],
            merkle_root=merkle_root(sent.hashes),
            received_at_ms=NOW_MS + 10_000 * number,
            after_revocation=False,
            gateway_journal_id=GATEWAY_JOURNAL,
            gateway_seq=number,
            gateway_prev=gateway_prev,
        )
        receipts.append(sign(body, keys.signing["receipt"]))
        gateway_prev = receipt_hash(receipts[-1])
    return receipts


def _sent(batches: tuple[Batch, Batch], receipts: list[Signed]) -> dict[str, Any]:
    return {
        "note": "§5–§6. Two batches of the journal in journal.json and the answers. `hashes` are those of the entries, `receipt_hash` "
        "is the `gateway_prev` of the next receipt. In batch 2 the index of entry 4 is left out: retention destroyed it before it was sent",
        "exchanges": [
            {
                "batch": _plain(batch),
                "hashes": [header_hash(entry.header.encode()) for entry in batch.entries],
                "answer": _plain(Answer(receipt=receipt)),
                "receipt_hash": receipt_hash(receipt),
            }
            for batch, receipt in zip(batches, receipts, strict=True)
        ],
    }


def _requests(keys: Keys, batch: Batch) -> dict[str, Any]:
    calls = (
        ("a batch", Call("POST", f"/v1/journals/{JOURNAL}/batches", msgspec.json.encode(batch))),
        ("a question without a body; the query belongs to the path", Call("GET", f"/v1/stations/{STATION}/returned?after=0", b"")),
        ("a path that is percent-encoded is signed as it stands", Call("GET", "/v1/journals/%7Ex/head", b"")),
    )
    good = authorization(calls[1][1], STATION, NOW_MS, keys.signing["station"])
    return {
        "note": "§5. The value of the Authorization header. `message` is the canonical JSON that is signed after the tag request",
        "signed": [
            {
                "note": note,
                "method": call.method,
                "path": call.path,
                "body": call.body.decode(),
                "at_ms": NOW_MS,
                "message": canonical.encode(
                    {
                        "at_ms": NOW_MS,
                        "body_sha256": hashlib.sha256(call.body).hexdigest(),
                        "method": call.method,
                        "path": call.path,
                        "station_id": STATION,
                    }
                ).decode(),
                "authorization": authorization(call, STATION, NOW_MS, keys.signing["station"]),
            }
            for note, call in calls
        ],
        "malformed": [
            {"note": "another scheme", "text": "Bearer x"},
            {"note": "another version", "text": good.replace("v=1", "v=2")},
            {"note": "a leading zero", "text": good.replace("at_ms=", "at_ms=0")},
            {"note": "a line feed at the end", "text": good + "\n"},
            {"note": "a signature too short", "text": good[:-1]},
            {"note": "nothing", "text": ""},
        ],
    }


def _heads(keys: Keys, batches: tuple[Batch, Batch]) -> dict[str, Any]:
    held = HeadStatement(
        gateway_id=GATEWAY, station_id=STATION, journal_id=JOURNAL, seq=5, head=sent_of(batches[1]).hashes[-1], at_ms=NOW_MS + 30_000
    )
    nothing = msgspec.structs.replace(held, seq=0, head=None)
    return {
        "note": "§7. After both batches, and before the first",
        "signed": [_plain(sign(each, keys.signing["receipt"])) for each in (held, nothing)],
    }


def _returned(keys: Keys, batches: tuple[Batch, Batch]) -> dict[str, Any]:
    item = Returned(
        gateway_id=GATEWAY,
        gateway_journal_id=GATEWAY_JOURNAL,
        station_id=STATION,
        journal_id=JOURNAL,
        seq=3,
        entry=sent_of(batches[0]).hashes[2],
        number=1,
        code="weight-implausible",
        detail="重量与申报内件不符（样本）",
        at_ms=NOW_MS + 20_000,
    )
    return {
        "note": "§7. The answer to GET …/returned?after=0",
        "document": _plain(ReturnedItems(gateway_journal_id=GATEWAY_JOURNAL, items=(sign(item, keys.signing["receipt"]),))),
    }


def _problems(keys: Keys, batches: tuple[Batch, Batch]) -> dict[str, Any]:
    head = HeadStatement(
        gateway_id=GATEWAY, station_id=STATION, journal_id=JOURNAL, seq=3, head=sent_of(batches[0]).hashes[-1], at_ms=NOW_MS + 15_000
    )
    taken = JournalTaken(gateway_id=GATEWAY, station_id=STATION, journal_id=JOURNAL, at_ms=NOW_MS + 15_000)
    replace = msgspec.structs.replace
    named = (
        replace(problem(ProblemCode.BEHIND, "the batch begins at 5, the head is 3"), head=sign(head, keys.signing["receipt"])),
        replace(problem(ProblemCode.FORK, "another header is held at 2"), held=batches[0].entries[1]),
        replace(problem(ProblemCode.UNSUPPORTED_VERSION, "version 2"), supported=(1,)),
        replace(problem(ProblemCode.JOURNAL_TAKEN, "another station's entries"), taken=sign(taken, keys.signing["receipt"])),
    )
    return {
        "note": "§8. Status by code, and the four documents with members of their own",
        "status_by_code": {code.value: status for code, status in STATUS.items()},
        "documents": [_plain(each) for each in named],
    }


def _package(keys: Keys) -> dict[str, Any]:
    manifest = Manifest(
        gateway_id=GATEWAY,
        package_kind=PackageKind.LIST,
        name="sample-list",
        version=3,
        issued_at_ms=NOW_MS,
        expires_on="2027-01-01",
        content_sha256="0" * 64,
        content_size=0,
    )
    content = '{"entries": [], "note": "样本名单（虚构）; content need not be canonical"}\n'
    return {
        "note": "§9. Digest and size are of the content's UTF-8, as the text stands",
        "file": _plain(publish(manifest, content, keys.signing["package"])),
    }
