"""New checklists are worked by at once by every station that is open, whoever installed them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.overview import overview
from courier_check.parcel.service import CustomsCategory, CustomsDeclaration, CustomsItem, Payer, ServiceInformation
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.resources import read_resource
from courier_check.wire.certificates import Role as KeyRole
from courier_check.wire.packages import Manifest, PackageKind, publish
from support.clocks import SetClock
from support.entries import Prepared, facts
from support.pki import MadeUpGateway
from support.stations import CHEAP, new_station


def changed(question: str = "样例问题：已拆开验视？") -> bytes:
    """The shipped checklists with another version and another question."""
    package = json.loads(read_resource("checklists.json"))
    package["version"] = "2026.12-1"
    next(item for item in package["items"] if item["id"] == "opened-in-presence")["question"]["zh"] = question
    return json.dumps(package, ensure_ascii=False, indent=1).encode()


def question(station: Station) -> str:
    return station.desk().acceptances.rules.rulebook.rules.item("opened-in-presence").question.zh


def test_another_open_station_works_by_what_was_installed_meanwhile(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    with Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(station.clock, hasher=CHEAP)) as other:
        before = other.desk()
        assert (question(other), overview(other.database, 0).rules) == (question(station), None)
        installed = station.desk().rules.install(changed(), supervisor, signed=False)
        assert question(other) == question(station) == "样例问题：已拆开验视？"
        assert other.desk() is before, "the verbs are not made anew"
        assert overview(other.database, 0).rules == installed.sha256
        ref = other.desk().acceptances.rules.refs[0]
        assert ref.version == "2026.12-1"
        seq = other.desk().acceptances.submit(Submission(prepared(), clerk)).seq or 0
    header = json.loads(station.database.value("SELECT header FROM journal_entries WHERE seq = ?", (seq,)))
    assert (ref.sha256, ref.version) in {(one["sha256"], one["version"]) for one in header["packages"]}
    assert facts(station, seq)["inspected"] is True


def test_what_is_asked_of_a_destination_only_is_owed_before_the_parcel_is_recorded(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    """By the checklists of docs/rules.md's worked example."""
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "checklists-2026.12-1.json"
    station.desk().rules.install(example.read_bytes(), supervisor, signed=False)
    lines = (CustomsItem(description="books", quantity=1, net_weight_g=500, value=6_000),)
    customs = CustomsDeclaration(CustomsCategory.GIFT, "CNY", lines)
    japan = ServiceInformation(product="国际小包", payer=Payer.SENDER, country="JP", customs=customs)
    unasked = prepared()
    assert "customs-as-seen" not in {one.finding.item for one in unasked.draft.answers}
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(unasked.served(japan), clerk))
    assert (caught.value.code, caught.value.facts) == (DeskCode.INCOMPLETE, {"missing": "customs-as-seen"})
    asked = prepared(changed=lambda session: session.served(japan))
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(asked.served(replace(japan, country="US")), clerk))
    assert (caught.value.code, caught.value.facts) == (DeskCode.INCOMPLETE, {"missing": "customs-as-seen"})
    recorded = station.desk().acceptances.submit(Submission(asked, clerk))
    assert recorded.outcome is Outcome.ACCEPT
    answers = facts(station, recorded.seq or 0)["answers"]
    assert isinstance(answers, dict)
    assert answers["customs-as-seen"] == "yes"


def test_checklists_that_are_lost_stop_the_verbs_and_say_so(station: Station, supervisor: SignedIn) -> None:
    station.desk().rules.install(changed(), supervisor, signed=False)
    station.desk()
    installed = station.desk().rules.install(changed("另一个问题？").replace(b"2026.12-1", b"2026.12-2"), supervisor, signed=False)
    (station.folder.packages / f"{installed.sha256}.json").write_bytes(b"{}")
    with pytest.raises(UserError) as caught:
        station.desk()
    assert caught.value.code == DeskCode.RULES_LOST


def test_outside_practice_only_signed_rules_are_taken(tmp_path: Path, clock: SetClock) -> None:
    gateway = MadeUpGateway(practice=False)
    with new_station(tmp_path / "real", gateway, clock) as station:
        station.desk().operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", "practice", None)
        by = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
        with pytest.raises(UserError) as caught:
            station.desk().rules.install(changed(), by, signed=False)
        assert caught.value.code == DeskCode.UNSIGNED_NOT_PRACTICE
        assert overview(station.database, 0).rules is None
        manifest = Manifest(
            gateway_id="gw-test",
            package_kind=PackageKind.RULES,
            name="checklists",
            version=7,
            issued_at_ms=1,
            expires_on=None,
            content_sha256="0" * 64,
            content_size=0,
        )
        signed = msgspec.json.encode(publish(manifest, changed().decode(), gateway.signing[KeyRole.PACKAGE]))
        assert station.desk().rules.install(signed, by, signed=True).version == "7"
        assert question(station) == "样例问题：已拆开验视？"
