"""The gateway document, fetched anew: gateways change their keys (docs/wire.md §2), and a receipt by a key that a station does not know is
none to it."""

from __future__ import annotations

import msgspec

from courier_check.journal.codes import JournalError
from courier_check.store import facts
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity, load_identity, save_enrolment
from courier_check.sync.client import GatewayClient
from courier_check.wire.certificates import Certificate, GatewayDocument, Role, TrustedGateway, trust, with_all

DAY_MS = 86_400_000
_FETCHED = "gateway_document_ms"


def is_due(db: Database, wall_ms: int) -> bool:
    """Once a day, and at once after the clock was set back behind the last time."""
    last = facts.load_number(db, _FETCHED)
    return last is None or not 0 <= wall_ms - last < DAY_MS


def fetch(db: Database, identity: StationIdentity, client: GatewayClient, wall_ms: int) -> bool:
    """Ask for the gateway document and keep it if it is another one that holds; returns whether it was kept. Nothing is kept otherwise,
    and nothing is said: what depends on it fails by itself."""
    match client.gateway_document():
        case GatewayDocument() as document:
            pass
        case _:
            return False
    with db.write() as tx:
        kept = load_identity(tx) or identity  # answers from a stick may have brought another one meanwhile
        trusted = believed(kept, document)
        if trusted is None:
            return False
        facts.save_number(tx, _FETCHED, wall_ms)
        if trusted.document == kept.enrolment.gateway:
            return False
        save_enrolment(tx, msgspec.structs.replace(kept.enrolment, gateway=trusted.document))
    return True


def believed(identity: StationIdentity, document: GatewayDocument) -> TrustedGateway | None:
    """A gateway document that came over the line or on a stick, None unless it holds: under the root that was pinned at enrolment, with the
    key that certified this station, and with no role's newest certificate older than the one kept, which would be an old document played
    again. What it lacks of the certificates kept is put in: whoever carries it may leave some out, and what they certify is held here."""
    enrolment = identity.enrolment
    try:
        trusted = trust(document, enrolment.fingerprint)
        whole = trust(with_all(document, identity.gateway.document), enrolment.fingerprint)
    except JournalError:
        return None
    known = trusted.verifying_keys(Role.ENROLMENT)
    newest = _newest(identity.gateway.certificates)
    older = any(_newest(trusted.certificates).get(role, -1) < serial for role, serial in newest.items())
    older |= trusted.keys_serial < identity.gateway.keys_serial  # one in which a withdrawn key is believed again
    if trusted.root.practice != identity.gateway.root.practice or enrolment.certificate.key_id not in known or older:
        return None
    return whole


def _newest(certificates: tuple[Certificate, ...]) -> dict[Role, int]:
    """The greatest serial of each role."""
    found: dict[Role, int] = {}
    for each in certificates:
        found[each.role] = max(found.get(each.role, -1), each.serial)
    return found
