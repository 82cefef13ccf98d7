"""R01, R06: whatever was shown, typed, decided or photographed before the refusal, nothing of it says afterwards whose parcel it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.acceptance import Contact, HitResolution, ResolutionKind, Rulebook, Session, Settlement
from courier_check.acceptance.judgement import settleable
from courier_check.desk import lookups
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.identity.checksums import resident_check
from courier_check.identity.organisations import Organisation
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.journal.entries import parse_header
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.service import Payer, ServiceInformation, Way
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.refusal_slip import refusal_slip
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.evidence import Photo
from courier_check.wording import Language, Wording
from support.entries import Prepared, facts, part, stored
from support.parcels import DOCUMENT, TODAY

LIGHTER = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")
SAID = (
    *("name", "agent", "firm", "responsible", "label", "order", "addressee", "address", "addressee_address", "goods", "brand", "product"),
    *("place", "credential", "answer_note", "found_name", "found_note", "exempted", "refusal_note", "reason", "evidence", "settled"),
    "entry_reason",
)
"""Places where something is typed, read or decided that may name a person."""
LIST_HEAD = (
    "list_id,list_type,source_org,issuer_kind,doc_no,legal_basis,remedy,subject_type,name,id_number,phone,reason,listed_on"
    ",expires_on,action"
)


@dataclass(frozen=True)
class Told:
    """Everything that is said of one sender: words by the place where they are said, and the numbers of document and phones."""

    words: dict[str, str]
    number: str
    phone: str
    addressee_phone: str

    @property
    def secrets(self) -> set[str]:
        return {*(word for word in self.words.values()), self.number, self.number[:17], self.phone, self.addressee_phone}


@st.composite
def people(draw: st.DrawFn) -> Told:
    """Made-up people whose every word is found again if it is anywhere: no other word holds it."""
    tail = draw(st.text(st.sampled_from("赵钱孙周吴郑冯陈褚卫"), min_size=2, max_size=4))
    words = {place: f"阙{chr(0x4E8C + 37 * number)}{tail}" for number, place in enumerate(SAID)}
    first = f"41010419{draw(st.integers(60, 99))}0615{draw(st.integers(100, 998)):03}"
    phones = [f"13{draw(st.integers(100_000_000, 999_999_999))}" for _ in range(2)]
    return Told(words, first + resident_check(first), *phones)


@pytest.fixture
def book(station: Station) -> Rulebook:
    return station.desk().acceptances.rules.rulebook


def list_them(station: Station, told: Told, by: SignedIn, action: str, number: int) -> None:
    """A list of its own for them: their document and their phone are on it."""
    head = f"made-up-{number},【样本】名单,样例局（虚构）,机关,样例〔2026〕9号,样例决定书,六十日内申请行政复议（样本）"
    tail = f"{told.words['entry_reason']},2026-01-15,2029-01-15,{action}"
    rows = [f"{head},个人,{told.words['name']},{told.number},,{tail}", f"{head},电话,,,{told.phone},{tail}"]
    station.desk().lists.install_csv("\n".join([LIST_HEAD, *rows, ""]), by)


def handed_in(told: Told, *, agent: bool, firm: bool, waybill: str) -> Callable[[Session], Session]:
    """Who sends, from where, what and to whom, each said in words of their own."""
    words = told.words

    def change(session: Session) -> Session:
        document = replace(DOCUMENT, name=words["name"], number=told.number, born_on=None)
        session = session.identified(document).sender_known(told.phone, words["address"])
        session = session.credential_kept(words["credential"])
        if agent:
            session = session.brought_by_agent(replace(document, name=words["agent"], number="41010519900307123X"))
        if firm:
            session = session.sent_by(Organisation(words["firm"], "91410100MA44TUW1X4", words["responsible"]))
        session = session.waybill_scanned(WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"), words["label"])
        session = session.order_known(words["order"])
        session = session.addressed(Contact(words["addressee"], told.addressee_phone, words["addressee_address"]))
        item = DeclaredItem(name=words["goods"], category="documents", weight_g=900, brand=words["brand"])
        session = session.declared([item], ParcelSize(1000))
        return session.served(ServiceInformation(product=words["product"], payer=Payer.SENDER, way=Way.PICK_UP, place=words["place"]))

    return change


def rows_of(station: Station) -> set[str]:
    """Every row of every table, as text; an opening's bytes as the words they hold."""
    tables = [name for (name,) in station.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    told = set()
    for table in tables:
        for row in station.database.rows(f"SELECT * FROM {table}"):  # noqa: S608 - names from the schema itself
            told.add("|".join(cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell) for cell in row))
    return told


