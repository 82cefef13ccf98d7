"""Points of the curve of RFC 8032 §5.1, for signatures that no program would make. Slow, and not for secrets."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def added(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    k = _D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(number: int, point: Point) -> Point:
    found = NEUTRAL
    while number:
        if number & 1:
            found = added(found, point)
        point, number = added(point, point), number >> 1
    return found


def spelled(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def read(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y, odd = number & (1 << 255) - 1, number >> 255
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x if x & 1 == odd else P - x), y


BASE = read(bytes.fromhex("58" + "66" * 31))
OF_ORDER_8 = read(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))


def signed_oddly(secret: int, public: bytes, nonce_point: Point, nonce: int, message: bytes) -> bytes:
    """A signature whose R is this point, and whose S is what fits `nonce` times the base point."""
    r = spelled(nonce_point)
    challenge = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")
    return r + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")
