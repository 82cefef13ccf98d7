"""Views: what screens read. Each is a function of entries and surviving parts, written in the entry's own transaction, replayable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Header, parse_header
from courier_check.journal.parts import opened
from courier_check.store.database import Database
from courier_check.store.facts import load, save
from courier_check.store.labels import STOPPED
from courier_check.store.rescreening import forget_senders_gone
from courier_check.store.schema import VIEW_KEYS, VIEW_TABLES

Contents = Mapping[str, Mapping[str, Any]]
ACTS = ("acceptance", "refusal", "referral")
INCIDENTS = ("gateway-rollback", "gateway-forgot", "clock-jump", "journal-open")


def apply(tx: Database, header: Header, contents: Contents) -> None:
    """What one entry does to the views. Kinds without a view change none."""
    change = _CHANGES.get(header.kind)
    if change is not None:
        change(tx, header, contents)


def purge(tx: Database, header: Header) -> None:
    """Take out of the views what came from an entry's parts, when these are destroyed."""
    key = (header.journal_id, header.seq)
    tx.execute(
        "UPDATE acts SET waybill = NULL, waybill_end = NULL, name_mask = NULL, number_mask = NULL, phone_mask = NULL, draft_id = NULL"
        " WHERE journal_id = ? AND seq = ?",
        key,
    )
    tx.execute("DELETE FROM accepted_waybills WHERE journal_id = ? AND seq = ?", key)
    tx.execute("DELETE FROM stopped_waybills WHERE journal_id = ? AND seq = ?", key)
    tx.execute("DELETE FROM act_tokens WHERE journal_id = ? AND seq = ?", key)
    forget_senders_gone(tx)
    tx.execute("UPDATE security_checks SET waybill = NULL WHERE journal_id = ? AND seq = ?", key)
    tx.execute("UPDATE corrections SET reason = NULL WHERE journal_id = ? AND seq = ?", key)
    tx.execute(
        "UPDATE screening_decisions SET list_id = NULL, entry_id = NULL, revision = NULL, said = NULL WHERE journal_id = ? AND seq = ?", key
    )
    tx.execute("DELETE FROM screening_decision_subjects WHERE journal_id = ? AND seq = ?", key)
    tx.execute("UPDATE objections SET list_id = NULL, entry_id = NULL WHERE journal_id = ? AND seq = ?", key)
    if header.kind == "operator-added":
        tx.execute("UPDATE operators SET name = NULL WHERE code = ?", (header.facts.get("subject"),))


def bring_up_to_date(db: Database) -> None:
    """Make the view tables anew and replay the journal, if they are not those of this program."""
    version = hashlib.sha256(VIEW_TABLES.encode()).digest()
    if load(db, "views_version") == version:
        return
    with db.write() as tx:
        if load(tx, "views_version") == version:  # another start has replayed it while this one waited
            return
        for table in VIEW_KEYS:
            tx.execute(f"DROP TABLE IF EXISTS {table}")
        tx.tables.executescript(VIEW_TABLES)
        _replay(tx, tx)
        save(tx, "views_version", version)


def rebuild(tx: Database) -> None:
    """Replay every journal into empty view tables."""
    for table in VIEW_KEYS:
        tx.execute(f"DELETE FROM {table}")  # noqa: S608 - names from our own schema
    _replay(tx, tx)


@dataclass(frozen=True, slots=True)
class Comparison:
    table: str
    rows: int
    equal: bool


def compare(db: Database) -> list[Comparison]:
    """Replay into memory and compare each view with what stands in the database."""
    fresh = Database.in_memory()
    try:
        fresh.tables.executescript(VIEW_TABLES)
        with db.snapshot(), fresh.write():
            _replay(db, fresh)
            return [_compare(db, fresh, table, key) for table, key in VIEW_KEYS.items()]
    finally:
        fresh.close()


def _compare(db: Database, fresh: Database, table: str, key: str) -> Comparison:
    sql = f"SELECT * FROM {table} ORDER BY {key}"  # noqa: S608 - names from our own schema
    rows = 0
    standing, replayed = db.stream(sql), fresh.stream(sql)
    equal = True
    for row in standing:
        rows += 1
        equal = equal and row == next(replayed, None)
    return Comparison(table, rows, equal and next(replayed, None) is None)


def _replay(source: Database, into: Database) -> None:
    for (journal_id,) in source.rows("SELECT journal_id FROM journals ORDER BY number"):
        for seq, data in source.stream("SELECT seq, header FROM journal_entries WHERE journal_id = ? ORDER BY seq", (journal_id,)):
            held = source.rows("SELECT name, opening FROM parts WHERE journal_id = ? AND seq = ?", (journal_id, seq))
            try:
                header, contents = parse_header(data), {name: opened(opening) for name, opening in held}
            except JournalError:  # a damaged row: `verify` names it, and the station opens all the same
                continue
            apply(into, header, contents)


