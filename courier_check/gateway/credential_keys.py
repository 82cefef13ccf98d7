"""Publishing the keys of those who issue credentials (实名码): a plain file becomes a signed package."""

from __future__ import annotations

from courier_check.gateway.admin import NewPackage, publish_package
from courier_check.gateway.setup import Gateway
from courier_check.identity.credential_keys import CredentialKeys
from courier_check.wire.credential_keys import NAME, checked_keys
from courier_check.wire.packages import PackageKind


def publish_keys(gateway: Gateway, content: bytes) -> tuple[CredentialKeys, bytes]:
    """The keys and the package file, one version above the last. Raises UserError for content that no station would install."""
    keys = checked_keys(content, practice=gateway.document.practice)
    return keys, publish_package(gateway, NewPackage(PackageKind.CREDENTIAL_KEYS, NAME, content))
