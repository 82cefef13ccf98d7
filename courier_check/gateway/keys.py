"""The gateway's keys and the certificates its root gives them (docs/wire.md §2–§3)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from courier_check import typed
from courier_check.errors import StoreError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.contents import Secrets
from courier_check.gateway.sealing import ROLE as DATABASE
from courier_check.gateway.sealing import DatabaseKey
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import OpeningKey, SigningKey, from_text, to_text
from courier_check.wire.certificates import ALGORITHM_OF, Certificate, GatewayDocument, Role
from courier_check.wire.signed import Signed, sign

CERTIFIED = (Role.RECEIPT, Role.INTAKE, Role.REGULATOR, Role.ENROLMENT, Role.PACKAGE)
ROTATING = (Role.RECEIPT, Role.ENROLMENT, Role.PACKAGE, Role.INTAKE)
"""Whose keys the gateway changes: the regulator's own is made by the regulator, and the root's is what stations pinned."""
NEXT = "next"
SECRET_BYTES = 32


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="gateway-key"):
    """A private key at rest; the file is readable by its owner only. `role`: of a certificate, or `database`."""

    v: int
    role: str
    secret: str

    def __repr__(self) -> str:
        return f"KeyFile({self.role})"


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """The keys that a running gateway uses. Neither the root's nor the regulator's is among them."""

    receipt: SigningKey
    enrolment: SigningKey
    package: SigningKey
    intake: OpeningKey
    database: DatabaseKey
    earlier_intakes: tuple[OpeningKey, ...] = ()

    @property
    def intake_secrets(self) -> Secrets:
        """The intake key in use and the earlier ones, to which stations may still have sealed."""
        return Secrets({key.key_id: key.private.private_bytes_raw() for key in (self.intake, *self.earlier_intakes)})

    @classmethod
    def load(cls, folder: Path) -> KeyRing:
        """Read the key files; raises StoreError if one is missing or damaged."""
        return cls(
            receipt=SigningKey(read_secret(folder, Role.RECEIPT)),
            enrolment=SigningKey(read_secret(folder, Role.ENROLMENT)),
            package=SigningKey(read_secret(folder, Role.PACKAGE)),
            intake=OpeningKey(read_secret(folder, Role.INTAKE)),
            database=DatabaseKey(read_secret(folder, DATABASE)),
            earlier_intakes=tuple(
                OpeningKey(read_private(path, Role.INTAKE)) for path in sorted(folder.glob(earlier_name(Role.INTAKE, "?" * 32)))
            ),
        )


@dataclass(frozen=True, slots=True, repr=False)
class NewKeys:
    """Keys drawn for a new gateway, before they are written."""

    root: bytes
    certified: dict[Role, bytes]
    database: bytes

    @classmethod
    def draw(cls, random: Callable[[int], bytes]) -> NewKeys:
        return cls(random(SECRET_BYTES), {role: random(SECRET_BYTES) for role in CERTIFIED}, random(SECRET_BYTES))

    @property
    def database_key_id(self) -> str:
        return DatabaseKey(self.database).key_id

    def certificates(self, template: Certificate) -> tuple[Signed, ...]:
        """The root's own certificate first, then those it gives; `template` says gateway, time and practice."""
        root = SigningKey(self.root)
        own = certificate_of(template, Role.ROOT, (root.public, root.key_id), 0)
        others = [
            sign(certificate_of(template, role, public_of(role, secret), serial), root)
            for serial, (role, secret) in enumerate(self.certified.items(), start=1)
        ]
        return (sign(own, root), *others)

    def write(self, offline_folder: Path, keys_folder: Path) -> None:
        """Write each key to a file of its own, mode 0600; those that a running gateway does not use to `offline_folder`."""
        write_secret(offline_folder, Role.ROOT, self.root)
        for role, secret in self.certified.items():
            write_secret(offline_folder if role == Role.REGULATOR else keys_folder, role, secret)
        write_secret(keys_folder, DATABASE, self.database)


