"""How slow this machine is, in something that was measured before on the one the goals were set on."""

from __future__ import annotations

import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MEASURED_US = 68
"""One Ed25519 verification of 1 kB where the goals were set (shared/measured/storage.md)."""
_RUNS, _EACH = 5, 200


def slowness() -> float:
    """How many times longer a verification takes here; the shortest of several runs, so that what else runs counts little."""
    key, message = Ed25519PrivateKey.from_private_bytes(bytes(32)), bytes(1024)
    signature, public = key.sign(message), key.public_key()
    shortest = min(_took(lambda: public.verify(signature, message)) for _ in range(_RUNS))
    return shortest * 1e6 / _EACH / MEASURED_US


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_EACH):
        work()
    return time.perf_counter() - began
