"""回执证明 of entries that nobody wrote, of batches of any size."""

from __future__ import annotations

from courier_check.journal import merkle
from courier_check.wire.batches import Receipt, merkle_root
from courier_check.wire.certificates import Role
from courier_check.wire.proofs import ProofDocument, proof_text
from courier_check.wire.signed import sign
from support.pki import MadeUpGateway, secret

GATEWAY = MadeUpGateway()
LARGEST_BATCH = 512


def hashes(count: int) -> tuple[str, ...]:
    return tuple(secret(f"entry {number}").hex() for number in range(count))


def proof(count: int, index: int, *, gateway: MadeUpGateway = GATEWAY) -> ProofDocument:
    held = hashes(count)
    receipt = Receipt(
        gateway_id=gateway.gateway_id,
        station_id="counter-01",
        journal_id="ab" * 16,
        first_seq=100_001,
        last_seq=100_000 + count,
        prev_head=secret("before").hex(),
        head=held[-1],
        merkle_root=merkle_root(held),
        received_at_ms=1_795_406_400_000,
        after_revocation=False,
        gateway_journal_id="12" * 16,
        gateway_seq=1_234_567,
        gateway_prev=secret("receipt before").hex(),
    )
    path = merkle.path([bytes.fromhex(each) for each in held], index)
    signed = sign(receipt, gateway.signing[Role.RECEIPT])
    return ProofDocument(seq=100_001 + index, entry=held[index], path=tuple(each.hex() for each in path), receipt=signed)


def largest_proof() -> ProofDocument:
    """The one that takes most once it is packed, of some in the largest batch there is: they all have a path of nine."""
    return max((proof(LARGEST_BATCH, index) for index in (0, 1, 255, 511)), key=lambda made: len(proof_text(made)))
