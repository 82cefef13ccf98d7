"""换密钥: a new key for one of the gateway's roles, certified by the root, which is brought for that.

The earlier key's certificate stays in the gateway document: receipts it signed are verified for years, and stations that have not fetched
the new document go on sealing to it. The gateway signs with the new key only, and opens with all it ever had. A statement by an earlier key
that is dated after the new key began is believed by nobody (docs/wire.md §3), so the gateway makes sure that it signs none: the change is
made in a transaction of its database, and one that is running takes nothing in before it is started again.

A receipt key that was lost, or that a stranger may have, is withdrawn as well (撤销): the root signs a list of the keys in force without it
and every earlier receipt key, and their certificates stand apart. The gateway then signs anew what it keeps (resigning.py).

A crash leaves the gateway with the old key or with the new one: the new key is written first under a name of its own, then certified, and
takes its place at the next start if it was certified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from courier_check.clock import Clock
from courier_check.errors import StoreError, UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.keys import NEXT, ROTATING, KeyRing, certificate_of, public_of, put_in_place, read_private, write_secret
from courier_check.gateway.setup import open_database, read_gateway_file, write_gateway_file
from courier_check.gateway.store import journals
from courier_check.journal.keys import SigningKey
from courier_check.wire.certificates import Certificate, GatewayDocument, KeysInForce, Role, root_fingerprint, trust
from courier_check.wire.signed import Signed, read, sign


def rotate(
    data: Path, role: Role, root_key: Path, clock: Clock, random: Callable[[int], bytes], *, database_url: str | None = None
) -> Certificate:
    """Give a role a new key. A gateway that is running takes in nothing until it is started again.

    Raises UserError where the role's keys are not the gateway's to change or the root key is another's, StoreError where files can't be
    read or written.
    """
    return _Change(data, root_key, clock, random, database_url).made(role, ())


def withdraw(data: Path, root_key: Path, clock: Clock, random: Callable[[int], bytes], *, database_url: str | None = None) -> Certificate:
    """撤销: give the gateway a new receipt key and withdraw every earlier one. Raises as `rotate`."""
    return _Change(data, root_key, clock, random, database_url).made(Role.RECEIPT, (Role.RECEIPT,))


def _root_of(path: Path) -> SigningKey:
    """The root key in a file that was brought. Raises UserError where that holds none: nothing of the gateway's own is to be restored."""
    try:
        return SigningKey(read_private(path, Role.ROOT))
    except StoreError as error:
        raise UserError(GatewayCode.ROOT_KEY_FOREIGN) from error


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of keys, and what it needs."""

    data: Path
    root_key: Path
    clock: Clock
    random: Callable[[int], bytes]
    database_url: str | None

    def made(self, role: Role, without: tuple[Role, ...]) -> Certificate:
        """`without`: the roles whose earlier keys are withdrawn."""
        if role not in ROTATING:
            raise UserError(GatewayCode.ROLE_FIXED, role=role.value)
        file = read_gateway_file(self.data)
        root = _root_of(self.root_key)
        certificates = [read(each, Certificate) for each in _ever(file.document)]
        if root.key_id != certificates[0].subject_key_id:
            raise UserError(GatewayCode.ROOT_KEY_FOREIGN)
        put_in_place(self.data / "keys", certificates)
        secret = self.random(32)
        database = open_database(self.data, self.database_url, file)
        try:
            with database.write() as tx:
                made = self._next(certificates, role, secret, journals.newest_time(tx))
                document = _with(file.document, sign(made, root), root, without)
                trust(document, root_fingerprint(root.public))  # what stations would refuse is never written
                write_secret(self.data / "keys", role, secret, NEXT)
                write_gateway_file(self.data, msgspec.structs.replace(file, document=document))
                put_in_place(self.data / "keys", (*certificates, made))
        except OSError as error:
            raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error
        finally:
            database.close()
        KeyRing.load(self.data / "keys")
        return made

    def _next(self, certificates: list[Certificate], role: Role, secret: bytes, newest_ms: int) -> Certificate:
        """The role's next certificate. It begins after whatever the earlier key has signed, though the clock has been set back since."""
        begins_ms = max(self.clock.read().wall_ms, newest_ms + 1)
        template = msgspec.structs.replace(certificates[0], not_before_ms=begins_ms)
        return certificate_of(template, role, public_of(role, secret), 1 + max(each.serial for each in certificates))


def _with(document: GatewayDocument, fresh: Signed, root: SigningKey, without: tuple[Role, ...]) -> GatewayDocument:
    """The document with another certificate, and without the earlier ones of these roles; what was withdrawn before stays so."""
    apart = tuple(each for each in document.certificates if read(each, Certificate).role in without)
    certificates = (*(each for each in document.certificates if each not in apart), fresh)
    if not apart and document.keys is msgspec.UNSET:
        return msgspec.structs.replace(document, certificates=certificates)
    before = 0 if isinstance(document.keys, msgspec.UnsetType) else read(document.keys, KeysInForce).serial
    in_force = tuple(sorted(read(each, Certificate).subject_key_id for each in certificates))
    listed = KeysInForce(gateway_id=document.gateway_id, serial=before + 1, keys=in_force)
    withdrawn = (*(document.withdrawn or ()), *apart)
    return msgspec.structs.replace(document, certificates=certificates, keys=sign(listed, root), withdrawn=withdrawn)


def _ever(document: GatewayDocument) -> tuple[Signed, ...]:
    """All certificates, the root's first, and those of withdrawn keys."""
    return (*document.certificates, *(document.withdrawn or ()))
