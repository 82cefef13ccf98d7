"""What one record shows, and that it shows nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.acceptance import Session, Settlement
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.lookups import Record, photo_of, record
from courier_check.desk.rights import SignedIn
from courier_check.desk.shown import Veil
from courier_check.errors import UserError
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from courier_check.journal import merkle
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName, make_opening
from courier_check.parcel.contents import DeclaredItem
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.evidence import Photo, PhotoState
from courier_check.store.inbox import save_receipt
from courier_check.wire.batches import Receipt
from courier_check.wire.certificates import Role
from courier_check.wire.signed import sign
from support.entries import Prepared
from support.parcels import TODAY, answer_all
from support.parts_gone import parts_gone
from support.pki import MadeUpGateway
from support.stations import acceptance, append, new_station

SECRETS = (
    *("张三丰", "41010519900307123X", "13800001234", "郑州市某路 1 号"),
    *("李四", "13900005678", "某市某路 2 号", "赵六", "13700009999", "410105199003071248"),
)
JPEG = b"\xff\xd8 made up picture"
PICTURE = Photo("photo-contents-1", "image/jpeg", JPEG)


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def shown(station: Station, seq: int) -> Record:
    return record(station.database, station.enrolled(), station.evidence, current(station), seq)


def texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (*texts(key), *texts(each))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from texts(each)


def betrayed(found: Record, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    everything = [*texts(asdict(found)), repr(found)]
    return [secret for secret in secrets if any(secret in text for text in everything)]


def talkative(session: Session, station: Station) -> Session:
    """A clerk who writes down everything everywhere."""
    book = station.desk().acceptances.rules.rulebook
    gossip = "张三丰 138 0000 1234 寄给 李四（13900005678，某市某路 2 号），证号 410105 19900307 123X"
    session = answer_all(session.declared([DeclaredItem(name=f"给李四的旧书 {gossip}", category="documents", weight_g=900)]), book)
    item = session.draft.answers[0].finding.item
    return session.answered(Finding(item, Answer.YES, gossip), book, TODAY)


def accepted(station: Station, clerk: SignedIn, session: Session, photos: tuple[Photo, ...] = ()) -> int:
    for photo in photos:
        session = session.photographed("photo-contents", hashlib.sha256(photo.data).hexdigest())
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos))
    assert recorded.seq is not None
    return recorded.seq


# What it shows ----------------------------------------------------------------------------------------------------------------------------


def test_a_record_tells_what_was_decided_and_by_what(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared(), (PICTURE,))
    found = shown(station, seq)
    assert (found.act.kind, found.act.waybill, found.act.operator) == ("acceptance", "SF1000000000014", clerk.code)
    assert found.header is not None
    assert (found.header.pieces, found.header.weight_g, found.header.name_match) == (1, 1000, "equal")
    assert set(found.header.answers.values()) == {"yes"}
    assert found.kept is not None
    assert found.kept.sender.name_mask == "张**"
    assert (found.kept.sender.number_mask, found.kept.sender.phone_mask) == ("4***************3X", "138****1234")
    assert found.kept.sender.address_mask == "郑州市****"
    assert found.kept.addressee is not None
    assert (found.kept.addressee.name_mask, found.kept.addressee.phone_mask) == ("李*", "139****5678")
    assert [(item.name, item.weight_g) for item in found.kept.items] == [("旧书", 900)]
    assert (found.corrections, found.resolves, found.resolved_by, found.receipt) == ((), None, (), None)


def test_it_is_verified_on_the_spot_with_its_place_in_the_journal(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    found = shown(station, accepted(station, clerk, prepared()))
    assert (found.verification.ok, found.verification.checked) == (True, 1)
    assert found.entry is not None
    stored = journal.entry_at(station.database, current(station), found.entry.seq)
    assert stored is not None
    assert found.entry.hash == journal.hash_at(station.database, current(station), found.entry.seq)
    assert found.entry.prev == journal.hash_at(station.database, current(station), found.entry.seq - 1)
    assert (found.entry.header_bytes, found.entry.wall_ms) == (len(stored.header_bytes), found.act.at_ms)
    assert {"list", "rules"} <= {package.kind for package in found.entry.packages}


def test_what_was_corrected_is_told_in_order_and_masked(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared())
    correct = station.desk().acceptances.correct
    changes = {"name": "赵六", "phone": "13700009999", "addressee_address": "河南省郑州市金水区某路 9 号", "waybill": "SF1000000000030"}
    correct(Correction(current(station), seq, changes, "赵六打电话 13700009999 来说"), clerk)
    correct(Correction(current(station), seq, {"contents": "赵六的书"}, "看错"), clerk)
    found = shown(station, seq)
    first, second = found.corrections
    assert first.fields == ("addressee_address", "name", "phone", "waybill")
    assert first.changes == {
        "name": "赵*",
        "phone": "137****9999",
        "addressee_address": "河南省郑州市金水区****",
        "waybill": "SF1000000000030",
    }
    assert (first.reason, second.reason, second.changes) == ("赵*打电话 137****9999 来说", "看错", {"contents": "赵*的书"})
    assert found.act.corrected
    assert found.kept is not None
    assert (found.kept.sender.name_mask, found.kept.sender.phone_mask) == ("赵*", "137****9999")
    assert betrayed(found) == []


def test_a_referral_and_the_act_that_settled_it_know_each_other(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    session = prepared()
    session = session.waybill_scanned(replace(session.draft.waybill, valid=False), "张三丰")
    acceptances = station.desk().acceptances
    session = answer_all(session, acceptances.rules.rulebook)
    referred = acceptances.submit(Submission(session, clerk))
    assert referred.outcome is Outcome.REFER
    code = next(reason.code for reason in referred.verdict.reasons if reason.consequence)
    rules = acceptances.rules
    settled = session.settled(Settlement(code, supervisor.code, "赵六电话核实"), rules.rulebook, rules.policy, acceptances.today())
    done = acceptances.submit(Submission(settled, clerk, supervisor=supervisor))
    assert (done.outcome, done.seq is None) == (Outcome.ACCEPT, False)
    here = current(station)
    assert shown(station, referred.seq or 0).resolved_by == ((here, done.seq),)
    after = shown(station, done.seq or 0)
    assert after.resolves == (here, referred.seq)
    assert after.header is not None
    assert [(one.code, one.supervisor) for one in after.header.resolutions] == [(code, supervisor.code)]
    assert after.kept is not None
    assert [(one.of, one.reason) for one in after.kept.given] == [(code, "赵六电话核实")]


def test_photos_are_named_and_had_apart(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared(), (PICTURE,))
    (photo,) = shown(station, seq).photos
    assert (photo.name, photo.media_type, photo.size, photo.held) == ("photo-contents-1", "image/jpeg", len(JPEG), True)
    had = (station.database, station.evidence, current(station), seq)
    assert photo_of(*had, "photo-contents-1") == JPEG
    assert photo_of(*had, "photo-other") is None
    assert photo_of(station.database, station.evidence, current(station), 99, "photo-contents-1") is None
    (file,) = station.evidence.rglob("*.bin")
    file.write_bytes(b"altered")
    assert photo_of(*had, "photo-contents-1") is None
    assert [failure.what for failure in shown(station, seq).verification.failures] == ["evidence-altered"]
    with station.database.write() as tx:
        parts_gone(tx, current(station), seq)
    assert photo_of(*had, "photo-contents-1") is None


def test_a_record_says_what_became_of_each_photo(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared(), (PICTURE,))
    assert [photo.state for photo in shown(station, seq).photos] == [PhotoState.SOUND]
    (file,) = station.evidence.rglob("*.bin")
    data = file.read_bytes()
    file.write_bytes(data[:-1])
    assert [photo.state for photo in shown(station, seq).photos] == [PhotoState.ALTERED]
    file.unlink()
    found = shown(station, seq)
    assert [photo.state for photo in found.photos] == [PhotoState.MISSING]
    assert [failure.what for failure in found.verification.failures] == ["evidence-missing"]
    with station.database.write() as tx:
        parts_gone(tx, current(station), seq)
    assert [photo.state for photo in shown(station, seq).photos] == [PhotoState.DESTROYED]


def test_a_record_keeps_what_was_wrong_with_a_photo_and_why_another_was_not_taken(
    station: Station, clerk: SignedIn, prepared: Prepared
) -> None:
    book = station.desk().acceptances.rules.rulebook
    session = prepared().photographed("photo-contents", hashlib.sha256(JPEG).hexdigest(), ["photo-dark"])
    session = session.photo_exempted("photo-sealed", "sealed-elsewhere", book, "张三丰自己封的，电话 13800001234")
    seq = station.desk().acceptances.submit(Submission(session, clerk, (PICTURE,))).seq or 0
    found = shown(station, seq)
    assert [photo.faults for photo in found.photos] == [("photo-dark",)]
    assert found.kept is not None
    assert found.kept.exemptions == {"photo-sealed": "sealed-elsewhere"}
    assert found.kept.exemption_notes["photo-sealed"].endswith("自己封的，电话 138****1234")
    assert "张三丰" not in found.kept.exemption_notes["photo-sealed"]


def test_after_destruction_the_header_stays_and_still_verifies(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared(), (PICTURE,))
    station.desk().acceptances.correct(Correction(current(station), seq, {"name": "赵六"}, "抄错"), clerk)
    with station.database.write() as tx:
        parts_gone(tx, current(station), seq)
    found = shown(station, seq)
    assert found.kept is None
    assert (found.act.waybill, found.act.name_mask) == (None, None)
    assert found.header is not None
    assert found.verification.ok
    assert [photo.held for photo in found.photos] == [False]
    assert [(one.fields, one.changes, one.reason) for one in found.corrections] == [(("name",), None, None)]


@pytest.mark.parametrize(("seq", "code"), [(99, DeskCode.ENTRY_UNKNOWN), (1, DeskCode.NO_ACT)])
def test_there_is_no_record_of_what_is_no_act(station: Station, seq: int, code: DeskCode) -> None:
    with pytest.raises(UserError) as caught:
        shown(station, seq)
    assert caught.value.code == code


# Damage -----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ("UPDATE journal_entries SET header = x'7b' WHERE seq = 2", "malformed"),
        ("UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = 2", "bad-signature"),
        ("UPDATE journal_entries SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 2", "noted-hash-differs"),
        ("UPDATE parts SET opening = x'00' WHERE seq = 2 AND name = 'kept'", "bad-digest"),
    ],
)
def test_a_damaged_row_is_shown_as_far_as_it_can_be_read(station: Station, edit: str, what: str) -> None:
    append(station, acceptance("SF1000000000001"))
    with station.database.write() as tx:
        tx.execute("DROP TRIGGER journal_entries_unchanged")
        tx.execute("DROP TRIGGER parts_unchanged")
        tx.execute(edit)
    found = shown(station, 2)
    assert what in [failure.what for failure in found.verification.failures]
    assert found.act.waybill == "SF1000000000001"
    assert (found.header is None) == (found.entry is None) == (what == "malformed")
    assert (found.kept is None) == (what == "bad-digest")


def test_a_proof_of_a_batch_with_a_damaged_row_is_no_proof(tmp_path: Path) -> None:
    gateway = MadeUpGateway()
    with new_station(tmp_path / "station", gateway) as station:
        append(station, acceptance("SF1000000000001"))
        append(station, acceptance("SF1000000000002"))
        acknowledge(station, gateway, 3)
        found = shown(station, 2)
        assert found.verification.ok
        assert found.receipt is not None
        assert (found.receipt.first_seq, found.receipt.last_seq, found.receipt.index, found.receipt.size) == (1, 3, 1, 3)
        assert (len(found.receipt.siblings), found.act.acknowledged_at_ms) == (2, found.receipt.received_at_ms)
        with station.database.write() as tx:
            tx.execute("DROP TRIGGER journal_entries_kept")
            tx.execute("DELETE FROM parts WHERE seq = 3")
            tx.execute("DELETE FROM journal_entries WHERE seq = 3")
        damaged = shown(station, 2)
        assert damaged.receipt is None
        assert [failure.what for failure in damaged.verification.failures] == ["missing-entry"]


def acknowledge(station: Station, gateway: MadeUpGateway, last_seq: int) -> None:
    """The receipt of a made-up gateway for entries 1 to `last_seq`."""
    hashes = [journal.hash_at(station.database, current(station), seq) or "" for seq in range(1, last_seq + 1)]
    identity = station.enrolled()
    receipt = Receipt(
        gateway_id=gateway.gateway_id,
        station_id=identity.certificate.subject,
        journal_id=current(station),
        first_seq=1,
        last_seq=last_seq,
        prev_head=identity.first_prev,
        head=hashes[-1],
        merkle_root=merkle.root([bytes.fromhex(each) for each in hashes]).hex(),
        received_at_ms=station.clock.read().wall_ms,
        after_revocation=False,
        gateway_journal_id="cd" * 16,
        gateway_seq=1,
        gateway_prev=identity.gateway.root_hash,
    )
    with station.database.write() as tx:
        save_receipt(tx, sign(receipt, gateway.signing[Role.RECEIPT]), receipt)


# Nobody -----------------------------------------------------------------------------------------------------------------------------------


def test_nothing_unmasked_leaves_a_record(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, talkative(prepared(), station), (PICTURE,))
    found = shown(station, seq)
    assert betrayed(found) == []
    told = " ".join(texts(asdict(found)))
    assert not any(digits in told for digits in ("0000 1234", "19900307", "00005678"))
    assert "李*" in told


def test_the_keys_of_photos_do_not_leave_either(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    seq = accepted(station, clerk, prepared(), (PICTURE,))
    stored = journal.entry_at(station.database, current(station), seq)
    assert stored is not None
    (key,) = msgspec.json.decode(stored.openings["kept"][32:])["photo_keys"].values()
    assert betrayed(shown(station, seq), (key,)) == []


NAMES = st.text(st.sampled_from("张王李赵河南郑州一二三·"), min_size=2, max_size=5)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True) | st.from_regex(r"0[0-9]{2}-[0-9]{8}", fullmatch=True)
NUMBERS = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True) | st.from_regex(r"[EGHM][0-9]{8}", fullmatch=True)
ADDRESSES = st.text(st.sampled_from("河南省郑州市金水区花园路小 123号栋"), max_size=15).map(lambda text: f"{text}路8号".strip())
"""A region alone may be shown; what lies below it may not."""


@st.composite
def people(draw: st.DrawFn) -> dict[str, str]:
    return {"name": draw(NAMES), "phone": draw(PHONES), "number": draw(NUMBERS), "address": draw(ADDRESSES)}


@st.composite
def gossip(draw: st.DrawFn, secrets: list[str]) -> str:
    """Free text with secrets in it."""
    return draw(st.sampled_from(["", "电话", "找", "2026-11-23 "])).join(
        draw(st.lists(st.sampled_from([*secrets, "，", "的"]), max_size=5))
    )


@pytest.fixture(scope="module")
def kept_station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with new_station(tmp_path_factory.mktemp("kept") / "station") as opened:
        yield opened


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), people(), people(), people())
def test_whoever_it_is_and_whatever_is_written_nobody_shows(
    kept_station: Station, data: st.DataObject, sender: dict[str, str], addressee: dict[str, str], other: dict[str, str]
) -> None:
    secrets = [value for person in (sender, addressee, other) for value in person.values()]
    said = gossip(secrets)
    draft = acceptance("")
    kept = {
        "v": 1,
        "items": [{"name": data.draw(said), "category": "documents", "quantity": 1}],
        "notes": {"opened-in-presence": data.draw(said)},
        "found": [{"kind": "restricted", "name": data.draw(said), "category": None, "concealed": False, "note": data.draw(said)}],
        "reasons_given": [{"of": "practice/e1", "reason": data.draw(said)}],
        "addressee": {key: addressee[key] for key in ("name", "phone", "address")},
        "sender": {key: sender[key] for key in ("phone", "address")},
        "agent": {"name": other["name"], "type": "resident-id", "number": other["number"]},
    }
    reported = {"v": 1, "sender": {"name": sender["name"], "document_type": "resident-id", "number": sender["number"]}}
    parts = {PartName.INDEX: {"v": 1, "waybill": None}, PartName.KEPT: kept, PartName.REPORTED: reported}
    seq = append(kept_station, Draft("acceptance", "0142", draft.facts, parts)).entry.header.seq
    facts = {"corrects": {"journal_id": current(kept_station), "seq": seq}, "fields": ["name"], "answers_returned": None}
    changes = {"name": other["name"], "phone": other["phone"], "address": other["address"], "contents": data.draw(said)}
    corrected = {PartName.INDEX: {"v": 1}, PartName.KEPT: {"v": 1, "changes": changes, "reason": data.draw(said)}}
    append(kept_station, Draft("correction", "0142", facts, corrected))
    assert betrayed(shown(kept_station, seq), tuple(secrets)) == []


@given(st.text(max_size=40))
def test_a_veil_leaves_no_long_number_whatever_the_text(text: str) -> None:
    over = Veil([]).over(f"{text}13800001234{text}")
    assert "13800001234" not in over


def test_days_and_short_numbers_stay_readable() -> None:
    text = "2026-11-23 复核，第 12 件，共 900 克"
    assert Veil([]).over(text) == text
    assert Veil([{"kept": make_opening(bytes(32), {"reason": 3})}]).over(text) == text  # a part of another program hides nothing more
