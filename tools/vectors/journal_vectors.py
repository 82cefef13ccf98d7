"""tests/vectors/journal.json, section by section of docs/journal.md."""

from __future__ import annotations

from typing import Any

from courier_check.journal import canonical, merkle, tags
from courier_check.journal.keys import SMALL_ORDER, to_text
from courier_check.journal.tokens import TokenKind, address_value, match_token, phone_value
from tools.vectors.people import GATEWAY, JOURNAL, STATION, Keys, seed
from tools.vectors.sample_journal import SampleEntry, bad_entries, bad_headers, sample_journal
from tools.vectors.sealed_values import SealedValues

TAG_NAMES = (
    "key header header-signature part part-seal sealed-part match-token match-key-seal certificate certificate-hash root keys "
    "receipt receipt-hash head confirmed-head journal-taken evidence-file evidence-held returned package match-keys "
    "enrolment-request enrolment-mac enrolment-code enrolment-code-checksum request archive"
)

GOOD_VALUES: tuple[tuple[str, Any], ...] = (
    ("the empty object", {}),
    ("the empty array", []),
    ("a text outside an object is a value too", "收寄"),
    ("integers at both ends of the range, and zero", [-(2**53 - 1), -1, 0, 2**53 - 1]),
    ("keys sorted by code unit: - . digits _ letters", {"a": 1, "_": 2, "9": 3, ".": 4, "-": 5, "a.b": 6, "a-b": 7, "a_b": 8, "ab": 9}),
    ("true, false and null", {"t": True, "f": False, "n": None}),
    ("the escapes: two characters where JSON has them, else \\u00 and lower-case hexadecimal", {"s": '\x00\x07\b\t\n\x0b\f\r\x1f"\\'}),
    ("not escaped: slash, delete, line separator, Chinese, a character beyond the first plane", {"s": "/\x7f\u2028寄😀"}),
    ("no normalisation: a precomposed and a combined character stay two", ["é", "e\u0301"]),
    ("objects in arrays, nine deep", {"a": [[[[[[[[]]]]]]]]}),
)

BAD_BYTES: tuple[tuple[str, bytes], ...] = (
    ("the same key twice", b'{"a":1,"a":1}'),
    ("the same key twice, with different values", b'{"a":1,"a":2}'),
    ("a space after the colon", b'{"a": 1}'),
    ("a space at the end", b'{"a":1} '),
    ("a line feed at the end", b'{"a":1}\n'),
    ("a byte order mark", b'\xef\xbb\xbf{"a":1}'),
    ("keys not in order", b'{"b":1,"a":1}'),
    ("keys not in order: . sorts before 0", b'{"0":1,".":1}'),
    ("an escape that is not needed", b'{"a":"\\/"}'),
    ("a letter written as an escape", b'{"a":"\\u0061"}'),
    ("a long escape where a short one exists", b'{"a":"\\u000a"}'),
    ("upper-case hexadecimal in an escape", b'{"a":"\\u001F"}'),
    ("Chinese written as an escape", b'{"a":"\\u5bc4"}'),
    ("a control character not escaped", b'{"a":"\x01"}'),
    ("a lone surrogate, escaped", b'{"a":"\\ud83d"}'),
    ("a surrogate pair, escaped", b'{"a":"\\ud83d\\ude00"}'),
    ("a surrogate in UTF-8", b'{"a":"\xed\xa0\xbd"}'),
    ("not UTF-8", b'{"a":"\xff"}'),
    ("UTF-8 longer than needed", b'{"a":"\xc0\xaf"}'),
    ("a fraction that is whole", b'{"a":1.0}'),
    ("a fraction", b'{"a":1.5}'),
    ("an exponent", b'{"a":1e3}'),
    ("minus zero", b'{"a":-0}'),
    ("minus zero as a fraction", b'{"a":-0.0}'),
    ("a leading zero", b'{"a":01}'),
    ("a plus sign", b'{"a":+1}'),
    ("2^53: beyond the range", b'{"a":9007199254740992}'),
    ("-2^53: beyond the range", b'{"a":-9007199254740992}'),
    ("an integer of 30 digits", b'{"a":123456789012345678901234567890}'),
    ("not a number", b'{"a":NaN}'),
    ("infinity", b'{"a":1e999}'),
    ("a key outside ASCII", '{"寄":1}'.encode()),
    ("an upper-case key", b'{"A":1}'),
    ("an empty key", b'{"":1}'),
    ("a key of 65 characters", b'{"' + b"a" * 65 + b'":1}'),
    ("a key that ends in a line feed", b'{"a\\n":1}'),
    ("ten deep", b'{"a":[[[[[[[[[]]]]]]]]]}'),
    ("a comma at the end", b'{"a":1,}'),
    ("single quotes", b"{'a':1}"),
    ("cut off", b'{"a":1'),
    ("two values", b"{}{}"),
    ("nothing", b""),
)