def files_of(station: Station) -> set[object]:
    return {path for path in station.evidence.rglob("*") if path.is_file()}


def slip_of(station: Station, seq: int) -> str:
    rules = station.desk().acceptances.rules.rulebook.rules
    record = lookups.record(station.database, station.enrolled(), station.evidence, journal.current_journal(station.database) or "", seq)
    assert record.kept is not None, "the record page reads it as any other"
    return repr(record) + repr(refusal_slip(record, rules, Wording(Language.CHINESE), outlet="样例网点"))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=people(),
    code=st.sampled_from(("R01", "R06", "answered")),
    action=st.sampled_from(("拦截", "复核", "重点验视")),
    kind=st.sampled_from((None, *ResolutionKind)),
    agent=st.booleans(),
    firm=st.booleans(),
    lasting=st.booleans(),
    found=st.booleans(),
)
def test_nothing_that_was_said_of_anybody_is_found_afterwards(
    station: Station,
    clerk: SignedIn,
    supervisor: SignedIn,
    prepared: Prepared,
    told: Told,
    code: str,
    action: str,
    kind: ResolutionKind | None,
    agent: bool,
    firm: bool,
    lasting: bool,
    found: bool,
) -> None:
    book = station.desk().acceptances.rules.rulebook
    number = int(station.database.value("SELECT MAX(seq) FROM journal_entries"))
    list_them(station, told, supervisor, action, number)
    session = prepared(changed=handed_in(told, agent=agent, firm=firm, waybill=f"SF{number:013d}"))
    assert session.draft.screening is not None
    assert session.draft.screening.hits
    words, secrets = told.words, told.secrets
    for hit in session.draft.screening.hits:
        secrets.add(hit.entry_id)
        if kind is not None:
            until = TODAY + timedelta(days=9) if lasting and kind is not ResolutionKind.OVERRIDE else None
            key = (hit.list_id, hit.entry_id, hit.revision, kind, supervisor.code)
            session = session.resolved(HitResolution(*key, words["reason"], evidence=words["evidence"], until_on=until))
    session = session.answered(Finding("nothing-unidentified", Answer.YES, words["answer_note"]), book, TODAY)
    pictures = [Photo(f"{rule}-1", "image/jpeg", b"\xff\xd8" + rule.encode()) for rule in ("photo-contents", "photo-sealed")]
    for picture in pictures:
        session = session.photographed(picture.name[:-2], hashlib.sha256(picture.data).hexdigest())
    if found:
        session = session.found(replace(LIGHTER, name=f"打火机 {words['found_name']}", note=words["found_note"]), book)
    session = session.photo_exempted("photo-contents", "equipment-failed", book, words["exempted"])
    if code == "answered":
        session = session.answered(Finding("opened-in-presence", Answer.NO, words["refusal_note"]), book, TODAY)
    else:
        session = session.refused(code, book, words["refusal_note"])
    for owed in settleable(session.draft, book, station.desk().acceptances.rules.policy, TODAY):
        policy = station.desk().acceptances.rules.policy
        session = session.settled(Settlement(owed, supervisor.code, words["settled"]), book, policy, TODAY)
    before, lay = rows_of(station), files_of(station)
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=pictures, supervisor=supervisor, draft_id=f"d{number}"))
    assert recorded.outcome is Outcome.REFUSE
    seq = recorded.seq or 0
    held = stored(station, seq)
    said = [held.header_bytes.decode(), *(opening.decode("utf-8", "replace") for opening in held.openings.values())]
    said += [*(rows_of(station) - before), slip_of(station, seq)]
    assert [secret for secret in secrets if any(secret in text for text in said)] == []
    assert "reported" not in held.openings
    assert (part(station, seq, "index")["sender"], part(station, seq, "index")["tokens"]) == ({}, {})
    assert station.database.value("SELECT MAX(seq) FROM journal_entries") == seq, "and no decision is kept beside it"
    names = [ref.name for ref in parse_header(held.header_bytes).evidence]
    assert names == (["photo-contents-1"] if found else []), "what was found is shown, a label never"
    assert len(files_of(station) - lay) == len(names)
    assert all(each.equal for each in views.compare(station.database))


