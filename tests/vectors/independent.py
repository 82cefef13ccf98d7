"""A second reading of docs/journal.md and docs/wire.md: recomputes every value of journal.json and wire.json.

Standard library and `cryptography` only, and none of the program's modules, so that the documents alone must suffice.

    python tests/vectors/independent.py        prints how many checks passed; stops with AssertionError at the first that does not
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import unicodedata
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from independent_bytes import (
    RANGE,
    Refused,
    b64,
    canon,
    check,
    checks,
    hpke_open,
    key_id,
    parse,
    path,
    refused,
    root,
    sha,
    signed_by,
    small_order,
    tag,
    unb64,
)

FOLDER = Path(__file__).resolve().parent


# --- journal.md §2–§5, §11: headers and entries

ALG = {"hash": "sha256", "seal": "hpke-x25519-hkdf-sha256-aes256gcm", "sign": "ed25519"}


class Wrong(Refused):
    """A refusal with its reason."""


def form(pattern):
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def integer(low, high=RANGE):
    return lambda value: type(value) is int and low <= value <= high


def either(one):
    return lambda value: value is None or one(value)


def text(value):
    return isinstance(value, str)


def members(**forms):
    return lambda value: isinstance(value, dict) and set(value) == set(forms) and all(forms[key](value[key]) for key in forms)


def array(one):
    return lambda value: isinstance(value, list) and all(one(item) for item in value)


NAME, HASH, ID, KIND = form("[a-z0-9][a-z0-9-]{0,62}"), form("[0-9a-f]{64}"), form("[0-9a-f]{32}"), form("[a-z0-9-]{1,40}")
MS = integer(-RANGE)
HEADER = members(
    v=integer(1),
    alg=members(hash=text, seal=text, sign=text),
    gateway_id=NAME,
    station_id=NAME,
    journal_id=ID,
    seq=integer(1),
    prev=HASH,
    key_id=ID,
    kind=KIND,
    operator=either(text),
    times=members(wall_ms=MS, mono_ms=MS, boot_id=lambda v: text(v) and 1 <= len(v) <= 64, trusted_ms=either(MS)),
    facts=lambda v: isinstance(v, dict),
    packages=array(members(kind=KIND, name=text, sha256=HASH, version=text)),
    evidence=array(members(media_type=text, name=text, sha256=HASH, size=integer(0))),
    parts=array(members(digest=HASH, name=KIND, recipient=either(ID), sealed_digest=either(HASH))),
)


def header_of(data):
    if len(data) > 16_384:
        raise Wrong("too-large")
    try:
        header = json.loads(data)
    except ValueError as error:
        raise Wrong("malformed") from error
    if not isinstance(header, dict):
        raise Wrong("malformed")
    if type(header.get("v")) is int and header["v"] != 1:
        raise Wrong("unsupported-version")
    try:
        parse(data)
    except Refused as error:
        raise Wrong("not-canonical") from error
    if not HEADER(header):
        raise Wrong("malformed")
    if header["alg"] != ALG:
        raise Wrong("unknown-algorithm")
    names = [part["name"] for part in header["parts"]]
    if names != sorted(set(names)) or any((p["recipient"] is None) != (p["sealed_digest"] is None) for p in header["parts"]):
        raise Wrong("malformed")
    return header


def verified_entry(data, signature, seq, prev, journal, key):
    header = header_of(data)
    if (header["seq"], *(header[i] for i in ("gateway_id", "station_id", "journal_id"))) != (seq, *journal):
        raise Wrong("wrong-place")
    if header["key_id"] != key["key_id"]:
        raise Wrong("wrong-key")
    if header["prev"] != prev:
        raise Wrong("bad-chain")
    if not signed_by(unb64(key["public"]), "header-signature", data, signature):
        raise Wrong("bad-signature")
    return header


def reason(call, *arguments):
    try:
        call(*arguments)
    except Wrong as error:
        return str(error)
    return None


def check_bytes(vectors):
    names = (
        "key header header-signature part part-seal sealed-part match-token match-key-seal certificate certificate-hash root keys "
        "receipt receipt-hash head confirmed-head journal-taken evidence-file evidence-held returned package match-keys "
        "enrolment-request enrolment-mac enrolment-code enrolment-code-checksum request archive"
    )
    check(vectors["tags"]["hex_by_name"] == {name: tag(name).hex() for name in names.split()})
    for each in vectors["canonical"]["good"]:
        data = bytes.fromhex(each["hex"])
        check(canon(each["value"]).encode() == data == each["text"].encode() and parse(data) == each["value"], each)
    for each in vectors["canonical"]["bad"]:
        refused(parse, bytes.fromhex(each["hex"]))
    for each in vectors["base64"]["good"]:
        check(b64(bytes.fromhex(each["hex"])) == each["text"] and unb64(each["text"]).hex() == each["hex"], each)
    for each in vectors["base64"]["bad"]:
        refused(unb64, each["text"])
    for name, key in vectors["keys"]["by_name"].items():
        secret = unb64(key["secret"])
        check(secret == hashlib.sha256(f"courier-check sample {name}".encode()).digest())
        kind = Ed25519PrivateKey if key["algorithm"] == "ed25519" else X25519PrivateKey
        check(kind.from_private_bytes(secret).public_key().public_bytes_raw() == unb64(key["public"]))
        check(key_id(key["algorithm"], unb64(key["public"])) == key["key_id"])
        check(key["algorithm"] == "x25519" or not small_order(unb64(key["public"])))
    for each in vectors["small_order"]["hex"]:
        check(small_order(bytes.fromhex(each)))


def check_journal(vectors):
    keys, journal = vectors["keys"]["by_name"], vectors["journal"]
    place, key, prev = tuple(journal[i] for i in ("gateway_id", "station_id", "journal_id")), keys[journal["key"]], journal["first_prev"]
    heads = {1: prev}
    for seq, entry in enumerate(journal["entries"], 1):
        data = entry["header"].encode()
        header = verified_entry(data, unb64(entry["signature"]), seq, prev, place, key)
        prev = heads[seq + 1] = sha("header", data).hex()
        check(entry["hash"] == prev and entry["seq"] == seq, entry["note"])
        check([p["name"] for p in header["parts"]] == list(entry["parts"]))
        for ref in header["parts"]:
            check_part(header, ref, entry["parts"][ref["name"]], keys)
    for each in vectors["bad_headers"]["headers"]:
        check(reason(header_of, each["header"].encode()) == each["refused_as"], each["note"])
    for each in vectors["bad_entries"]["entries"]:
        data, seq = each["header"].encode(), each["seq"]
        check(reason(verified_entry, data, unb64(each["signature"]), seq, heads[seq], place, key) == each["fails"], each["note"])


def check_part(header, ref, part, keys):
    opening = bytes.fromhex(part["opening_hex"])
    check(sha("part", opening).hex() == ref["digest"] == part["digest"])
    check(isinstance(parse(opening[32:]), dict))
    if ref["recipient"] is None:
        check(ref["sealed_digest"] is None and "sealed" not in part)
        return
    sealed, key = unb64(part["sealed"]), keys[part["opened_by"]]
    bound = {name: header[name] for name in ("gateway_id", "journal_id", "seq", "station_id")}
    info = tag("part-seal") + canon({**bound, "name": ref["name"], "recipient": ref["recipient"]}).encode()
    check(info == part["info"].encode() and key["key_id"] == ref["recipient"])
    check(len(sealed) <= 65_536 and sha("sealed-part", sealed).hex() == ref["sealed_digest"] == part["sealed_digest"])
    check(hpke_open(sealed, unb64(key["secret"]), info) == opening)


def check_trees(vectors):
    for tree in vectors["merkle"]["trees"]:
        leaves = [sha("header", str(i).encode()) for i in range(tree["size"])]
        check(root(leaves).hex() == tree["root"])
        for index, siblings in tree["paths"].items():
            check([each.hex() for each in path(leaves, int(index))] == siblings and len(siblings) <= 9)
    check({tree["size"] for tree in vectors["merkle"]["trees"]} == {*range(1, 10), 512})


def check_tokens(vectors):
    key = bytes.fromhex(vectors["match_tokens"]["key_hex"])
    for each in vectors["match_tokens"]["tokens"]:
        wide = unicodedata.normalize("NFKC", each["written"])
        value = {"id-number": each["written"], "address": "".join(wide.split()), "phone": re.sub("[^0-9]", "", wide)}[each["kind"]]
        if each["kind"] == "phone":
            value = re.sub(r"^(0086|86)(?=[0-9]{11}$)", "", value)
        check(value == each["value"])
        message = tag("match-token") + f"{each['kind']}\n{value}".encode()
        check(hmac.new(key, message, hashlib.sha256).hexdigest() == each["token"])


# --- wire.md

BODIES = {
    "certificate": "role gateway_id subject alg public_key subject_key_id serial not_before_ms not_after_ms practice station",
    "enrolment-request": "alg public_key seal_key code_id practice program requested_at_ms",
    "match-keys": "gateway_id station_id keys",
    "receipt": "gateway_id station_id journal_id first_seq last_seq prev_head head merkle_root received_at_ms after_revocation "
    "gateway_journal_id gateway_seq gateway_prev",
    "head": "gateway_id station_id journal_id seq head at_ms",
    "journal-taken": "gateway_id station_id journal_id at_ms",
    "returned": "gateway_id gateway_journal_id station_id journal_id seq entry number code detail at_ms",
    "package": "gateway_id package_kind name version issued_at_ms expires_on content_sha256 content_size",
}


def body_of(signed, kind, public):
    """§1: the verified body of a signed document."""
    data = signed["body"].encode()
    body = parse(data)
    check(body["kind"] == kind and body["v"] == 1 and body["suite"] == "ed25519-sha256", kind, body)
    check(set(body) == {"kind", "suite", "v", *BODIES[kind].split()}, kind, body)
    check(signed["key_id"] == key_id("ed25519", public))
    check(signed_by(public, kind, data, unb64(signed["signature"])), kind)
    return body


def check_certificates(wire, keys):
    held = {role: each["signed"] for role, each in wire["certificates"]["by_role"].items()}
    root_key, enrolment_key = unb64(keys["root"]["public"]), unb64(keys["enrolment"]["public"])
    for role, signed in held.items():
        body = body_of(signed, "certificate", enrolment_key if role == "station" else root_key)
        public, alg = unb64(body["public_key"]), "x25519" if role in ("intake", "regulator") else "ed25519"
        check(body["role"] == role and body["alg"] == alg and body["practice"] is True and body["gateway_id"] == "sample-gateway")
        check(body["subject_key_id"] == key_id(alg, public) and public == unb64(keys[role]["public"]))
        check((body["station"] is not None) == (role == "station") and (role == "station" or body["subject"] == body["gateway_id"]))
        check(sha("certificate-hash", signed["body"].encode()).hex() == wire["certificates"]["by_role"][role]["hash"])
    document = wire["gateway"]["document"]
    check(document["kind"] == "gateway" and document["v"] == 1 and document["certificates"][0] == held["root"])
    check(document["certificates"] == [signed for role, signed in held.items() if role != "station"])
    check(document["limits"] == {"batch_entries": 512, "batch_bytes": 8 * 1024 * 1024})
    check(sha("root", root_key)[:16].hex() == wire["gateway"]["root_fingerprint_hex"])


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def read_code(typed):
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if not re.fullmatch(f"CC1[{CROCKFORD}]{{45}}", plain):
        raise Refused("form")
    bits = "".join(f"{CROCKFORD.index(char):05b}" for char in plain[3:])
    data = int(bits[:224], 2).to_bytes(28, "big")
    if bits[224] != "0" or sha("enrolment-code-checksum", data[:26])[:2] != data[26:]:
        raise Refused("checksum")
    return data


def check_enrolment(wire, keys):
    told = wire["enrolment"]
    code = told["code"]
    data = read_code(code["text"])
    check(data.hex() == code["fingerprint_hex"] + code["secret_hex"] + code["checksum_hex"])
    check(code["fingerprint_hex"] == wire["gateway"]["root_fingerprint_hex"])
    check(re.fullmatch("CC1(-[0-9A-Z]{5}){9}", code["text"]))
    for each in code["spellings"]:
        check(read_code(each) == data, each)
    for each in code["mistyped"]:
        refused(read_code, each)
    secret = bytes.fromhex(code["secret_hex"])
    check(sha("enrolment-code", secret).hex()[:16] == code["code_id"])
    request = told["request"]
    body = body_of(request["request"], "enrolment-request", unb64(keys["station"]["public"]))
    check(request["kind"] == "enrolment" and request["v"] == 1 and body["code_id"] == code["code_id"] and body["alg"] == "ed25519")
    check(body["public_key"] == keys["station"]["public"] and body["seal_key"] == keys["station-seal"]["public"])
    check(hmac.new(secret, tag("enrolment-mac") + request["request"]["body"].encode(), hashlib.sha256).hexdigest() == request["mac"])
    check_answer(wire, keys)


def check_answer(wire, keys):
    answer, match_key = wire["enrolment"]["answer"], wire["enrolment"]["match_key"]
    check(answer["kind"] == "enrolment-answer" and answer["gateway"] == wire["gateway"]["document"])
    check(answer["certificate"] == wire["certificates"]["by_role"]["station"]["signed"])
    body = body_of(answer["match_keys"], "match-keys", unb64(keys["enrolment"]["public"]))
    sealed = body["keys"][0]
    check(set(sealed) == {"match_key_id", "region", "sealed", "year"} and sealed["sealed"] == match_key["sealed"])
    context = {"gateway_id": body["gateway_id"], "match_key_id": sealed["match_key_id"], "station_id": body["station_id"]}
    info = tag("match-key-seal") + canon(context).encode()
    check(info == match_key["info"].encode())
    check(hpke_open(unb64(sealed["sealed"]), unb64(keys["station-seal"]["secret"]), info).hex() == match_key["key_hex"])


def check_requests(wire, keys):
    shape = re.compile(r"Courier-Station v=1,station_id=([a-z0-9][a-z0-9-]{0,62}),at_ms=(0|[1-9][0-9]{0,15}),signature=([A-Za-z0-9_-]{86})")
    for each in wire["requests"]["signed"]:
        found = shape.fullmatch(each["authorization"])
        at_ms, body = int(found[2]), hashlib.sha256(each["body"].encode()).hexdigest()
        message = canon({"at_ms": at_ms, "body_sha256": body, "method": each["method"], "path": each["path"], "station_id": found[1]})
        check(message == each["message"] and at_ms == each["at_ms"])
        check(signed_by(unb64(keys["station"]["public"]), "request", message.encode(), unb64(found[3])), each["note"])
    for each in wire["requests"]["malformed"]:
        check(shape.fullmatch(each["text"]) is None, each)


def check_batches(wire, journal, keys):
    place = ("gateway_id", "station_id", "journal_id")
    receipt_key = unb64(keys["receipt"]["public"])
    seq, prev = 1, wire["certificates"]["by_role"]["station"]["hash"]
    gateway_seq, gateway_prev = 1, wire["certificates"]["by_role"]["root"]["hash"]
    check(prev == journal["first_prev"])
    for exchange in wire["batches"]["exchanges"]:
        batch, first, prev_head, hashes = exchange["batch"], seq, prev, []
        check(batch["kind"] == "batch" and (batch["first_seq"], batch["prev"]) == (seq, prev) and 1 <= len(batch["entries"]) <= 512)
        for entry in batch["entries"]:
            header = verified_entry(
                entry["header"].encode(), unb64(entry["signature"]), seq, prev, tuple(batch[i] for i in place), keys["station"]
            )
            digests = {part["name"]: part["sealed_digest"] for part in header["parts"]}
            for name, sealed in entry["parts"].items():
                check(sha("sealed-part", unb64(sealed)).hex() == digests[name])
            prev = sha("header", entry["header"].encode()).hex()
            hashes.append(prev)
            seq += 1
        check(hashes == exchange["hashes"] and exchange["answer"]["kind"] == "answer")
        receipt = body_of(exchange["answer"]["receipt"], "receipt", receipt_key)
        check(all(receipt[i] == batch[i] for i in place) and (receipt["first_seq"], receipt["last_seq"]) == (first, seq - 1))
        check((receipt["prev_head"], receipt["head"]) == (prev_head, prev))
        check(receipt["merkle_root"] == root([bytes.fromhex(each) for each in hashes]).hex())
        check((receipt["gateway_seq"], receipt["gateway_prev"]) == (gateway_seq, gateway_prev))
        gateway_prev = sha("receipt-hash", exchange["answer"]["receipt"]["body"].encode()).hex()
        gateway_seq += 1
        check(gateway_prev == exchange["receipt_hash"])
    check(seq == 6)


def check_statements(wire, journal, keys):
    receipt_key, hashes = unb64(keys["receipt"]["public"]), [entry["hash"] for entry in journal["entries"]]
    held, nothing = (body_of(each, "head", receipt_key) for each in wire["heads"]["signed"])
    check((held["seq"], held["head"]) == (5, hashes[4]) and (nothing["seq"], nothing["head"]) == (0, None))
    items = [body_of(each, "returned", receipt_key) for each in wire["returned"]["document"]["items"]]
    check([item["number"] for item in items] == [1] and items[0]["entry"] == hashes[items[0]["seq"] - 1])
    receipt = parse(wire["batches"]["exchanges"][0]["answer"]["receipt"]["body"].encode())
    told = {wire["returned"]["document"]["gateway_journal_id"], items[0]["gateway_journal_id"]}
    check(told == {receipt["gateway_journal_id"]})
    for each in wire["problems"]["documents"]:
        check(each["type"] == f"urn:courier-check:problem:{each['code']}")
        check(each["status"] == wire["problems"]["status_by_code"][each["code"]])
    behind, fork, _, taken = wire["problems"]["documents"]
    check(body_of(taken["taken"], "journal-taken", receipt_key)["journal_id"] == receipt["journal_id"])
    check(body_of(behind["head"], "head", receipt_key)["head"] == hashes[2])
    check(
        signed_by(unb64(keys["station"]["public"]), "header-signature", fork["held"]["header"].encode(), unb64(fork["held"]["signature"]))
    )
    file = wire["package"]["file"]
    manifest, content = body_of(file["manifest"], "package", unb64(keys["package"]["public"])), file["content"].encode()
    check((manifest["content_sha256"], manifest["content_size"]) == (hashlib.sha256(content).hexdigest(), len(content)))


def main():
    journal, wire = (json.loads((FOLDER / name).read_bytes()) for name in ("journal.json", "wire.json"))
    keys = journal["keys"]["by_name"]
    check_bytes(journal)
    check_journal(journal)
    check_trees(journal)
    check_tokens(journal)
    check_certificates(wire, keys)
    check_enrolment(wire, keys)
    check_requests(wire, keys)
    check_batches(wire, journal["journal"], keys)
    check_statements(wire, journal["journal"], keys)
    sys.stdout.write(f"{checks['passed']} checks passed\n")


if __name__ == "__main__":
    main()
