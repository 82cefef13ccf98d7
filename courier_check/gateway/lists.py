"""Publishing lists (名单): a plain file becomes signed packages whose numbers are match tokens of one region and year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from courier_check.clock import at
from courier_check.gateway.admin import NewPackage, publish_package
from courier_check.gateway.certify import match_key_of
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import systems
from courier_check.screening.entries import ListPackage, Vetting
from courier_check.screening.list_files import Issue, ListFile, parse_list_csv
from courier_check.wire.packages import PackageKind


def publish_lists(
    gateway: Gateway, text: str, region: str, vetting: Vetting, tokens: Callable[[bytes], Callable[[str, str], str]]
) -> tuple[ListFile, dict[str, bytes]]:
    """Parse a list file and sign a package for each list in it. Errors in the file: no package. Raises UserError as parsing does.

    The numbers are under the region's match key of this year; each package's version is one more than the list's last.
    """
    now_ms = gateway.now_ms()
    with gateway.database.write() as tx:
        key = match_key_of(tx, gateway, region, at(now_ms).year)
    issue = Issue(version=1, issued_at_ms=now_ms, expires_on=None, match_key_id=key.match_key_id)
    file = parse_list_csv(text, issue, vetting, tokens(key.secret))
    return file, {package.header.list_id: _published(gateway, package) for package in file.packages}


def _published(gateway: Gateway, package: ListPackage) -> bytes:
    with gateway.database.read() as tx:
        version = systems.last_version(tx, package.header.list_id) + 1
    numbered = ListPackage(msgspec.structs.replace(package.header, version=version), package.entries)
    expires_on: date | None = package.header.expires_on
    return publish_package(gateway, NewPackage(PackageKind.LIST, package.header.list_id, numbered.encode(), version, expires_on))
