"""Publishing lists (名单): a plain file becomes signed packages whose numbers are match tokens of one region and year; with the packages
published before, deltas as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from courier_check.clock import at
from courier_check.errors import UserError
from courier_check.gateway.admin import NewPackage, publish_package, sign_package
from courier_check.gateway.certify import match_key_of
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import systems
from courier_check.journal.codes import JournalError
from courier_check.screening.entries import ListPackage, Vetting
from courier_check.screening.list_delta import ListDelta, revised
from courier_check.screening.list_files import Issue
from courier_check.screening.list_reading import ListFile, Source, read_list
from courier_check.screening.list_rows import TableRow
from courier_check.wire.packages import PackageKind, checked_package


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A version of a list: its package, and what leads to it from the version before, if that was given."""

    package: ListPackage
    whole: bytes
    delta: tuple[ListDelta, bytes] | None


@dataclass(frozen=True, slots=True)
class Publishing:
    """For whom a list file is published. `before`: packages published earlier, by list. `good_lines`: leave bad lines out, instead of
    publishing nothing."""

    region: str
    vetting: Vetting
    tokens: Callable[[bytes], Callable[[str, str], str]]
    before: Mapping[str, ListPackage] = field(default_factory=dict)
    good_lines: bool = False


def publish_lists(gateway: Gateway, rows: Iterable[TableRow], publishing: Publishing) -> tuple[ListFile, tuple[PublishedList, ...]]:
    """Read a list file and sign a package for each list in it. Errors in the file: no package, unless good lines are asked for. Raises
    UserError as reading does.

    The numbers are under the region's match key of this year; each package's version is one more than the list's last. An entry that says
    something else than in the package before has a later revision.
    """
    now_ms = gateway.now_ms()
    with gateway.database.write() as tx:
        key = match_key_of(tx, gateway, publishing.region, at(now_ms).year)
    issue = Issue(version=1, issued_at_ms=now_ms, expires_on=None, match_key_id=key.match_key_id)
    file = read_list(rows, Source(issue, publishing.vetting, publishing.tokens(key.secret)))
    if file.errors and not publishing.good_lines:
        return file, ()
    return file, tuple(_published(gateway, package, publishing.before.get(package.header.list_id)) for package in file.packages)


def published_before(gateway: Gateway, data: bytes, vetting: Vetting) -> ListPackage:
    """A whole list package this gateway has published. Raises UserError for anything else."""
    try:
        manifest, content = checked_package(data, gateway.trusted)
    except JournalError as error:
        raise UserError(GatewayCode.PACKAGE_UNUSABLE, name="") from error
    if manifest.package_kind != PackageKind.LIST:
        raise UserError(GatewayCode.PACKAGE_UNUSABLE, name=manifest.name)
    return ListPackage.parse(content, vetting)


def _published(gateway: Gateway, package: ListPackage, before: ListPackage | None) -> PublishedList:
    with gateway.database.read() as tx:
        version = systems.last_version(tx, package.header.list_id) + 1
    numbered = ListPackage(msgspec.structs.replace(package.header, version=version), package.entries)
    numbered = revised(before, numbered) if before is not None else numbered
    header = numbered.header
    new = NewPackage(PackageKind.LIST, header.list_id, numbered.encode(), version, header.expires_on)
    whole = publish_package(gateway, new)
    if before is None:
        return PublishedList(numbered, whole, None)
    delta = ListDelta.between(before, numbered)
    changes = NewPackage(PackageKind.LIST_DELTA, header.list_id, delta.encode(), version, header.expires_on)
    return PublishedList(numbered, whole, (delta, sign_package(gateway, changes, version)))
