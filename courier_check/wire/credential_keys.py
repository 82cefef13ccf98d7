"""The content of packages `credential-keys`, as gateway and station check it alike (docs/credential.md §5)."""

from __future__ import annotations

from courier_check.errors import UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.credential_keys import CredentialKeys
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import VerifyingKey

NAME = "credential-keys"


def checked_keys(content: bytes, *, practice: bool) -> CredentialKeys:
    """The keys in the content. Raises UserError: unreadable, a key under which everything verifies, or made-up and real ones mixed."""
    keys = CredentialKeys.parse(content)
    for key in keys.all():
        if key.practice is not practice:
            raise UserError(CredentialCode.KEYS_PRACTICE, issuer=key.title)
        try:
            VerifyingKey(key.public)
        except JournalError as error:
            raise UserError(CredentialCode.KEYS_UNREADABLE, fault=f"public_key {key.key_id.hex()}") from error
    return keys