def template(gateway_id: str, at_ms: int, *, practice: bool) -> Certificate:
    """A certificate that lacks role, key and serial."""
    return Certificate(
        role=Role.ROOT,
        gateway_id=gateway_id,
        subject=gateway_id,
        alg="ed25519",
        public_key="",
        subject_key_id="",
        serial=0,
        not_before_ms=at_ms,
        not_after_ms=None,
        practice=practice,
        station=None,
    )


def check_ours(keys: KeyRing, certificates: tuple[Certificate, ...], database_key_id: str) -> None:
    """Raise StoreError unless every key of the ring is certified for its role, and the database's is the one it was made with."""
    certified = {(certificate.role, certificate.subject_key_id) for certificate in certificates}
    held = (
        (Role.RECEIPT, keys.receipt.key_id),
        (Role.ENROLMENT, keys.enrolment.key_id),
        (Role.PACKAGE, keys.package.key_id),
        (Role.INTAKE, keys.intake.key_id),
    )
    for role, key_id in held:
        if (role, key_id) not in certified:
            raise StoreError(GatewayCode.KEYS_UNUSABLE, role=role.value)
    if keys.database.key_id != database_key_id:
        raise StoreError(GatewayCode.KEYS_UNUSABLE, role=DATABASE)


def root_key_of(document: GatewayDocument) -> bytes:
    """The raw public key of the root in a gateway document of our own. Raises JournalError or msgspec errors if it is damaged."""
    return from_text(typed.decode(document.certificates[0].body, Certificate).public_key)


def put_in_place(folder: Path, certificates: Sequence[Certificate]) -> None:
    """End a change of keys that was cut off: a next key that was certified takes its place, one that was not is dropped. Raises StoreError,
    OSError."""
    certified = {(each.role, each.subject_key_id) for each in certificates}
    for role in ROTATING:
        waiting, current = folder / f"{role}-{NEXT}.key", folder / f"{role}.key"
        if not waiting.exists():
            continue
        if (role, public_of(role, read_private(waiting, role))[1]) not in certified:
            waiting.unlink()
            continue
        if current.exists():  # else it was moved before the crash
            current.replace(folder / earlier_name(role, public_of(role, read_secret(folder, role))[1]))
        waiting.replace(current)


def earlier_name(role: Role, key_id: str) -> str:
    """The file of a key that another one has followed."""
    return f"{role}-{key_id}.key"


def _earlier(folder: Path, role: Role) -> list[Path]:
    return sorted(folder.glob(earlier_name(role, "?" * 32)))


def write_private(path: Path, data: bytes) -> None:
    """Create a file that only its owner reads; fails if it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def certificate_of(template: Certificate, role: Role, key: tuple[bytes, str], serial: int) -> Certificate:
    """As `template`, for another role and key."""
    public, key_id = key
    return msgspec.structs.replace(
        template, role=role, alg=ALGORITHM_OF[role], public_key=to_text(public), subject_key_id=key_id, serial=serial
    )


def public_of(role: Role, secret: bytes) -> tuple[bytes, str]:
    """Raw public key and its id."""
    key = OpeningKey(secret) if ALGORITHM_OF[role] == "x25519" else SigningKey(secret)
    return key.public, key.key_id


def write_secret(folder: Path, role: str, secret: bytes, which: str = "") -> None:
    """Write a key to a file of its own, mode 0600; `which`: not the one in use."""
    write_private(
        folder / (f"{role}-{which}.key" if which else f"{role}.key"),
        msgspec.json.encode(KeyFile(v=1, role=role, secret=to_text(secret))) + b"\n",
    )


def read_secret(folder: Path, role: str) -> bytes:
    """The key in use. Raises StoreError."""
    return read_private(folder / f"{role}.key", role)


def read_private(path: Path, role: str) -> bytes:
    """The secret in a key file of that role. Raises StoreError if it is missing or damaged, FileNotFoundError never."""
    try:
        file = typed.decode(path.read_bytes(), KeyFile)
        secret = from_text(file.secret)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, JournalError) as error:
        raise StoreError(GatewayCode.KEYS_UNUSABLE, role=str(role)) from error
    if file.v != 1 or file.role != role or len(secret) != SECRET_BYTES:
        raise StoreError(GatewayCode.KEYS_UNUSABLE, role=str(role))
    return secret