def _act(tx: Database, header: Header, contents: Contents) -> None:
    facts, index, kept = header.facts, contents.get("index", {}), contents.get("kept", {})
    sender = index.get("sender", {})
    tx.execute(
        "INSERT INTO acts (journal_id, seq, kind, at_ms, operator, mail_kind, carrier, real_name, document_type, document_source,"
        " inspected, refusal, prohibited, categories, screening, late, corrected, disputed, waybill, waybill_end, name_mask, number_mask,"
        " phone_mask, draft_id, hurried, taken_back)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            header.journal_id,
            header.seq,
            header.kind,
            header.times.wall_ms,
            header.operator,
            facts.get("mail_kind"),
            facts.get("carrier"),
            facts.get("real_name"),
            facts.get("document_type"),
            facts.get("document_source"),
            int(bool(facts.get("inspected"))),
            facts.get("refusal"),
            json.dumps(facts.get("prohibited", [])),
            json.dumps(facts.get("categories", [])),
            facts.get("screening"),
            int(bool(facts.get("late"))),
            index.get("waybill"),
            backwards(index.get("waybill")),
            sender.get("name_mask"),
            sender.get("number_mask"),
            sender.get("phone_mask"),
            kept.get("draft_id"),
            int(facts.get("hurried", 0)),
            sum(facts.get("taken_back", {}).values()),
        ),
    )
    if header.kind == "acceptance" and index.get("waybill"):
        _accepted(tx, header, str(index["waybill"]))
    if header.kind == "acceptance" and isinstance(facts.get("service"), dict):
        _service(tx, header, facts["service"])
    _lead(tx, header, (header.journal_id, header.seq))
    if (settled := facts.get("resolves")) is not None:
        tx.execute(
            "INSERT INTO settlements (settles_journal, settles_seq, journal_id, seq) VALUES (?, ?, ?, ?)",
            (settled["journal_id"], settled["seq"], header.journal_id, header.seq),
        )
    tx.executemany(
        "INSERT INTO act_tokens (kind, token, journal_id, seq) VALUES (?, ?, ?, ?)",
        [(kind, token, header.journal_id, header.seq) for kind, token in sorted(index.get("tokens", {}).items())],
    )


def _service(tx: Database, header: Header, service: Mapping[str, Any]) -> None:
    tx.execute(
        "INSERT INTO services (journal_id, seq, complete, way, country) VALUES (?, ?, ?, ?, ?)",
        (header.journal_id, header.seq, int(bool(service.get("complete"))), service.get("way"), service.get("country")),
    )


def backwards(waybill: str | None) -> str | None:
    """A waybill from its last character on, as acts are found by the end of their number."""
    return None if waybill is None else waybill[::-1]


def _accepted(tx: Database, header: Header, waybill: str) -> None:
    tx.execute("INSERT INTO accepted_waybills (waybill, journal_id, seq) VALUES (?, ?, ?)", (waybill, header.journal_id, header.seq))


def _operator_added(tx: Database, header: Header, contents: Contents) -> None:
    name = contents.get("kept", {}).get("name")
    tx.execute(
        "INSERT INTO operators (code, role, name, disabled) VALUES (?, ?, ?, 0)"
        " ON CONFLICT (code) DO UPDATE SET role = excluded.role, name = excluded.name, disabled = 0",
        (header.facts["subject"], header.facts["role"], name),
    )


def _operator_disabled(tx: Database, header: Header, _: Contents) -> None:
    tx.execute("UPDATE operators SET disabled = 1 WHERE code = ?", (header.facts["subject"],))


def _package_installed(tx: Database, header: Header, _: Contents) -> None:
    facts = header.facts
    tx.execute(
        "INSERT INTO installed_packages (kind, name, version, sha256, installed_at_ms, signed) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, name) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256,"
        " installed_at_ms = excluded.installed_at_ms, signed = excluded.signed",
        (facts["kind"], facts["name"], facts["version"], facts["sha256"], header.times.wall_ms, int(facts["signed"])),
    )
    if facts["kind"] == "list":
        tx.execute(
            "INSERT INTO list_installs (journal_id, seq, name, version, installed_at_ms) VALUES (?, ?, ?, ?, ?)",
            (header.journal_id, header.seq, facts["name"], facts["version"], header.times.wall_ms),
        )


