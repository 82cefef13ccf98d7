"""开台: how the database key is kept (not sign-in: that checks an operator in the open database).

`keys.json` holds the data key wrapped by Argon2id of a passphrase, always, and optionally by a key in the operating system's keyring. The
data key itself is never written. Without passphrase and keyring the folder can't be opened.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.errors
import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from courier_check import typed
from courier_check.errors import StoreError, UserError
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically

FORMAT = 1
SHORTEST_PASSPHRASE = 8
_SERVICE = "courier-check"
_PASSPHRASE_AAD = b"courier-check/data-key/passphrase/v1"
_KEYRING_AAD = b"courier-check/data-key/keyring/v1"


class PassphraseWrap(msgspec.Struct, frozen=True, kw_only=True):
    """Argon2id cost is stored beside the salt, so that it can be raised later. Memory in KiB."""

    salt: bytes
    wrapped: bytes
    memory_kib: int
    passes: int
    lanes: int


class KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    passphrase: PassphraseWrap
    keyring: bytes | None = None
    format: int = FORMAT


def create_keys(path: Path, passphrase: str, random: Callable[[int], bytes], cost: PasswordHasher) -> bytes:
    """Draw a data key, write it wrapped by the passphrase, return it. Raises UserError for a passphrase under eight characters.

    `cost`: what Argon2id is to cost here; only its parameters are taken.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UserError(StoreCode.PASSPHRASE_SHORT, least=SHORTEST_PASSPHRASE)
    key, salt = random(32), random(16)
    empty = PassphraseWrap(salt=salt, wrapped=b"", memory_kib=cost.memory_cost, passes=cost.time_cost, lanes=cost.parallelism)
    wrap = msgspec.structs.replace(empty, wrapped=_wrap(_stretch(passphrase, empty), key, _PASSPHRASE_AAD, random))
    _save(path, KeyFile(passphrase=wrap))
    return key


def open_keys(path: Path, passphrase: str) -> bytes:
    """The data key, from the passphrase. Raises UserError (wrong), StoreError (absent, damaged, newer)."""
    file = _load(path)
    try:
        return _unwrap(_stretch(passphrase, file.passphrase), file.passphrase.wrapped, _PASSPHRASE_AAD)
    except InvalidTag as error:
        raise UserError(StoreCode.WRONG_PASSPHRASE) from error
    except (HashingError, ValueError, OverflowError) as error:  # impossible cost, or a wrap too short to hold a key
        raise StoreError(StoreCode.FOLDER_DAMAGED, file=path.name) from error


def add_keyring(path: Path, folder_id: str, key: bytes, random: Callable[[int], bytes]) -> None:
    """Wrap the data key by a further key kept in the OS keyring: opens without asking, protected as the OS account is."""
    file, wrapping = _load(path), random(32)
    try:
        keyring.set_password(_SERVICE, folder_id, base64.b64encode(wrapping).decode("ascii"))
    except keyring.errors.KeyringError as error:
        raise StoreError(StoreCode.KEYRING_ABSENT) from error
    _save(path, msgspec.structs.replace(file, keyring=_wrap(wrapping, key, _KEYRING_AAD, random)))


def open_with_keyring(path: Path, folder_id: str) -> bytes | None:
    """The data key from the OS keyring, or None where there is no such wrap or no keyring answers."""
    file = _load(path)
    if file.keyring is None:
        return None
    try:
        stored = keyring.get_password(_SERVICE, folder_id)
    except keyring.errors.KeyringError:
        return None
    if stored is None:
        return None
    try:
        return _unwrap(base64.b64decode(stored), file.keyring, _KEYRING_AAD)
    except (InvalidTag, ValueError):
        return None


def has_keyring_wrap(path: Path) -> bool:
    return _load(path).keyring is not None


def _stretch(passphrase: str, wrap: PassphraseWrap) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        wrap.salt,
        time_cost=wrap.passes,
        memory_cost=wrap.memory_kib,
        parallelism=wrap.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _wrap(wrapping: bytes, key: bytes, aad: bytes, random: Callable[[int], bytes]) -> bytes:
    nonce = random(12)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, aad)


def _unwrap(wrapping: bytes, wrapped: bytes, aad: bytes) -> bytes:
    return AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], aad)


def _load(path: Path) -> KeyFile:
    try:
        file = typed.decode(path.read_bytes(), KeyFile)
    except FileNotFoundError as error:
        raise StoreError(StoreCode.FOLDER_ABSENT, folder=str(path.parent)) from error
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(StoreCode.FOLDER_DAMAGED, file=path.name) from error
    if file.format > FORMAT:
        raise StoreError(StoreCode.FOLDER_NEWER)
    return file


def _save(path: Path, file: KeyFile) -> None:
    write_atomically(path, msgspec.json.format(msgspec.json.encode(file)), private=True)
