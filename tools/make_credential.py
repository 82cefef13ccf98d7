"""Make a signed QR credential (实名码, docs/credential.md) of a made-up person, for practice.

    python -m tools.make_credential --person wang [--png FILE]
    python -m tools.make_credential --name 王样例 --number 11010119900307803X [--until 2035-03-07|长期] [--audience practice]
    python -m tools.make_credential --keys FILE        the content of the practice issuer's package of keys

The practice issuer's private key is published here on purpose: only practice stations believe it (`practice` in the package of keys).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import sys
import time
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from courier_check.devices.qr import QUIET_ZONE, qr_modules
from courier_check.identity.credential import LONGEST_S, NONCE_BYTES, Credential, signed_credential
from courier_check.identity.credential_keys import credential_key_id
from courier_check.identity.documents import IdentityDocument, Source

ISSUER, TITLE = "practice-issuer", "练习签发机构（虚构）"
SECRET = hashlib.sha256(b"courier-check practice issuer of credentials").digest()
PEOPLE = Path(__file__).resolve().parents[1] / "resources" / "samples" / "people.json"
_DOT_PX = 8


def keys_content() -> bytes:
    """The content of the practice issuer's package of keys."""
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key().public_bytes_raw()
    key = {
        "issuer": ISSUER,
        "title": TITLE,
        "key_id": credential_key_id(public).hex(),
        "public_key": public.hex(),
        "not_before": date(2026, 1, 1).isoformat(),
        "not_after": date(2099, 12, 31).isoformat(),
        "practice": True,
    }
    return (json.dumps({"v": 1, "keys": [key]}, ensure_ascii=False, indent=1) + "\n").encode()


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.keys:
        options.keys.write_bytes(keys_content())
        return 0
    document = _person(options.person) if options.person else _typed(options)
    now_s = int(time.time()) + options.shift
    credential = Credential(ISSUER, "", secrets.token_bytes(NONCE_BYTES), now_s, now_s + options.seconds, options.audience, document)
    text = signed_credential(credential, SECRET)
    print(text)
    if options.png:
        _draw(text, options.png)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.make_credential", description=__doc__)
    parser.add_argument("--person", help="key of a made-up person in resources/samples/people.json")
    parser.add_argument("--type", default="resident-id")
    parser.add_argument("--name", default="王样例")
    parser.add_argument("--number", default="11010119900307803X")
    parser.add_argument("--until", default="2035-03-07", help="last day of validity, or 长期")
    parser.add_argument("--nationality")
    parser.add_argument("--audience", help="outlet or station that alone may take it")
    parser.add_argument("--seconds", type=int, default=LONGEST_S, help="how long it is valid")
    parser.add_argument("--shift", type=int, default=0, help="issue it so many seconds in the future, or (negative) in the past")
    parser.add_argument("--png", type=Path, help="draw the QR code into this file")
    parser.add_argument("--keys", type=Path, help="write the content of the package of keys instead")
    return parser.parse_args(arguments)


def _person(key: str) -> IdentityDocument:
    people = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
    person = next((each for each in people if each["key"] == key), None)
    if person is None:
        raise SystemExit(f"{key}: {', '.join(each['key'] for each in people)}")
    return _document(person)


def _typed(options: argparse.Namespace) -> IdentityDocument:
    return _document(
        {
            "type": options.type,
            "name": options.name,
            "number": options.number,
            "valid_until": options.until,
            "nationality": options.nationality,
        }
    )


def _document(given: dict[str, object]) -> IdentityDocument:
    told = {name: given.get(name) for name in ("name", "number", "valid_until", "nationality")}
    return IdentityDocument.from_mapping({"type": given.get("type", "resident-id"), **told}, source=Source.CREDENTIAL)


def _draw(text: str, path: Path) -> None:
    from PIL import Image

    modules = qr_modules(text)
    side = len(modules) + 2 * QUIET_ZONE
    picture = Image.new("L", (side, side), 255)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                picture.putpixel((column + QUIET_ZONE, row + QUIET_ZONE), 0)
    picture.resize((side * _DOT_PX, side * _DOT_PX), Image.Resampling.NEAREST).save(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
