"""A second reading of docs/wire.md §2, §7 and §13: recomputes every value of statements.json, without the program's modules.

python tests/vectors/independent_statements.py        prints how many checks passed; stops with AssertionError at the first that does not
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from independent_bytes import check, checks, key_id, parse, signed_by, unb64

FOLDER = Path(__file__).resolve().parent
OF_PHOTO = "gateway_id station_id journal_id seq name sha256 sealed_sha256 sealed_size"
BODIES = {
    "confirmed-head": "gateway_id station_id journal_id seq head at_ms nonce",
    "evidence-file": OF_PHOTO,
    "evidence-held": OF_PHOTO + " held nonce at_ms",
    "keys": "gateway_id serial keys",
    "receipt": "gateway_id station_id journal_id first_seq last_seq prev_head head merkle_root received_at_ms after_revocation "
    "gateway_journal_id gateway_seq gateway_prev",
}
NONCE = re.compile("[0-9a-f]{32}")


def body_of(signed, kind, public):
    data = signed["body"].encode()
    body = parse(data)
    check(set(signed) == {"body", "key_id", "signature"} and signed["key_id"] == key_id("ed25519", public))
    check((body["kind"], body["v"], body["suite"]) == (kind, 1, "ed25519-sha256"), body)
    check(set(body) == {"kind", "suite", "v", *BODIES[kind].split()}, body)
    check(signed_by(public, kind, data, unb64(signed["signature"])), kind)
    return body


def check_heads(told, wire, public):
    request, newcomer = told["request"], told["request_of_a_newcomer"]
    for each in (request, newcomer):
        check(set(each) == {"kind", "v", "nonce", "receipt"} and (each["kind"], each["v"]) == ("head-request", 1))
        check(NONCE.fullmatch(each["nonce"]))
    shown = body_of(request["receipt"], "receipt", public)
    check(request["receipt"] == wire["batches"]["exchanges"][-1]["answer"]["receipt"] and newcomer["receipt"] is None)
    held, nothing = body_of(told["confirmed"], "confirmed-head", public), body_of(told["confirmed_nothing"], "confirmed-head", public)
    check((held["seq"], held["head"]) == (shown["last_seq"], shown["head"]) and (nothing["seq"], nothing["head"]) == (0, None))
    for each in (held, nothing):
        check(each["nonce"] == request["nonce"] and each["journal_id"] == shown["journal_id"])


def check_evidence(told, wire, public, station):
    stated = body_of(told["statement"], "evidence-file", station)
    entries = {header["seq"]: header for header in map(json.loads, headers(wire))}
    ref = next(each for each in entries[stated["seq"]]["evidence"] if each["name"] == stated["name"])
    sealed = bytes(number % 251 for number in range(ref["size"] + 28))
    check((stated["sha256"], stated["sealed_size"]) == (ref["sha256"], len(sealed)))
    check(stated["sealed_sha256"] == hashlib.sha256(sealed).hexdigest())
    request = told["request"]
    check(set(request) == {"kind", "v", "nonce", "statement"} and (request["kind"], request["v"]) == ("evidence-request", 1))
    check(request["statement"] == told["statement"] and NONCE.fullmatch(request["nonce"]))
    for name, whole in (("held_in_part", False), ("held", True)):
        said = body_of(told[name], "evidence-held", public)
        check(all(said[member] == stated[member] for member in OF_PHOTO.split()) and said["nonce"] == request["nonce"])
        check((said["held"] == said["sealed_size"]) == whole and 0 <= said["held"] <= said["sealed_size"])


def headers(wire):
    return [entry["header"] for each in wire["batches"]["exchanges"] for entry in each["batch"]["entries"]]


def main():
    journal, wire, told = (json.loads((FOLDER / name).read_bytes()) for name in ("journal.json", "wire.json", "statements.json"))
    root, receipt, station = (unb64(journal["keys"]["by_name"][name]["public"]) for name in ("root", "receipt", "station"))
    check_heads(told["head"], wire, receipt)
    check_evidence(told["evidence"], wire, receipt, station)
    listed = body_of(told["keys"], "keys", root)
    certified = [json.loads(each["body"])["subject_key_id"] for each in wire["gateway"]["document"]["certificates"]]
    check(listed["keys"] == sorted(certified) and listed["serial"] == 1)
    sys.stdout.write(f"{checks['passed']} checks passed\n")


if __name__ == "__main__":
    main()