def _correction(tx: Database, header: Header, contents: Contents) -> None:
    facts = header.facts
    target = (facts["corrects"]["journal_id"], facts["corrects"]["seq"])
    tx.execute(
        "INSERT INTO corrections (journal_id, seq, corrects_journal, corrects_seq, reason, returned_number, returned_journal)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            header.journal_id,
            header.seq,
            *target,
            contents.get("kept", {}).get("reason"),
            facts.get("answers_returned"),
            facts.get("answers_journal"),
        ),
    )
    tx.execute("UPDATE acts SET corrected = 1 WHERE journal_id = ? AND seq = ?", target)
    index = contents.get("index", {})
    sender = index.get("sender", {})
    for column in ("name_mask", "number_mask", "phone_mask"):
        if column in sender:
            # Columns are this loop's own three names.
            tx.execute(f"UPDATE acts SET {column} = ? WHERE journal_id = ? AND seq = ?", (sender[column], *target))  # noqa: S608
    for kind, token in sorted(index.get("tokens", {}).items()):
        tx.execute("DELETE FROM act_tokens WHERE kind = ? AND journal_id = ? AND seq = ?", (kind, *target))
        tx.execute("INSERT INTO act_tokens (kind, token, journal_id, seq) VALUES (?, ?, ?, ?)", (kind, token, *target))
    if "waybill" in index:
        _correct_waybill(tx, target, str(index["waybill"]))


def _correct_waybill(tx: Database, target: tuple[str, int], waybill: str) -> None:
    """An intercepted parcel still bears the label it had: that waybill stays stopped with it."""
    tx.execute(
        "INSERT INTO stopped_waybills (waybill, journal_id, seq) SELECT a.waybill, a.journal_id, a.seq FROM acts a"  # noqa: S608 - our own words
        f" WHERE a.journal_id = ? AND a.seq = ? AND a.waybill IS NOT NULL AND {STOPPED} ON CONFLICT DO NOTHING",
        target,
    )
    tx.execute("UPDATE acts SET waybill = ?, waybill_end = ? WHERE journal_id = ? AND seq = ?", (waybill, backwards(waybill), *target))
    if tx.execute("DELETE FROM accepted_waybills WHERE journal_id = ? AND seq = ?", target):
        tx.execute("INSERT INTO accepted_waybills (waybill, journal_id, seq) VALUES (?, ?, ?)", (waybill, *target))


def _dispute(tx: Database, header: Header, _: Contents) -> None:
    target = (header.facts["disputes"]["journal_id"], header.facts["disputes"]["seq"])
    tx.execute(
        "INSERT INTO disputes (journal_id, seq, disputes_journal, disputes_seq) VALUES (?, ?, ?, ?)",
        (header.journal_id, header.seq, *target),
    )
    tx.execute("UPDATE acts SET disputed = 1 WHERE journal_id = ? AND seq = ?", target)


def _withdrawal(tx: Database, header: Header, _: Contents) -> None:
    """撤件 frees the waybill for whoever hands a parcel in under it next."""
    target = (header.facts["withdraws"]["journal_id"], header.facts["withdraws"]["seq"])
    tx.execute(
        "INSERT INTO withdrawals (journal_id, seq, at_ms, withdraws_journal, withdraws_seq) VALUES (?, ?, ?, ?, ?)",
        (header.journal_id, header.seq, header.times.wall_ms, *target),
    )
    tx.execute("DELETE FROM accepted_waybills WHERE journal_id = ? AND seq = ?", target)


def _security_check(tx: Database, header: Header, contents: Contents) -> None:
    """安检, bound to an act of this station or else to the waybill that its part names."""
    facts, named = header.facts, header.facts.get("checks") or {}
    tx.execute(
        "INSERT INTO security_checks (journal_id, seq, at_ms, operator, outcome, parcel, checks_journal, checks_seq, waybill)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            header.journal_id,
            header.seq,
            header.times.wall_ms,
            header.operator,
            facts["outcome"],
            facts["parcel"],
            named.get("journal_id"),
            named.get("seq"),
            contents.get("index", {}).get("waybill"),
        ),
    )


def _lead(tx: Database, header: Header, of: tuple[str, int]) -> None:
    """线索, where an entry made one: of the act that it is about."""
    lead = header.facts.get("lead")
    if isinstance(lead, dict):
        tx.execute(
            "INSERT INTO leads (journal_id, seq, number, county, at_ms, of_journal, of_seq) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (header.journal_id, header.seq, lead["number"], lead.get("county"), header.times.wall_ms, *of),
        )


def _told(tx: Database, header: Header, _: Contents) -> None:
    """报告, 移交: which authority was told of an act, or took what was found."""
    facts = header.facts
    tx.execute(
        "INSERT INTO told_authorities (journal_id, seq, kind, authority, told_ms, at_ms, about_journal, about_seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            header.journal_id,
            header.seq,
            header.kind,
            facts["authority"],
            facts["told_ms"],
            header.times.wall_ms,
            facts["about"]["journal_id"],
            facts["about"]["seq"],
        ),
    )


