"""Write tests/vectors/credentials/vectors.json: worked values of docs/credential.md, right and wrong ones. All people are made up.

python -m tools.vectors.credential_vectors [--check]
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from courier_check.identity.cbor import Cbor, encode
from courier_check.identity.credential import EXTERNAL, signed_credential, verified_credential
from courier_check.identity.credential import Credential as Issued
from courier_check.identity.credential_keys import CredentialKeys, credential_key_id
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from tools.vectors.people import seed

FILE = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "credentials" / "vectors.json"
AT_S = 1_795_579_200  # 2026-11-25 04:00 UTC
AUDIENCES = ("practice-01", "practice")
ISSUER = "sample-issuer"
ISS, AUD, EXP, IAT, CTI, DOCUMENT = 1, 3, 4, 6, 7, -65537
SECRETS = {name: seed(f"credential {name}") for name in ("issuer", "second", "ended", "stranger")}


def public(name: str) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(SECRETS[name]).public_key().public_bytes_raw()


def keys_content() -> dict[str, Any]:
    terms = {"issuer": (ISSUER, "2026-01-01", "2027-12-31"), "second": ("second-issuer", "2026-01-01", "2027-12-31")}
    terms["ended"] = (ISSUER, "2024-01-01", "2026-11-24")
    return {
        "v": 1,
        "keys": [
            {
                "issuer": issuer,
                "title": f"样例签发机构 {name}（虚构）",
                "key_id": credential_key_id(public(name)).hex(),
                "public_key": public(name).hex(),
                "not_before": first,
                "not_after": last,
                "practice": True,
            }
            for name, (issuer, first, last) in terms.items()
        ],
    }


@dataclass(frozen=True)
class Raw:
    """A credential before it is signed, every member of which may be made wrong."""

    claims: dict[int, Cbor]
    header: dict[int, Cbor]
    unprotected: dict[int, Cbor]
    secret: bytes
    external: bytes = EXTERNAL

    def message(self, sealed: Callable[[bytes], bytes] = lambda payload: payload) -> bytes:
        """`sealed`: what is put in the place of the payload that was signed."""
        protected, payload = encode(self.header), encode(self.claims)
        signed = encode(["Signature1", protected, self.external, payload])
        signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(signed)
        return encode([protected, self.unprotected, sealed(payload), signature])

    def saying(self, **document: Cbor | None) -> Raw:
        """The same of another document; None leaves a field out."""
        names = {"type": 1, "name": 2, "number": 3, "until": 4, "nationality": 5, "sixth": 6}
        held = self.claims[DOCUMENT]
        fields = dict(held) if isinstance(held, dict) else {}
        for name, value in document.items():
            fields.pop(names[name], None)
            if value is not None:
                fields[names[name]] = value
        return self.claiming({DOCUMENT: fields})

    def claiming(self, claims: dict[int, Cbor]) -> Raw:
        return replace(self, claims={**self.claims, **claims})


def plain(number: int = 0, by: str = "issuer") -> Raw:
    document: dict[int, Cbor] = {1: "resident-id", 2: "张三丰", 3: "41010519900307123X", 4: 20350307}
    nonce = hashlib.sha256(f"nonce {number}".encode()).digest()[:16]
    claims: dict[int, Cbor] = {ISS: ISSUER, EXP: AT_S + 240, IAT: AT_S - 60, CTI: nonce, DOCUMENT: document}
    return Raw(claims, {1: -8, 4: credential_key_id(public(by))}, {}, SECRETS[by])


def written(message: bytes, prefix: str = "CCID1-") -> str:
    return prefix + base64.b32encode(message).decode().rstrip("=")


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def good() -> Iterator[tuple[str, str, int]]:
    """Name, text, time."""
    text = written(plain().message())
    yield "plain", text, AT_S
    yield "lower case, blanks, full width", " ".join((text[:8].lower(), text[8:50], text[50:])).replace("1", "１"), AT_S
    yield "last second of the tolerance", text, AT_S + 240 + 59
    yield "issued a minute ahead of this clock", text, AT_S - 60 - 60
    yield "for this outlet", written(plain(1).claiming({AUD: "practice"}).message()), AT_S
    yield "for this station", written(plain(2).claiming({AUD: "practice-01"}).message()), AT_S
    yield "long-term", written(plain(3).saying(until=0).message()), AT_S
    yield "validity not told", written(plain(4).saying(until=None).message()), AT_S
    yield "a name with a dot", written(plain(5).saying(name="阿卜杜热西提·买买提艾力").message()), AT_S
    yield "a rare character", written(plain(6).saying(name="王䶮").message()), AT_S
    passport = plain(7).saying(type="foreign-passport", name="SAMPLE, ANNA MARIA", number="XY1234567", nationality="NLD")
    yield "a passport", written(passport.message()), AT_S
    yield "another issuer that is believed", written(plain(8, "second").claiming({ISS: "second-issuer"}).message()), AT_S


def wrong() -> Iterator[tuple[str, str, str, int]]:
    """Code, name, text, time."""
    yield from wrong_times()
    yield from wrong_signers()
    yield from wrong_forms()
    yield from wrong_contents()


def wrong_times() -> Iterator[tuple[str, str, str, int]]:
    text = written(plain().message())
    yield "credential-expired", "past its end and the tolerance", text, AT_S + 240 + 60
    yield "credential-expired", "a day later", text, AT_S + 86_400
    yield "credential-future", "issued more than a minute ahead", text, AT_S - 60 - 61
    yield "credential-too-long", "301 seconds", written(plain().claiming({EXP: AT_S - 60 + 301}).message()), AT_S
    yield "credential-too-long", "ends when it begins", written(plain().claiming({EXP: AT_S - 60}).message()), AT_S
    yield "credential-too-long", "ends before it begins", written(plain().claiming({EXP: AT_S - 61}).message()), AT_S
    yield "credential-malformed", "a time before all times", written(plain().claiming({IAT: -1}).message()), AT_S
    yield "credential-malformed", "a time after all times", written(plain().claiming({EXP: 2**63}).message()), AT_S


def wrong_signers() -> Iterator[tuple[str, str, str, int]]:
    base = plain()
    message = base.message()
    yield "credential-forged", "a bit of the signature", written(flipped(message, len(message) - 1)), AT_S
    yield (
        "credential-forged",
        "another number under the same signature",
        written(base.message(lambda p: p.replace(b"0307123X", b"0307124X"))),
        AT_S,
    )
    yield (
        "credential-forged",
        "signed by a stranger in a believed key's name",
        written(replace(base, secret=SECRETS["stranger"]).message()),
        AT_S,
    )
    yield "credential-forged", "signed without the external data", written(replace(base, external=b"").message()), AT_S
    yield "credential-forged", "an empty signature", written(encode([encode(base.header), {}, encode(base.claims), b""])), AT_S
    yield "credential-other-issuer", "a stranger's key", written(plain(0, "stranger").message()), AT_S
    yield "credential-other-issuer", "one issuer in another's name", written(plain(0, "second").message()), AT_S
    yield "credential-key-term", "a key whose term ended the day before", written(plain(0, "ended").message()), AT_S
    yield "credential-other-audience", "for another outlet", written(base.claiming({AUD: "elsewhere"}).message()), AT_S


def wrong_forms() -> Iterator[tuple[str, str, str, int]]:
    base = plain()
    message = base.message()
    text = written(message)
    yield "credential-unknown", "empty", "", AT_S
    yield "credential-unknown", "a waybill number", "SF1010000000015", AT_S
    yield "credential-unknown", "a web address", "https://example.invalid/c?x=CCID1-AAAA", AT_S
    yield "credential-unknown", "a letter that is not of the alphabet", text + "1", AT_S
    yield "credential-unknown", "longer than any credential", text + "A" * 1_500, AT_S
    yield "credential-newer", "version 2", written(message, "CCID2-"), AT_S
    yield "credential-malformed", "cut short", text[:-20], AT_S
    yield "credential-malformed", "one character", "CCID1-A", AT_S
    yield "credential-malformed", "something behind it", written(message + b"\0"), AT_S
    spare = text[:-1] + chr(ord(text[-1]) + 1)
    yield "credential-malformed", "spare bits that are not zero", spare, AT_S
    longer = message.replace(encode(base.header), b"\xb8\x02" + encode(base.header)[1:]).replace(b"\x4d", b"\x4e", 1)
    yield "credential-malformed", "a length in more bytes than it takes", written(longer), AT_S
    yield "credential-malformed", "tagged", written(b"\xd2" + message), AT_S
    yield "credential-malformed", "three members", written(encode([b"", {}, b""])), AT_S
    yield "credential-malformed", "another algorithm", written(replace(base, header={**base.header, 1: -7}).message()), AT_S
    yield "credential-malformed", "no algorithm", written(replace(base, header={4: base.header[4]}).message()), AT_S
    yield "credential-malformed", "a short key id", written(replace(base, header={**base.header, 4: b"1234567"}).message()), AT_S
    yield "credential-malformed", "an unprotected header", written(replace(base, unprotected={4: b"12345678"}).message()), AT_S


def wrong_contents() -> Iterator[tuple[str, str, str, int]]:
    base = plain()
    contents = {
        "a short nonce": base.claiming({CTI: b"123456789012345"}),
        "a claim nobody knows": base.claiming({8: 1}),
        "a field nobody knows": base.saying(sixth="x"),
        "no name": base.saying(name=None),
        "an empty name": base.saying(name=""),
        "a name that begins with a blank": base.saying(name=" 张三丰"),
        "a name with a line feed": base.saying(name="张\n三丰"),
        "a name that is written backwards": base.saying(name="张三\u202e丰"),
        "no number": base.saying(number=None),
        "a number with a quotation mark": base.saying(number='4101"'),
        "a number that is no text": base.saying(number=1),
        "a type nobody knows": base.saying(type="library-card"),
        "a day that never was": base.saying(until=20270229),
        "a nationality in small letters": base.saying(nationality="chn"),
        "an issuer that is no word": base.claiming({ISS: "样例"}),
        "no times": Raw({ISS: ISSUER, CTI: base.claims[CTI], DOCUMENT: base.claims[DOCUMENT]}, base.header, {}, base.secret),
    }
    for name, raw in contents.items():
        yield "credential-malformed", name, written(raw.message()), AT_S
    yield "credential-malformed", "claims that are no map", written(_signed_list(base)), AT_S


def _signed_list(base: Raw) -> bytes:
    protected, payload = encode(base.header), encode([1, 2])
    signature = Ed25519PrivateKey.from_private_bytes(base.secret).sign(encode(["Signature1", protected, EXTERNAL, payload]))
    return encode([protected, {}, payload, signature])


def document() -> dict[str, Any]:
    """The whole file; what a good credential says is written down beside it."""
    content = keys_content()
    keys = CredentialKeys.parse(json.dumps(content, ensure_ascii=False).encode())
    holds = []
    for name, text, at_s in good():
        read = verified_credential(text, keys, at_s, AUDIENCES)
        holds.append({"name": name, "at_s": at_s, "text": text, "nonce": read.nonce.hex(), "document": read.document.to_mapping()})
    fails = [{"code": code, "name": name, "at_s": at_s, "text": text} for code, name, text, at_s in wrong()]
    same = signed_credential(_issued(), SECRETS["issuer"])
    if same != holds[0]["text"]:
        raise SystemExit("what signed_credential writes is not the first vector")
    return {
        "note": "Made up: nobody here exists, and the private keys are published. docs/credential.md",
        "secrets": {name: secret.hex() for name, secret in SECRETS.items()},
        "audiences": list(AUDIENCES),
        "keys": content,
        "good": holds,
        "wrong": fails,
    }


def _issued() -> Issued:
    nonce = plain().claims[CTI]
    person = IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        name="张三丰",
        number="41010519900307123X",
        valid_until=date(2035, 3, 7),
        source=Source.CREDENTIAL,
    )
    return Issued(ISSUER, "", nonce if isinstance(nonce, bytes) else b"", AT_S - 60, AT_S + 240, None, person)


def main(arguments: list[str]) -> int:
    made = (json.dumps(document(), ensure_ascii=False, indent=1) + "\n").encode()
    if arguments == ["--check"]:
        print("as written" if FILE.read_bytes() == made else "stale")
        return 0 if FILE.read_bytes() == made else 1
    FILE.write_bytes(made)
    print(FILE.name, len(made), hashlib.sha256(made).hexdigest()[:16])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
