"""credential: what a signed QR credential (实名码) costs to verify, and to take at the desk of a station."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from courier_check.identity.credential import LONGEST_S, Credential, signed_credential, verified_credential
from courier_check.identity.credential_keys import CredentialKey, CredentialKeys
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.store import presented
from courier_check.store.database import Database
from courier_check.store.schema import migrate

CODES = (2_000, 300)
TAKEN = (300, 60)
VERIFY = Goal(5)
NOW_S = 1_795_579_200
ISSUER = "sample-issuer"


def measure(bench: Bench) -> Iterator[Measured]:
    """Text to reading, code after code, each different; beside it the bare check of as many signatures of the same size."""
    secret = hashlib.sha256(b"benchmark issuer").digest()
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key()
    keys = CredentialKeys.of(
        CredentialKey(ISSUER, "样例签发机构（虚构）", public.public_bytes_raw(), date(2026, 1, 1), date(2027, 12, 31), practice=True)
    )
    codes = [signed_credential(_credential(number), secret) for number in range(bench.size(*CODES))]
    messages = [number.to_bytes(150, "big") for number in range(len(codes))]
    signatures = [key.sign(message) for message in messages]
    own: list[float] = []
    bare: list[float] = []
    slowest: list[float] = []
    for _ in range(RUNS):
        times = [_cpu_ms(partial(verified_credential, code, keys, NOW_S, ())) for code in codes]
        own.append(percentile(times, 0.5))
        slowest.append(percentile(times, 0.99))
        pairs = zip(signatures, messages, strict=True)
        bare.append(percentile([_cpu_ms(partial(public.verify, *pair)) for pair in pairs], 0.5))
    peer = Peer("bare Ed25519 verification", bare)
    yield Measured(bench.named("verify a credential, processor time, p50"), "ms", own, VERIFY, peer)
    yield Measured(bench.named("verify a credential, processor time, p99"), "ms", slowest, VERIFY, peer)
    yield Measured(bench.named("verify it and note it in the database, wall time, p50"), "ms", _taken(bench, keys, codes), peer=peer)


def _taken(bench: Bench, keys: CredentialKeys, codes: list[str]) -> list[float]:
    """With the transaction that keeps it from being used twice; a commit costs what the disk makes it cost."""
    db = Database.open(bench.folder / "station.db", bytes(32))
    try:
        migrate(db)
        count = bench.size(*TAKEN) // RUNS
        runs = [codes[run * count :][:count] for run in range(RUNS)]
        return [percentile([_wall_ms(partial(_take, db, keys, code)) for code in run], 0.5) for run in runs]
    finally:
        db.close()


def _take(db: Database, keys: CredentialKeys, code: str) -> None:
    with db.write() as tx:
        credential = verified_credential(code, keys, NOW_S, ())
        if presented.is_forgotten(tx, credential.expires_at_s):
            raise RuntimeError("forgotten")
        if not presented.take(tx, credential.issuer, credential.nonce, credential.expires_at_s):
            raise RuntimeError("used")


def _credential(number: int) -> Credential:
    person = IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        name="张样例",
        number="41010519900307123X",
        valid_until=date(2035, 3, 7),
        source=Source.CREDENTIAL,
    )
    nonce = hashlib.sha256(str(number).encode()).digest()[:16]
    return Credential(ISSUER, "", nonce, NOW_S - 10, NOW_S - 10 + LONGEST_S, None, person)


def _cpu_ms(act: Callable[[], object]) -> float:
    """Of this thread: whatever else the machine does, a verification waits for nothing."""
    began = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - began) / 1e6


def _wall_ms(act: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - began) / 1e6
