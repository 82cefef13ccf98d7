"""accept, correct: the durable acts on parcels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from courier_check.acceptance import Session
from courier_check.cli.cases import (
    CaseForm,
    PhotosRefusedError,
    ReadCase,
    Reader,
    answered,
    decided,
    late_ms,
    read_case,
    read_form,
    read_piece,
)
from courier_check.cli.codes import CliCode
from courier_check.cli.files import LARGEST_SECRET, read_text
from courier_check.cli.labels import label_of_new
from courier_check.cli.opening import SECRET_FILE, Access, with_operator
from courier_check.cli.output import Output
from courier_check.desk.acceptances import Recorded, Rules, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.correction_review import DoubtfulCorrectionError
from courier_check.desk.corrections import Correction
from courier_check.desk.desk import Desk
from courier_check.desk.rights import SignedIn
from courier_check.devices.ocr import RapidTextReader
from courier_check.errors import CourierCheckError, StoreError, UserError
from courier_check.inspection.verdict import Outcome
from courier_check.store import journal
from courier_check.wording.verdicts import missing_text, reason_text, reasons_text


@click.command(help="按案例文件收寄：核对、验视、名单、结论、记入日志")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE.json...")
@click.option("--carrier", "outlet_carriers", multiple=True, help="承运商（可多次；默认按 station carriers 的设置）")
@click.option("--supervisor", help="另有主管登录，用于处理命中和复核")
@click.option("--supervisor-password-file", type=SECRET_FILE, help="主管密码文件（第一行）")
@click.option("--label", "labelled", is_flag=True, help="收寄后打印验视标识；打不出的待打印，收寄照常保存")
@with_operator
def accept(
    out: Output,
    access: Access,
    cases: tuple[Path, ...],
    outlet_carriers: tuple[str, ...],
    supervisor: str | None,
    **options: Any,
) -> int:
    label_code = 0
    with access.open() as station:
        by = access.sign_in(station)
        second = None
        if supervisor is not None:
            second = Access(access.data, None, supervisor, options["supervisor_password_file"]).sign_in(station)
        desk = station.desk()
        carriers = desk.acceptances.rules.carriers
        carriers.check_outlet(outlet_carriers)
        chosen = outlet_carriers or desk.outlet.carriers()
        reader = Reader(desk.acceptances.rules, carriers, chosen, RapidTextReader())
        window = Window(desk, reader, by, second)
        for case in cases:
            piece, started = 0, time.perf_counter()
            try:
                for piece, recorded in enumerate(window.accept_all(case), start=1):
                    station.keep_head()
                    took_ms = round((time.perf_counter() - started) * 1000)
                    _tell(out, _named(case, piece, window.pieces), recorded, took_ms, late=window.late)
                    if options["labelled"] and recorded.outcome is Outcome.ACCEPT:
                        label_code = max(label_code, label_of_new(out, station, recorded, by))
                    started = time.perf_counter()
            except StoreError:  # the disk or the database: every further case would fail likewise
                raise
            except PhotosRefusedError as refused:  # nothing of this piece was written; each photo with what is wrong with it
                for photo, error in refused.wrong:
                    out.error(_named(case, piece + 1, window.pieces) | {"photo": photo}, error)
            except CourierCheckError as error:  # of a shipment, the pieces before it stand
                out.error(_named(case, piece + 1, window.pieces), _with_missing(out, error, desk.acceptances.rules))
    return out.exit_code() or label_code


def _named(case: Path, piece: int, pieces: int) -> dict[str, Any]:
    """A case file, and of a shipment the piece."""
    return {"case": str(case)} | ({"piece": piece, "pieces": pieces} if pieces > 1 else {})


class Window:
    """The window without a screen: a case in, acts out: one of a parcel, several of a shipment."""

    def __init__(self, desk: Desk, reader: Reader, by: SignedIn, supervisor: SignedIn | None) -> None:
        self._acceptances = desk.acceptances
        self._senders = desk.senders
        self._reader = reader
        self._by = by
        self._supervisor = supervisor
        self.pieces = 1
        self.late = False
        """Of the case that was read last; `late`: it is a late registration (补录)."""

    def accept(self, path: Path) -> Recorded:
        """A case of one parcel. Raises the first CourierCheckError; then nothing was written."""
        return next(self.accept_all(path))

    def accept_all(self, path: Path) -> Iterator[Recorded]:
        """Read a case, look up, answer, decide, record, piece after piece. Raises the first CourierCheckError; then nothing was written of
        that piece, and none after it is tried."""
        self.pieces, self.late = 1, False
        form = read_form(path)
        self.pieces, self.late = len(form.pieces) + 1, form.late_at is not None
        if form.operator is not None and form.operator != self._by.code:
            raise UserError(DeskCode.OPERATOR_DIFFERS, given=form.operator[:16], operator=self._by.code)
        submission = self._submission(read_case(path, form, self._reader), form, form.draft_id)
        yield self._acceptances.submit(submission)
        for number, piece in enumerate(form.pieces, start=2):
            draft_id = piece.draft_id or (f"{form.draft_id}-{number}" if form.draft_id else None)
            submission = self._submission(read_piece(path, piece, submission.session, self._reader), form, draft_id)
            yield self._acceptances.submit(submission)

    def _submission(self, case: ReadCase, form: CaseForm, draft_id: str | None) -> Submission:
        today, rules = self._acceptances.today(), self._reader.rules
        decider = (self._supervisor or self._by).code
        session = self._acceptances.prepare(self._prefilled(case.session))
        session = answered(session, case.form, rules, today)
        session = decided(session, case.form, rules, decider, today)
        return Submission(
            session,
            self._by,
            case.photos,
            self._supervisor,
            draft_id,
            late_ms(form),
            case.copies,
        )

    def _prefilled(self, session: Session) -> Session:
        """回头客: the phone of who agreed to it, where the case gives none. Nothing else is taken over, and every check is made."""
        document = session.draft.document
        if session.draft.sender.phone or session.draft.is_letter or document is None or not document.number:
            return session
        profile = self._senders.find(document).prefill
        return session if profile is None or not profile.phone else session.sender_known(profile.phone)


def _with_missing(out: Output, error: CourierCheckError, rules: Rules) -> CourierCheckError:
    """An incomplete session's sentence names what is missing in words."""
    if error.code != DeskCode.INCOMPLETE:
        return error
    missing = str(error.facts.get("missing", "")).split("、")
    return UserError(DeskCode.INCOMPLETE, missing="、".join(missing_text(out.wording, code, rules.rulebook.rules) for code in missing))


