"""换密钥: a new key for one of the gateway's roles, certified by the root, which is brought for that.

The earlier key's certificate stays in the gateway document: receipts it signed are verified for years, and stations that have not fetched
the new document go on sealing to it. The gateway signs with the new key only, and opens with all it ever had. A key that is no longer to be
believed is withdrawn instead (docs/wire.md §2).

A crash leaves the gateway with the old key or with the new one: the new key is written first under a name of its own, then certified, and
takes its place at the next start if it was certified.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from courier_check.clock import Clock
from courier_check.errors import StoreError, UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.keys import NEXT, ROTATING, KeyRing, certificate_of, public_of, put_in_place, read_private, write_secret
from courier_check.gateway.setup import read_gateway_file, write_gateway_file
from courier_check.journal.keys import SigningKey
from courier_check.wire.certificates import Certificate, Role, root_fingerprint, trust
from courier_check.wire.signed import read, sign


def rotate(data: Path, role: Role, root_key: Path, clock: Clock, random: Callable[[int], bytes]) -> Certificate:
    """Give a role a new key. A gateway that is running goes on with the old one until it is started again.

    Raises UserError where the role's keys are not the gateway's to change or the root key is another's, StoreError where files can't be
    read or written.
    """
    if role not in ROTATING:
        raise UserError(GatewayCode.ROLE_FIXED, role=role.value)
    file = read_gateway_file(data)
    root = SigningKey(read_private(root_key, Role.ROOT))
    certificates = [read(each, Certificate) for each in file.document.certificates]
    if root.key_id != certificates[0].subject_key_id:
        raise UserError(GatewayCode.ROOT_KEY_FOREIGN)
    put_in_place(data / "keys", certificates)
    secret = random(32)
    serial = 1 + max(each.serial for each in certificates)
    made = msgspec.structs.replace(
        certificate_of(certificates[0], role, public_of(role, secret), serial), not_before_ms=clock.read().wall_ms
    )
    document = msgspec.structs.replace(file.document, certificates=(*file.document.certificates, sign(made, root)))
    trust(document, root_fingerprint(root.public))  # what stations would refuse is never written
    try:
        write_secret(data / "keys", role, secret, NEXT)
        write_gateway_file(data, msgspec.structs.replace(file, document=document))
        put_in_place(data / "keys", (*certificates, made))
    except OSError as error:
        raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error
    KeyRing.load(data / "keys")
    return made
