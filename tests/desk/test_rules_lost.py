"""Installed checklists whose file is lost: told by name, and put back by installing the same package again, without a desk."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.rule_packages import InstalledRules
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.journal.entries import Draft
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.resources import read_resource
from courier_check.wire.certificates import Role
from courier_check.wire.packages import Manifest, PackageKind, publish
from support.parcels import answer_all, filled
from support.pki import MadeUpGateway
from support.stations import reopened


def checklists(version: str = "2026.12-1", *, item_id: str = "fresh-goods") -> str:
    """The shipped ones with a question of one's own."""
    whole = json.loads(read_resource("checklists.json"))
    item = next(one for one in whole["items"] if one["id"] == "no-suspicious-signs")
    cases = whole["cases"][:1]
    return json.dumps(
        {**whole, "version": version, "cases": cases, "items": [*whole["items"], {**item, "id": item_id}]}, ensure_ascii=False
    )


def signed(version: int, content: str) -> bytes:
    manifest = Manifest(
        gateway_id="gw-test",
        package_kind=PackageKind.RULES,
        name="checklists",
        version=version,
        issued_at_ms=1,
        expires_on=None,
        content_sha256="0" * 64,
        content_size=0,
    )
    return msgspec.json.encode(publish(manifest, content, MadeUpGateway().signing[Role.PACKAGE]))


def entries(station: Station) -> int:
    return int(station.database.value("SELECT COUNT(*) FROM journal_entries"))


PACKAGE = signed(3, checklists())


@pytest.fixture
def installed(station: Station, supervisor: SignedIn) -> InstalledRules:
    return station.desk().rules.install(PACKAGE, supervisor, signed=True)


@pytest.fixture(params=["gone", "altered"])
def lost(request: pytest.FixtureRequest, station: Station, installed: InstalledRules) -> Station:
    """The station, opened again, whose checklists are gone or altered."""
    file = station.folder.packages / f"{installed.sha256}.json"
    if request.param == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"\n")
    again = reopened(station)
    station.database = again.database
    with pytest.raises(UserError) as caught:
        again.desk()
    assert caught.value.code == DeskCode.RULES_LOST
    return again


def test_the_same_package_puts_them_back(lost: Station, installed: InstalledRules, clerk: SignedIn, supervisor: SignedIn) -> None:
    before = entries(lost)
    assert lost.rule_packages().lost() == installed
    assert lost.rule_packages().install(PACKAGE, supervisor, signed=True) == installed
    assert entries(lost) == before, "the journal has said that these are in force"
    assert lost.rule_packages().lost() is None
    assert lost.desk().acceptances.rules.rulebook.rules.item("fresh-goods")
    acceptances = lost.desk().acceptances
    session = answer_all(acceptances.prepare(filled()), acceptances.rules.rulebook)
    assert acceptances.submit(Submission(session, clerk)).outcome is Outcome.ACCEPT
    with pytest.raises(UserError) as caught:
        lost.rule_packages().install(PACKAGE, supervisor, signed=True)
    assert caught.value.code == DeskCode.PACKAGE_NOT_NEWER, "what is there is not installed twice"


def test_a_newer_package_does_as_well_and_is_journaled(lost: Station, supervisor: SignedIn) -> None:
    before = entries(lost)
    assert lost.rule_packages().install(signed(4, checklists("2026.12-2")), supervisor, signed=True).version == "4"
    assert (entries(lost), lost.rule_packages().lost()) == (before + 1, None)
    assert lost.desk().acceptances.rules.rulebook.rules.version == "2026.12-2"


def test_the_same_content_in_a_newer_package_is_that_package(lost: Station, supervisor: SignedIn) -> None:
    assert lost.rule_packages().install(signed(5, checklists()), supervisor, signed=True).version == "5"
    assert lost.desk().acceptances.rules.rulebook.rules.version == "2026.12-1"


def test_other_content_an_older_package_and_a_clerk_put_nothing_back(lost: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    attempts = (
        (signed(3, checklists("2026.12-7")), supervisor, DeskCode.PACKAGE_NOT_NEWER),
        (signed(2, checklists("2026.12-7")), supervisor, DeskCode.PACKAGE_NOT_NEWER),
        (PACKAGE, clerk, DeskCode.NO_RIGHT),
        (PACKAGE, None, DeskCode.NOT_SIGNED_IN),
        (PACKAGE.replace(b"2026.12-1", b"2026.12-9"), supervisor, DeskCode.PACKAGE_NOT_BELIEVED),
    )
    for data, by, code in attempts:
        with pytest.raises(UserError) as caught:
            lost.rule_packages().install(data, by, signed=True)
        assert caught.value.code == code
        assert lost.rule_packages().lost() is not None


def test_what_passed_when_it_was_installed_can_be_put_back(station: Station, supervisor: SignedIn) -> None:
    """Checklists of a station that installed them when ids had no form: they are worked by, so they can be put back too."""
    old = checklists(item_id="Fresh_Goods").encode()
    with pytest.raises(UserError) as caught:
        station.desk().rules.install(old, supervisor, signed=False)
    assert caught.value.code == DeskCode.RULES_UNFIT
    known = installed_before(station, old)
    again = reopened(station)
    station.database = again.database
    assert again.rule_packages().lost() == known
    assert again.rule_packages().install(old, supervisor, signed=False) == known
    assert again.desk().acceptances.rules.rulebook.rules.item("Fresh_Goods")


def installed_before(station: Station, content: bytes) -> InstalledRules:
    """As an earlier version of the program left it, but for the file."""
    sha256 = hashlib.sha256(content).hexdigest()
    with station.database.write() as tx:
        facts = {"kind": "rules", "name": "checklists", "version": "1", "sha256": sha256, "signed": False}
        journal.append(tx, Draft("package-installed", "0001", facts), station.writer())
    return InstalledRules("checklists", "1", sha256)
