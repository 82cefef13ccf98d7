"""What keeps the database's secrets: without DIR/keys/database.key a copy of it tells no match key, and so no number behind a token."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from courier_check.errors import StoreError
from courier_check.gateway.codes import GatewayCode
from courier_check.journal.keys import key_id

ROLE = "database"
NONCE_BYTES = 12


class DatabaseKey:
    """An AES-256-GCM key with its id. Never printed."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)
        self.key_id = key_id("aes256gcm", secret)

    def seal(self, secret: bytes, place: bytes, nonce: bytes) -> bytes:
        """nonce ‖ ciphertext. `place`: where the value lies, so that it opens nowhere else; `nonce`: 12 fresh random bytes."""
        return nonce + self._cipher.encrypt(nonce, secret, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Raises StoreError if the value was sealed under another key or for another place, or was changed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold anything
            raise StoreError(GatewayCode.KEYS_UNUSABLE, role=ROLE) from error