def refused(station: Station, clerk: SignedIn, session: Session) -> int:
    recorded: Recorded = station.desk().acceptances.submit(Submission(session, clerk))
    assert recorded.outcome is Outcome.REFUSE
    return recorded.seq or 0


def test_what_is_left_are_codes(station: Station, clerk: SignedIn, prepared: Prepared, book: Rulebook) -> None:
    session = prepared().found(replace(LIGHTER, note="样本"), book).photo_exempted("photo-contents", "no-camera", book, "样本")
    seq = refused(station, clerk, session.refused("R06", book, "样本"))
    kept = part(station, seq, "kept")
    assert kept["found"] == [{"kind": "prohibited", "name": "打火机", "category": "04", "concealed": False}]
    assert kept["exemptions"] == {"photo-contents": "no-camera"}
    said = facts(station, seq)
    assert (said["refusals"], said["categories"], said["weight_g"]) == (["R07", "R06"], ["documents"], 1000)
    assert "打火机" in slip_of(station, seq)


def test_who_is_barred_besides_is_still_told_of_the_list(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, book: Rulebook
) -> None:
    words = {place: f"样{number:02}词" for number, place in enumerate(SAID)}
    told = Told(words, "410105199003071248", "13800009876", "13900009876")
    list_them(station, told, supervisor, "拦截", 1)
    session = prepared(changed=handed_in(told, agent=False, firm=False, waybill="SF1000000000014"))
    seq = refused(station, clerk, session.refused("R06", book))
    (named,) = part(station, seq, "kept")["hits"]  # type: ignore[misc]  # one list, though document and phone are both on it
    assert sorted(named) == ["action", "basis", "doc_no", "issuer", "list", "remedy", "title", "version"]
    assert "六十日内申请行政复议" in slip_of(station, seq)


def test_a_refused_piece_does_not_point_to_the_piece_that_says_who_sends(
    station: Station, clerk: SignedIn, prepared: Prepared, book: Rulebook
) -> None:
    acceptances = station.desk().acceptances
    first = prepared("SF1000000000014").in_pieces(2)
    assert acceptances.submit(Submission(first, clerk)).outcome is Outcome.ACCEPT
    second = first.next_piece("s2", WaybillCheck("SF1000000000028", CodeKind.WAYBILL, ("sf",), "sf"))
    seq = refused(station, clerk, acceptances.prepare(second).refused("R06", book))
    assert facts(station, seq)["shipment"] == {"piece": 2, "pieces": 2, "first": None}
    assert "first_waybill" not in part(station, seq, "kept")


@pytest.mark.parametrize("field", ["addressee_name", "addressee_phone", "addressee_address"])
def test_nobody_is_written_into_it_afterwards(station: Station, clerk: SignedIn, prepared: Prepared, book: Rulebook, field: str) -> None:
    seq = refused(station, clerk, prepared().refused("R06", book))
    place = (journal.current_journal(station.database) or "", seq)
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.correct(Correction(*place, {field: "13900005678"}, "写错了"), clerk)
    assert caught.value.code == DeskCode.NO_IDENTITY_KEPT
