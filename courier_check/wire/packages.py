"""Signed packages: lists and rules (docs/wire.md §9)."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Count, Day, Hash, Ms, Name, Version
from courier_check.journal.keys import SigningKey
from courier_check.wire.certificates import Role, TrustedGateway
from courier_check.wire.documents import read_document
from courier_check.wire.signed import VERSION, Body, Signed, sign, verified


class PackageKind(StrEnum):
    LIST = "list"
    LIST_DELTA = "list-delta"
    RULES = "rules"
    CREDENTIAL_KEYS = "credential-keys"


class Manifest(Body, frozen=True, kw_only=True, tag="package"):
    gateway_id: Name
    package_kind: PackageKind
    name: Name
    version: Version
    issued_at_ms: Ms
    expires_on: Day | None
    content_sha256: Hash
    content_size: Count


class PackageFile(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="package-file"):
    manifest: Signed
    content: str
    v: int = VERSION


def publish(manifest: Manifest, content: str, key: SigningKey) -> PackageFile:
    """A package file; the manifest's digest and size are filled from the content."""
    data = content.encode()
    complete = msgspec.structs.replace(manifest, content_sha256=hashlib.sha256(data).hexdigest(), content_size=len(data))
    return PackageFile(manifest=sign(complete, key), content=content)


def checked_package(data: bytes, gateway: TrustedGateway) -> tuple[Manifest, bytes]:
    """Manifest and content of a package file signed by this gateway's package key. Raises JournalError."""
    file = read_document(data, PackageFile)
    key = gateway.verifying_keys(Role.PACKAGE).get(file.manifest.key_id)
    if key is None:
        raise JournalError(JournalCode.WRONG_KEY, role=Role.PACKAGE.value)
    manifest = verified(file.manifest, Manifest, key)
    content = file.content.encode()
    if manifest.gateway_id != gateway.root.gateway_id:
        raise JournalError(JournalCode.WRONG_PLACE)
    if (hashlib.sha256(content).hexdigest(), len(content)) != (manifest.content_sha256, manifest.content_size):
        raise JournalError(JournalCode.BAD_DIGEST)
    return manifest, content