def _intercept(tx: Database, header: Header, _: Contents) -> None:
    facts = header.facts
    of = (facts["intercepts"]["journal_id"], facts["intercepts"]["seq"])
    tx.execute(
        "INSERT INTO intercepts (journal_id, seq, at_ms, operator, cause, outcome, intercepts_journal, intercepts_seq)"
        " VALUES (?, ?, ?, ?, ?, 'open', ?, ?)",
        (header.journal_id, header.seq, header.times.wall_ms, header.operator, facts["cause"], *of),
    )
    _lead(tx, header, of)


def _intercept_outcome(tx: Database, header: Header, _: Contents) -> None:
    """The newest outcome is how the intercept stands."""
    facts = header.facts
    of = (facts["settles"]["journal_id"], facts["settles"]["seq"])
    tx.execute(
        "INSERT INTO intercept_outcomes (journal_id, seq, outcome, of_journal, of_seq) VALUES (?, ?, ?, ?, ?)",
        (header.journal_id, header.seq, facts["outcome"], *of),
    )
    tx.execute("UPDATE intercepts SET outcome = ? WHERE journal_id = ? AND seq = ?", (facts["outcome"], *of))


def _day_close(tx: Database, header: Header, _: Contents) -> None:
    tx.executemany(
        "INSERT INTO day_closes (journal_id, seq, closes_journal, last_seq) VALUES (?, ?, ?, ?)",
        [(header.journal_id, header.seq, closed["journal_id"], closed["last_seq"]) for closed in header.facts["journals"]],
    )


def _incident(tx: Database, header: Header, _: Contents) -> None:
    """A journal's own opening is none, its following another one is."""
    if header.kind != "journal-open" or header.facts.get("predecessor") is not None:
        tx.execute("INSERT INTO incidents (journal_id, seq) VALUES (?, ?)", (header.journal_id, header.seq))


def _screening_decision(tx: Database, header: Header, contents: Contents) -> None:
    """核对的决定 that holds beyond its parcel. Whom and which entry it is about stands in the part only."""
    facts, kept, key = header.facts, contents.get("kept", {}), (header.journal_id, header.seq)
    tx.execute(
        "INSERT INTO screening_decisions (journal_id, seq, at_ms, operator, supervisor, decision, until_on, list_id, entry_id, revision,"
        " said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key,
            header.times.wall_ms,
            header.operator,
            facts.get("supervisor"),
            facts["decision"],
            facts["until_on"],
            *(kept.get(name) for name in ("list", "entry", "revision", "said")),
        ),
    )
    tx.executemany(
        "INSERT INTO screening_decision_subjects (subject, journal_id, seq) VALUES (?, ?, ?)",
        [(subject, *key) for subject in kept.get("subjects", [])],
    )


def _screening_decision_revoked(tx: Database, header: Header, _: Contents) -> None:
    revoked = header.facts["revokes"]
    tx.execute(
        "UPDATE screening_decisions SET revoked_journal = ?, revoked_seq = ? WHERE journal_id = ? AND seq = ?",
        (header.journal_id, header.seq, revoked["journal_id"], revoked["seq"]),
    )


def _objection(tx: Database, header: Header, contents: Contents) -> None:
    """异议 of a listed party."""
    facts, kept = header.facts, contents.get("kept", {})
    tx.execute(
        "INSERT INTO objections (journal_id, seq, at_ms, operator, number, to_issuer, list_id, entry_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            header.journal_id,
            header.seq,
            header.times.wall_ms,
            header.operator,
            facts["number"],
            int(facts["to_issuer"]),
            kept.get("list"),
            kept.get("entry"),
        ),
    )


def _objection_answered(tx: Database, header: Header, _: Contents) -> None:
    """The newest answer is how the objection stands."""
    facts = header.facts
    tx.execute(
        "UPDATE objections SET answered_journal = ?, answered_seq = ?, outcome = ? WHERE journal_id = ? AND seq = ?",
        (header.journal_id, header.seq, facts["outcome"], facts["answers"]["journal_id"], facts["answers"]["seq"]),
    )


_CHANGES: Mapping[str, Callable[[Database, Header, Contents], None]] = {
    **dict.fromkeys(ACTS, _act),
    "operator-added": _operator_added,
    "operator-disabled": _operator_disabled,
    "package-installed": _package_installed,
    "correction": _correction,
    "dispute": _dispute,
    "withdrawal": _withdrawal,
    "security-check": _security_check,
    "report-made": _told,
    "handover": _told,
    "intercept": _intercept,
    "intercept-outcome": _intercept_outcome,
    "day-close": _day_close,
    "screening-decision": _screening_decision,
    "screening-decision-revoked": _screening_decision_revoked,
    "objection": _objection,
    "objection-answered": _objection_answered,
    **dict.fromkeys(INCIDENTS, _incident),
}