BAD_BASE64 = (
    ("padding", "AA=="),
    ("one character can't be a byte", "A"),
    ("the unused bits are not zero: decodes to the byte of AA", "AB"),
    ("the unused bits are not zero, two bytes", "AAB"),
    ("standard alphabet +", "-_8+"),
    ("standard alphabet /", "-_8/"),
    ("a line feed", "AAAA\n"),
    ("a space", "AA AA"),
    ("a character outside the alphabet", "寄AAA"),
)


def journal_document(sealed: SealedValues) -> dict[str, Any]:
    keys = Keys.draw()
    entries = sample_journal(keys, sealed)
    return {
        "note": "Worked values for docs/journal.md, version 1. Everything is made up. `hex` is hexadecimal; other binary values are "
        "base64url without padding. The private keys are SHA-256 of `courier-check sample NAME`, for checking only.",
        "keys": {"note": "§1–§2. `key_id` = first 32 hex of SHA-256(tag key ‖ algorithm ‖ LF ‖ public)", "by_name": keys.described()},
        "small_order": {
            "note": "§1. Public keys of small order, Ed25519; refused, also with the highest bit of the last byte set",
            "hex": sorted(each.hex() for each in SMALL_ORDER),
        },
        "tags": {"note": "§9. Every domain tag, as bytes", "hex_by_name": {name: tags.tag(name).hex() for name in TAG_NAMES.split()}},
        "canonical": _canonical(),
        "base64": _base64(),
        "journal": _journal(entries),
        "bad_headers": {
            "note": "§3, §11. Headers a reader refuses whatever their signature; `refused_as` names why",
            "headers": bad_headers(entries),
        },
        "bad_entries": {
            "note": "§11. Well-formed headers with signatures that a verifier refuses at `seq` of the journal above; `fails` says why",
            "entries": bad_entries(keys, entries),
        },
        "merkle": _merkle(),
        "match_tokens": _tokens(),
    }


def _canonical() -> dict[str, Any]:
    good = [{"note": note, "value": value, "text": canonical.encode(value).decode()} for note, value in GOOD_VALUES]
    return {
        "note": "§1. `good`: `text` is the canonical form of `value`. `bad`: bytes a reader refuses, and why",
        "good": [{**each, "hex": each["text"].encode().hex()} for each in good],
        "bad": [{"note": note, "hex": data.hex(), "shown": data.decode("utf-8", "backslashreplace")} for note, data in BAD_BYTES],
    }


def _base64() -> dict[str, Any]:
    good = (b"", b"\x00", b"\xff\xff", b"\xfb\xff\xbf", seed("base64"))
    return {
        "note": "§1. base64url without padding; only the canonical spelling is read",
        "good": [{"hex": data.hex(), "text": to_text(data)} for data in good],
        "bad": [{"note": note, "text": text} for note, text in BAD_BASE64],
    }


def _journal(entries: tuple[SampleEntry, ...]) -> dict[str, Any]:
    return {
        "note": "§3–§5, §7–§8. A journal of five entries; `first_prev` is the hash of the station's certificate in wire.json. Each "
        "entry: the header's text (the signed bytes); the station's signature; per part its opening (32 bytes of salt ‖ canonical JSON), "
        "the sealed value and the `info` it is bound to. Facts are examples; a verifier does not depend on them",
        "gateway_id": GATEWAY,
        "station_id": STATION,
        "journal_id": JOURNAL,
        "first_prev": entries[0].header.prev,
        "key": "station",
        "entries": [entry.described() for entry in entries],
    }


def _merkle() -> dict[str, Any]:
    leaves = [tags.digest(tags.HEADER, str(i).encode()) for i in range(512)]
    small = [
        {"size": n, "root": merkle.root(leaves[:n]).hex(), "paths": {str(i): _path(leaves[:n], i) for i in range(n)}} for n in range(1, 10)
    ]
    large = {"size": 512, "root": merkle.root(leaves).hex(), "paths": {str(i): _path(leaves, i) for i in (0, 1, 255, 256, 511)}}
    return {
        "note": "§6. Entry hash i (from 0) is SHA-256(tag header ‖ i in decimal ASCII); a tree of `size` is over the first `size` of them; "
        "`paths` by index, siblings from the leaf upwards",
        "trees": [*small, large],
    }


def _path(leaves: list[bytes], index: int) -> list[str]:
    return [each.hex() for each in merkle.path(leaves, index)]


def _tokens() -> dict[str, Any]:
    key = seed("match-key")
    written = (
        (TokenKind.ID_NUMBER, "11010119491231002X", "11010119491231002X"),
        (TokenKind.PHONE, "+86 138-0000-1234", phone_value("+86 138-0000-1234")),
        (TokenKind.PHONE, "１３８００００１２３４", phone_value("１３８００００１２３４")),
        (TokenKind.PHONE, "0086 13800001234", phone_value("0086 13800001234")),
        (TokenKind.PHONE, "86123", phone_value("86123")),
        (TokenKind.ADDRESS, "样本市　虚构路 １２ 号", address_value("样本市　虚构路 １２ 号")),
    )
    return {
        "note": "§10. `value` is what is hashed, `written` what somebody typed",
        "key_hex": key.hex(),
        "tokens": [{"kind": k.value, "written": w, "value": v, "token": match_token(key, k, v)} for k, w, v in written],
    }
