"""The durable acts on a parcel."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from courier_check.acceptance import HitResolution, ResolutionKind, Session, Settlement
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.match import Level
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted, acts_with_waybill
from courier_check.store.evidence import Photo
from courier_check.store.facts import save_number
from courier_check.terms import MailKind
from support.clocks import SetClock
from support.entries import Prepared, facts, part, stored
from support.parcels import TODAY, answer_all

SECRETS = ("张三丰", "41010519900307123X", "13800001234", "李四", "13900005678", "SF1000000000014", "某路")
JPEG = b"\xff\xd8 made up picture"
PICTURE = Photo("photo-contents-1", "image/jpeg", JPEG)
DIGEST = hashlib.sha256(JPEG).hexdigest()


def test_an_acceptance_is_recorded_once_with_its_reasons(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    assert recorded.outcome is Outcome.ACCEPT
    assert recorded.seq is not None
    said = facts(station, recorded.seq)
    assert (said["real_name"], said["inspected"], said["screening"]) == ("verified", True, "pass")
    assert accepted(station.database, "SF1000000000014") is not None
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_nobody_is_registered_as_the_guardian_of_a_grown_up(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    """A child's card lay there by mistake, and its guardian's was read as well."""
    session = prepared()
    grown = session.draft.document
    assert grown is not None
    child = replace(grown, name="张小样", number="410105201503071236", born_on=date(2015, 3, 7))
    guardian = SourceReading(Source.TYPED, replace(grown, name="李样例", number="410105199003071248", source=Source.TYPED))
    acceptances = station.desk().acceptances
    beside_a_child = acceptances.prepare(session.identified(child).accompanied_by(guardian))
    assert beside_a_child.draft.guardian_document == guardian.document
    after = acceptances.prepare(beside_a_child.identified(grown))
    recorded = acceptances.submit(Submission(answer_all(after, acceptances.rules.rulebook), clerk))
    assert recorded.outcome is Outcome.ACCEPT
    assert facts(station, recorded.seq or 0)["guardian"] is False
    assert "guardian" not in part(station, recorded.seq or 0, "kept")


def test_the_header_carries_no_personal_data_and_no_waybill(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    header = stored(station, recorded.seq or 0).header_bytes.decode()
    assert [secret for secret in SECRETS if secret in header] == []


def test_the_regulator_receives_only_what_the_profile_names(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    assert part(station, recorded.seq or 0, "reported")["sender"] == {
        "name": "张三丰",
        "document_type": "resident-id",
        "number": "41010519900307123X",
    }
    assert stored(station, recorded.seq or 0).sealed.keys() == {"index", "reported"}


def test_a_header_names_rules_and_lists_in_force(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    packages = json.loads(stored(station, recorded.seq or 0).header_bytes)["packages"]
    assert {each["name"] for each in packages} == {"checklists", "practice-counterfeit", "practice-notice", "practice-own"}


def test_an_unfinished_session_writes_nothing(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(prepared(but=("sealed-in-sight",)), clerk))
    assert caught.value.code == DeskCode.INCOMPLETE
    assert "sealed-in-sight" in str(caught.value.facts["missing"])
    assert acts_with_waybill(station.database, "SF1000000000014") == []


def test_the_same_draft_again_gives_the_same_entry(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    submission = Submission(prepared(), clerk, draft_id="draft-1")
    first = station.desk().acceptances.submit(submission)
    again = station.desk().acceptances.submit(submission)
    assert (again.seq, again.hash, again.repeated) == (first.seq, first.hash, True)
    assert len(acts_with_waybill(station.database, "SF1000000000014")) == 1


def test_a_waybill_accepted_before_is_refused_with_where_and_when(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    station.desk().acceptances.submit(Submission(prepared(), clerk))
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    assert (recorded.outcome, recorded.seq) == (Outcome.REFUSE, None)
    (reason,) = [each for each in recorded.verdict.reasons if each.refusal]
    assert reason.refusal == "R14"
    assert reason.facts["window"] == "zz-jinshui-01"
    assert "2026-11-23" in str(reason.facts["accepted_at"])


def test_two_sessions_prepared_before_either_was_saved_accept_once(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    first, second = prepared(), prepared()
    acceptances = station.desk().acceptances
    assert acceptances.submit(Submission(first, clerk)).outcome is Outcome.ACCEPT
    assert acceptances.submit(Submission(second, clerk)).outcome is Outcome.REFUSE
    assert len(acts_with_waybill(station.database, "SF1000000000014")) == 1


def test_a_prohibited_article_is_refused_with_its_category(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    session = prepared().found(ContentsFinding(FindingKind.PROHIBITED, "打火机", "04"), book)
    session = session.photographed("photo-contents", DIGEST)
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    said = facts(station, recorded.seq or 0)
    assert (recorded.outcome, said["refusal"], said["prohibited"]) == (Outcome.REFUSE, "R07", ["04"])


@pytest.mark.parametrize("refusal", ["R01", "R06"])
def test_refusals_to_show_or_open_keep_no_identity(station: Station, clerk: SignedIn, prepared: Prepared, refusal: str) -> None:
    book = station.desk().acceptances.rules.rulebook
    recorded = station.desk().acceptances.submit(Submission(prepared().refused(refusal, book, "样本"), clerk))
    assert recorded.seq is not None
    held = stored(station, recorded.seq)
    everything = b"".join(held.openings.values()).decode("utf-8", "replace")
    assert "reported" not in held.openings
    assert part(station, recorded.seq, "index")["tokens"] == {}
    assert [secret for secret in ("张三丰", "41010519900307123X", "13800001234") if secret in everything] == []


def test_a_letter_keeps_no_identity(station: Station, clerk: SignedIn) -> None:
    acceptances = station.desk().acceptances
    session = Session.started("s1", MailKind.LETTER).waybill_scanned(WaybillCheck("XA00000000041", CodeKind.WAYBILL, ("ems",), "ems"))
    session = answer_all(acceptances.prepare(session), acceptances.rules.rulebook)
    recorded = acceptances.submit(Submission(session, clerk))
    assert recorded.outcome is Outcome.ACCEPT
    assert facts(station, recorded.seq or 0)["real_name"] == "exempt"
    assert part(station, recorded.seq or 0, "index")["sender"] == {}


def listed(session: Session) -> Session:
    person = IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        name="钱样例",
        number="410104198506150027",
        valid_from=date(2020, 1, 1),
        valid_until=date(2040, 1, 1),
        source=Source.CHIP,
    )
    return session.identified(person).waybill_scanned(WaybillCheck("SF1000000000014", CodeKind.WAYBILL, ("sf",), "sf"), "钱样例")


def test_a_listed_person_is_refused(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(changed=listed), clerk))
    assert recorded.outcome is Outcome.REFUSE
    assert facts(station, recorded.seq or 0)["refusal"] == "R12"


def not_same(session: Session, supervisor: str) -> Session:
    assert session.draft.screening is not None
    for hit in session.draft.screening.hits:
        session = session.resolved(HitResolution(hit.list_id, hit.entry_id, hit.revision, ResolutionKind.NOT_SAME, supervisor, "样本原因"))
    return session


def test_a_hit_is_resolved_by_a_supervisor_who_is_signed_in(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    acceptances = station.desk().acceptances
    session = not_same(prepared(changed=listed), supervisor.code)
    with pytest.raises(UserError) as caught:
        acceptances.submit(Submission(session, clerk))
    assert caught.value.code == DeskCode.NOT_SIGNED_IN
    with pytest.raises(UserError) as caught:
        acceptances.submit(Submission(not_same(prepared(changed=listed), clerk.code), clerk))
    assert caught.value.code == DeskCode.NO_RIGHT
    recorded = acceptances.submit(Submission(session, clerk, supervisor=supervisor))
    assert recorded.outcome is Outcome.ACCEPT
    assert facts(station, recorded.seq or 0)["resolutions"] != []


def test_photos_are_kept_encrypted_and_verified(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    photo = Photo("photo-contents-1", "image/jpeg", JPEG)
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk, photos=(photo,)))
    assert recorded.outcome is Outcome.ACCEPT
    (file,) = station.evidence.rglob("*.bin")
    assert JPEG not in file.read_bytes()
    assert station.verify().ok
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert [each.what for each in station.verify().failures] == ["evidence-altered"]


def test_a_second_tobacco_parcel_on_one_day_is_stopped(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    smokes = DeclaredItem(name="卷烟", category="other", weight_g=400, cigarette_sticks=200)

    def tobacco(session: Session) -> Session:
        return session.declared([smokes]).photographed("photo-contents", DIGEST).photographed("photo-sealed", DIGEST)

    acceptances = station.desk().acceptances
    assert acceptances.submit(Submission(prepared(changed=tobacco), clerk, photos=(PICTURE,))).outcome is Outcome.ACCEPT
    second = acceptances.submit(Submission(prepared("SF1000000000022", changed=tobacco), clerk, photos=(PICTURE,)))
    assert (second.outcome, facts(station, second.seq or 0)["refusal"]) == (Outcome.REFUSE, "R08")


def test_a_disabled_operator_can_no_longer_accept(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    session = prepared()
    station.desk().operators.disable(clerk.code, supervisor)
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(session, clerk))
    assert caught.value.code == DeskCode.OPERATOR_DISABLED


def test_an_answer_of_doubt_refers_and_is_recorded(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    session = prepared().answered(Finding("nothing-unidentified", Answer.DOUBT), book, TODAY)
    session = session.photographed("photo-contents", DIGEST)
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    assert recorded.outcome is Outcome.REFER
    assert accepted(station.database, "SF1000000000014") is None


def test_the_answers_of_a_record_say_who_checked_what(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk))
    said = facts(station, recorded.seq or 0)
    assert json.loads(stored(station, recorded.seq or 0).header_bytes)["operator"] == clerk.code
    answers = said["answers"]
    assert isinstance(answers, dict)
    assert answers["opened-in-presence"] == "yes"


def test_what_was_settled_is_decided_again_after_the_lists_changed(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    session = prepared()
    screening = session.draft.screening
    assert screening is not None
    settled = Settlement("document-needs-supervisor", supervisor.code, "原件已核对（虚构）")
    stale = replace(session.draft, screening=replace(screening, lists=()), settlements=(settled,))
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(replace(session, draft=stale), clerk, supervisor=supervisor))
    assert caught.value.code == DeskCode.SCREENING_CHANGED


def test_a_session_whose_lists_changed_meanwhile_is_decided_again(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    session = not_same(prepared(changed=listed), supervisor.code)
    stale = replace(session.draft, screening=replace(session.draft.screening, lists=()) if session.draft.screening else None)
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(replace(session, draft=stale), clerk, supervisor=supervisor))
    assert caught.value.code == DeskCode.SCREENING_CHANGED


def test_a_photo_that_was_not_handed_in_meets_no_duty(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(prepared().photographed("photo-contents", "0" * 64), clerk))
    assert caught.value.code == DeskCode.PHOTO_ABSENT


def test_a_draft_id_of_another_parcel_is_not_taken_for_it(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    acceptances.submit(Submission(prepared(), clerk, draft_id="draft-1"))
    with pytest.raises(UserError) as caught:
        acceptances.submit(Submission(prepared("SF1000000000022"), clerk, draft_id="draft-1"))
    assert caught.value.code == DeskCode.DRAFT_TAKEN


def test_a_referral_is_settled_under_its_own_draft_and_named_by_the_acceptance(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    acceptances = station.desk().acceptances
    book = acceptances.rules.rulebook
    doubtful = prepared().answered(Finding("person-matches", Answer.DOUBT), book, TODAY)
    first = acceptances.submit(Submission(doubtful, clerk, draft_id="draft-1"))
    again = acceptances.submit(Submission(doubtful, clerk, draft_id="draft-1"))
    assert (first.outcome, again.seq, again.repeated) == (Outcome.REFER, first.seq, True)
    alone = acceptances.submit(Submission(prepared(), clerk, draft_id="draft-1"))
    assert (alone.outcome, alone.seq, alone.repeated) == (Outcome.REFER, first.seq, True)
    settlement = Settlement("waybill-still-referred", supervisor.code, "看过实物（样例）")
    session = prepared().settled(settlement, book, acceptances.rules.policy, TODAY)
    settled = acceptances.submit(Submission(session, clerk, supervisor=supervisor, draft_id="draft-1"))
    assert settled.outcome is Outcome.ACCEPT
    assert facts(station, settled.seq or 0)["resolves"] == {"journal_id": journal.current_journal(station.database), "seq": first.seq}
    assert acceptances.submit(Submission(prepared(), clerk, draft_id="draft-1")).seq == settled.seq


def test_a_clock_set_back_makes_no_document_valid_again(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    before = station.desk().acceptances.today()
    with station.database.write() as tx:
        save_number(tx, "trusted_ms", clock.wall_ms)
    clock.wall_ms -= 12 * 365 * 86_400_000
    assert station.desk().acceptances.today() == before


def test_nobody_overrides_a_hit_on_the_parcel_they_handle(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    session = prepared(changed=listed)
    assert session.draft.screening is not None
    for hit in session.draft.screening.hits:
        key = (hit.list_id, hit.entry_id, hit.revision)
        session = session.resolved(HitResolution(*key, ResolutionKind.OVERRIDE, supervisor.code, "样本原因", evidence="样本凭证"))
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(session, supervisor))
    assert caught.value.code == DeskCode.TWO_PERSONS
    assert station.desk().acceptances.submit(Submission(session, clerk, supervisor=supervisor)).outcome is Outcome.ACCEPT


def test_a_header_does_not_say_which_entry_was_hit(station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared) -> None:
    session = not_same(prepared(changed=listed), supervisor.code)
    recorded = station.desk().acceptances.submit(Submission(session, clerk, supervisor=supervisor))
    assert facts(station, recorded.seq or 0)["resolutions"] == [{"kind": "not-same", "supervisor": supervisor.code}] * 1


def test_a_chosen_r14_on_a_new_waybill_is_journaled(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    recorded = station.desk().acceptances.submit(Submission(prepared().refused("R14", book, "面单被涂改"), clerk))
    assert recorded.seq is not None


def test_only_acceptances_are_verified(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    recorded = station.desk().acceptances.submit(Submission(prepared().refused("R03", book, "样本"), clerk))
    assert facts(station, recorded.seq or 0)["real_name"] == "shown"


@pytest.mark.parametrize("phone", ["15800007890", "158 0000 7890", "+86 15800007890", "15800007890-8001", "15800007890转801"])
def test_a_listed_phone_is_found_however_it_is_written(station: Station, clerk: SignedIn, phone: str) -> None:
    assert station.desk().screener.screen(Subject(phone=phone), TODAY).level is not Level.PASS


def test_a_virtual_phone_gives_no_token(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    session = prepared(changed=lambda session: session.sender_known("13800001234-8001"))
    recorded = station.desk().acceptances.submit(Submission(session, clerk))
    assert recorded.outcome is Outcome.ACCEPT
    assert "phone" not in part(station, recorded.seq or 0, "index")["tokens"]  # type: ignore[operator]  # an object by its form


def test_a_revoked_station_accepts_nothing(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    with station.database.write() as tx:
        save_number(tx, "revoked", 1)
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(prepared(), clerk))
    assert caught.value.code == DeskCode.STATION_REVOKED