def _tell(out: Output, case: dict[str, Any], recorded: Recorded, ms: int, *, late: bool) -> None:
    reasons = [
        {"code": reason.refusal or reason.code, "text": reason_text(out.wording, reason), "detail": reason.code}
        for reason in recorded.verdict.reasons
    ]
    fields: dict[str, Any] = {**case, "verdict": recorded.outcome.value, "reasons": reasons}
    fields |= {"seq": recorded.seq, "hash": recorded.hash, "ms": ms}
    if recorded.repeated:
        fields["repeated"] = True
    if recorded.verdict.dispositions:
        fields["dispositions"] = [out.wording.bilingual(each.rule) for each in recorded.verdict.dispositions]
    sign = {"accept": "✔", "refuse": "✖", "refer": "!"}[recorded.outcome.value]
    recorded_at = "recorded-late-at" if late else "recorded-at"
    place = out.wording.of(recorded_at if recorded.seq else "not-recorded", {"seq": recorded.seq})
    name = f"{case['case']} {case['piece']}/{case['pieces']}" if "piece" in case else case["case"]
    head = f"{sign} {out.wording.of(f'outcome-{recorded.outcome.value}')}  {name}{place}"
    out.line(fields, head, *(f"  {reason['code']}  {reason['text']}" for reason in reasons))


@click.command(help="更正一条收寄、拒收或复核：追加更正条目，原条目不变")
@click.argument("seq", type=click.IntRange(1))
@click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="waybill、name、number、phone、address、addressee_*、contents")
@click.option("--set-file", type=SECRET_FILE, help="更正内容的文件，每行 FIELD=VALUE（不进命令历史）")
@click.option("--reason", required=True, help="更正原因")
@click.option("--returned", type=click.IntRange(1), help="答复第几号退回")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def correct(
    out: Output,
    access: Access,
    seq: int,
    changes: tuple[str, ...],
    set_file: Path | None,
    **options: Any,
) -> int:
    lines = [*changes, *(read_text(set_file, LARGEST_SECRET).splitlines() if set_file else ())]
    pairs = dict(_pair(line) for line in lines if line.strip())
    with access.open() as station:
        by = access.sign_in(station)
        journal_id = options["journal_id"] or journal.current_journal(station.database) or ""
        try:
            made = station.desk().acceptances.correct(Correction(journal_id, seq, pairs, options["reason"], options["returned"]), by)
        except DoubtfulCorrectionError as doubtful:
            raise UserError(DeskCode.CORRECTION_DOUBTFUL, seq=seq, why=reasons_text(out.wording, doubtful.reasons)) from doubtful
        station.keep_head()
    entry = made.composed.entry
    fields: dict[str, Any] = {"corrects": seq, "seq": entry.header.seq, "hash": entry.hash, "fields": sorted(pairs)}
    if made.reasons:
        fields["reasons"] = [{"code": reason.code, "text": reason_text(out.wording, reason)} for reason in made.reasons]
    said = "correction-stops" if made.reasons else "corrected"
    out.say(fields, said, corrects=seq, seq=entry.header.seq, why=reasons_text(out.wording, made.reasons))
    return 0


def _pair(line: str) -> tuple[str, str]:
    field, equals, value = line.partition("=")
    if not equals:
        raise UserError(CliCode.SET_FORM)
    return field.strip(), value.strip()
