"""The station's tables, made and changed by named migrations only."""

from __future__ import annotations

from courier_check.errors import StoreError
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database, sqlite_errors
from courier_check.store.sqlcipher import Migrations, UtilsDatabase

migrations = Migrations("station")


@migrations()
def journal(db: UtilsDatabase) -> None:
    """Entries can be added, never changed nor removed; parts can be destroyed, never changed.

    Parts have row ids: without, rows of their size spill into overflow pages, and a station has nearly half as many pages more to decrypt.
    """
    db.executescript("""
        CREATE TABLE journals (journal_id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE) STRICT;
        CREATE TABLE journal_entries (
            journal_id TEXT NOT NULL REFERENCES journals, seq INTEGER NOT NULL, hash TEXT NOT NULL,
            header BLOB NOT NULL, signature BLOB NOT NULL, wall_ms INTEGER NOT NULL, PRIMARY KEY (journal_id, seq)) STRICT;
        CREATE TRIGGER journal_entries_unchanged BEFORE UPDATE ON journal_entries BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
        CREATE TRIGGER journal_entries_kept BEFORE DELETE ON journal_entries BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
        CREATE TABLE parts (
            journal_id TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL, opening BLOB NOT NULL, sealed BLOB,
            PRIMARY KEY (journal_id, seq, name), FOREIGN KEY (journal_id, seq) REFERENCES journal_entries) STRICT;
        CREATE TRIGGER parts_unchanged BEFORE UPDATE ON parts BEGIN SELECT RAISE(ABORT, 'parts never change'); END;
        CREATE TABLE receipts (
            journal_id TEXT NOT NULL REFERENCES journals, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
            received_at_ms INTEGER NOT NULL, body TEXT NOT NULL, key_id TEXT NOT NULL, signature TEXT NOT NULL,
            PRIMARY KEY (journal_id, first_seq, last_seq)) STRICT;
        CREATE INDEX receipts_by_last ON receipts (journal_id, last_seq);
        CREATE TABLE returned (
            number INTEGER PRIMARY KEY, journal_id TEXT NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
            at_ms INTEGER NOT NULL, body TEXT NOT NULL, key_id TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
        CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE credentials (
            operator TEXT PRIMARY KEY, hash TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
            locked_until_ms INTEGER NOT NULL DEFAULT 0) STRICT;
    """)


# Views are not migrated: they are functions of the journal, made anew whenever this text changes (store/views.py).
# `acts`, `incidents`, `security_checks`: rows are added in the order of the journals and never removed, so that row ids tell which one is
# newer whatever the clocks said (store/search.py). `waybill_end` is the waybill from its last character backwards: people read out the end
# of a number. `stopped_waybills`: those that acts had until they were corrected while intercepted.
VIEW_TABLES = """
    CREATE TABLE acts (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, operator TEXT, mail_kind TEXT,
        carrier TEXT, real_name TEXT, document_type TEXT, document_source TEXT, inspected INTEGER NOT NULL, refusal TEXT,
        prohibited TEXT NOT NULL, categories TEXT NOT NULL, screening TEXT, late INTEGER NOT NULL, corrected INTEGER NOT NULL,
        disputed INTEGER NOT NULL, waybill TEXT, waybill_end TEXT, name_mask TEXT, number_mask TEXT, phone_mask TEXT, draft_id TEXT,
        hurried INTEGER NOT NULL DEFAULT 0, taken_back INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX acts_by_time ON acts (at_ms, kind);
    CREATE INDEX acts_by_kind ON acts (kind);
    CREATE INDEX acts_by_waybill ON acts (waybill, at_ms, kind) WHERE waybill IS NOT NULL;
    CREATE INDEX acts_by_waybill_end ON acts (waybill_end, at_ms, kind) WHERE waybill_end IS NOT NULL;
    CREATE INDEX acts_by_draft ON acts (draft_id) WHERE draft_id IS NOT NULL;
    CREATE TABLE accepted_waybills (waybill TEXT PRIMARY KEY, journal_id TEXT NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE stopped_waybills (
        waybill TEXT NOT NULL, journal_id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (waybill, journal_id, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE act_tokens (
        kind TEXT NOT NULL, token TEXT NOT NULL, journal_id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (kind, token, journal_id, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX act_tokens_by_act ON act_tokens (journal_id, seq);
    CREATE TABLE operators (code TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT, disabled INTEGER NOT NULL) STRICT;
    CREATE TABLE installed_packages (
        kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL, installed_at_ms INTEGER NOT NULL,
        signed INTEGER NOT NULL, PRIMARY KEY (kind, name)) STRICT;
    CREATE TABLE corrections (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, corrects_journal TEXT NOT NULL, corrects_seq INTEGER NOT NULL,
        reason TEXT, returned_number INTEGER, returned_journal TEXT, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX corrections_by_act ON corrections (corrects_journal, corrects_seq);
    CREATE INDEX corrections_by_returned ON corrections (returned_number) WHERE returned_number IS NOT NULL;
    CREATE TABLE disputes (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, disputes_journal TEXT NOT NULL, disputes_seq INTEGER NOT NULL,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX disputes_by_act ON disputes (disputes_journal, disputes_seq);
    CREATE TABLE withdrawals (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, withdraws_journal TEXT NOT NULL,
        withdraws_seq INTEGER NOT NULL, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX withdrawals_by_act ON withdrawals (withdraws_journal, withdraws_seq);
    CREATE INDEX withdrawals_by_time ON withdrawals (at_ms);
    CREATE TABLE security_checks (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, operator TEXT, outcome TEXT NOT NULL,
        parcel TEXT NOT NULL, checks_journal TEXT, checks_seq INTEGER, waybill TEXT, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX security_checks_by_act ON security_checks (checks_journal, checks_seq);
    CREATE INDEX security_checks_by_waybill ON security_checks (waybill) WHERE waybill IS NOT NULL;
    CREATE INDEX security_checks_by_time ON security_checks (at_ms);
    CREATE TABLE leads (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, number TEXT NOT NULL, county TEXT, at_ms INTEGER NOT NULL,
        of_journal TEXT NOT NULL, of_seq INTEGER NOT NULL, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX leads_by_act ON leads (of_journal, of_seq);
    CREATE INDEX leads_by_number ON leads (number);
    CREATE TABLE told_authorities (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, authority TEXT NOT NULL, told_ms INTEGER NOT NULL,
        at_ms INTEGER NOT NULL, about_journal TEXT NOT NULL, about_seq INTEGER NOT NULL, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX told_authorities_by_act ON told_authorities (about_journal, about_seq);
    CREATE TABLE intercepts (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, operator TEXT, cause TEXT NOT NULL,
        outcome TEXT NOT NULL, intercepts_journal TEXT NOT NULL, intercepts_seq INTEGER NOT NULL,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX intercepts_by_act ON intercepts (intercepts_journal, intercepts_seq);
    CREATE INDEX intercepts_by_time ON intercepts (at_ms);
    CREATE TABLE intercept_outcomes (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, outcome TEXT NOT NULL, of_journal TEXT NOT NULL, of_seq INTEGER NOT NULL,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX intercept_outcomes_by_intercept ON intercept_outcomes (of_journal, of_seq);
    CREATE TABLE settlements (
        settles_journal TEXT NOT NULL, settles_seq INTEGER NOT NULL, journal_id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (settles_journal, settles_seq, journal_id, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE services (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, complete INTEGER NOT NULL, way TEXT, country TEXT,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE TABLE day_closes (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, closes_journal TEXT NOT NULL, last_seq INTEGER NOT NULL,
        PRIMARY KEY (journal_id, seq, closes_journal)) STRICT;
    CREATE INDEX day_closes_by_journal ON day_closes (closes_journal, last_seq);
    CREATE TABLE incidents (journal_id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE TABLE screening_decisions (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, operator TEXT, supervisor TEXT, decision TEXT NOT NULL,
        until_on TEXT NOT NULL, list_id TEXT, entry_id TEXT, revision INTEGER, said TEXT, revoked_journal TEXT, revoked_seq INTEGER,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE TABLE screening_decision_subjects (
        subject TEXT NOT NULL, journal_id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (subject, journal_id, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE objections (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, operator TEXT, number TEXT NOT NULL,
        to_issuer INTEGER NOT NULL, list_id TEXT, entry_id TEXT,
        answered_journal TEXT, answered_seq INTEGER, outcome TEXT, PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX objections_by_number ON objections (number);
    CREATE TABLE list_installs (
        journal_id TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, installed_at_ms INTEGER NOT NULL,
        PRIMARY KEY (journal_id, seq)) STRICT;
    CREATE INDEX list_installs_by_list ON list_installs (name, version);
"""
VIEW_KEYS = {
    "acts": "journal_id, seq",
    "accepted_waybills": "waybill",
    "stopped_waybills": "waybill, journal_id, seq",
    "act_tokens": "kind, token, journal_id, seq",
    "operators": "code",
    "installed_packages": "kind, name",
    "corrections": "journal_id, seq",
    "disputes": "journal_id, seq",
    "withdrawals": "journal_id, seq",
    "security_checks": "journal_id, seq",
    "leads": "journal_id, seq",
    "told_authorities": "journal_id, seq",
    "intercepts": "journal_id, seq",
    "intercept_outcomes": "journal_id, seq",
    "settlements": "settles_journal, settles_seq, journal_id, seq",
    "services": "journal_id, seq",
    "day_closes": "journal_id, seq, closes_journal",
    "incidents": "journal_id, seq",
    "screening_decisions": "journal_id, seq",
    "screening_decision_subjects": "subject, journal_id, seq",
    "objections": "journal_id, seq",
    "list_installs": "journal_id, seq",
}


@migrations()
def list_index(db: UtilsDatabase) -> None:
    """A cache of the installed list packages' files, rebuilt from them at any time."""
    db.executescript("""
        CREATE TABLE list_entries (
            list_id TEXT NOT NULL, entry_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (list_id, entry_id)) STRICT;
        CREATE TABLE list_keys (
            kind TEXT NOT NULL, value TEXT NOT NULL, list_id TEXT NOT NULL, entry_id TEXT NOT NULL,
            PRIMARY KEY (kind, value, list_id, entry_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX list_keys_by_list ON list_keys (list_id);
        CREATE TABLE lists (
            list_id TEXT PRIMARY KEY, header BLOB NOT NULL, content BLOB NOT NULL, names_version TEXT NOT NULL,
            confirmed_on TEXT NOT NULL) STRICT;
    """)


@migrations()
def list_summary(db: UtilsDatabase) -> None:
    """How many entries a list has is counted once, and what is asked of a list at every screening is read without passing its content."""
    db.executescript("""
        ALTER TABLE lists ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
        UPDATE lists SET entries = (SELECT COUNT(*) FROM list_entries e WHERE e.list_id = lists.list_id);
        CREATE INDEX lists_summary ON lists (list_id, header, confirmed_on, entries);
    """)


@migrations()
def receipts_covering(db: UtilsDatabase) -> None:
    """The receipt of an entry is found without visiting the table, which holds the receipts' own text (store/acts.py)."""
    db.executescript("""
        DROP INDEX receipts_by_last;
        CREATE INDEX receipts_by_last ON receipts (journal_id, last_seq, first_seq, received_at_ms);
    """)


@migrations()
def gateway_journals(db: UtilsDatabase) -> None:
    """A gateway that was put back numbers its returned items anew: (gateway_journal_id, number) names one (docs/wire.md §7)."""
    db.executescript("""
        ALTER TABLE returned RENAME TO returned_before;
        CREATE TABLE returned (
            gateway_journal_id TEXT NOT NULL, number INTEGER NOT NULL, journal_id TEXT NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL,
            detail TEXT NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL, key_id TEXT NOT NULL, signature TEXT NOT NULL,
            PRIMARY KEY (gateway_journal_id, number)) STRICT;
        INSERT INTO returned SELECT json_extract(body, '$.gateway_journal_id'), number, journal_id, seq, code, detail, at_ms, body, key_id,
            signature FROM returned_before ORDER BY number;
        DROP TABLE returned_before;
    """)


@migrations()
def branch_entries(db: UtilsDatabase) -> None:
    """Evidence of a journal that went two ways: what the gateway holds and this station does not, and what this station holds and the
    gateway will not take; each filed again once (store/branches.py)."""
    db.executescript("""
        CREATE TABLE branch_entries (
            journal_id TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, held_by TEXT NOT NULL, header BLOB NOT NULL,
            signature BLOB NOT NULL, refiled_journal TEXT, refiled_seq INTEGER, PRIMARY KEY (journal_id, seq, hash)) STRICT;
        CREATE INDEX branch_entries_to_file ON branch_entries (journal_id, seq) WHERE refiled_seq IS NULL;
        CREATE TRIGGER branch_entries_kept BEFORE DELETE ON branch_entries BEGIN SELECT RAISE(ABORT, 'evidence is never removed'); END;
    """)


@migrations()
def presented_credentials(db: UtilsDatabase) -> None:
    """Signed QR credentials (实名码) that were taken: each serves once, so its nonce is known until it can't be valid any more
    (store/presented.py)."""
    db.executescript("""
        CREATE TABLE presented_credentials (
            issuer TEXT NOT NULL, nonce BLOB NOT NULL, expires_at_s INTEGER NOT NULL, PRIMARY KEY (issuer, nonce)) STRICT, WITHOUT ROWID;
        CREATE INDEX presented_by_end ON presented_credentials (expires_at_s);
    """)


@migrations()
def sender_profiles(db: UtilsDatabase) -> None:
    """回头客: name and phone of those who agreed to it, by match token; both NULL once the consent was withdrawn (store/senders.py)."""
    db.executescript("""
        CREATE TABLE sender_profiles (
            profile_id TEXT PRIMARY KEY, match_key_id TEXT NOT NULL, token TEXT NOT NULL, name TEXT, phone TEXT,
            UNIQUE (match_key_id, token)) STRICT;
    """)


@migrations()
def label_jobs(db: UtilsDatabase) -> None:
    """验视标识: what is to be printed (copy 0, then reprints), and 已贴标. The station's own work, as the inbox is: no views, no personal
    data (store/labels.py)."""
    db.executescript("""
        CREATE TABLE label_jobs (
            number INTEGER PRIMARY KEY, journal_id TEXT NOT NULL, seq INTEGER NOT NULL, copy INTEGER NOT NULL, asked_at_ms INTEGER NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0, claimed_at_ms INTEGER, trouble TEXT, printed_at_ms INTEGER,
            UNIQUE (journal_id, seq, copy)) STRICT;
        CREATE INDEX label_jobs_waiting ON label_jobs (number) WHERE printed_at_ms IS NULL;
        CREATE TABLE stuck_labels (
            journal_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, operator TEXT NOT NULL,
            PRIMARY KEY (journal_id, seq)) STRICT, WITHOUT ROWID;
    """)


@migrations()
def list_history(db: UtilsDatabase) -> None:
    """What lists said before of entries that are changed or gone, and a place where a coming version is written down (store/lists.py)."""
    db.executescript("""
        CREATE TABLE list_past_entries (
            list_id TEXT NOT NULL, entry_id TEXT NOT NULL, version INTEGER NOT NULL, until_on TEXT NOT NULL, content BLOB NOT NULL,
            PRIMARY KEY (list_id, entry_id, version)) STRICT;
        CREATE INDEX list_past_by_entry ON list_past_entries (entry_id);
        CREATE TABLE list_staged (
            list_id TEXT NOT NULL, entry_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (list_id, entry_id)) STRICT;
    """)


@migrations()
def rescreened(db: UtilsDatabase) -> None:
    """重新核查: what was found of whom last, and what changed that nobody has seen to (store/rescreening.py)."""
    db.executescript("""
        CREATE TABLE rescreen_hits (
            subject TEXT NOT NULL, list_id TEXT NOT NULL, entry_id TEXT NOT NULL, action TEXT NOT NULL,
            PRIMARY KEY (subject, list_id, entry_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE rescreen_work (
            number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, list_id TEXT NOT NULL, entry_id TEXT NOT NULL,
            change TEXT NOT NULL, action TEXT, at_ms INTEGER NOT NULL, journal_id TEXT, seq INTEGER, done_at_ms INTEGER,
            done_by TEXT) STRICT;
        CREATE INDEX rescreen_work_open ON rescreen_work (subject) WHERE done_at_ms IS NULL;
    """)


@migrations()
def list_editions(db: UtilsDatabase) -> None:
    """A list's rows in the order they came, and an index of them by digests of their keys; an edition that no list names is being written,
    or done with (store/list_editions.py). Digests are no work for SQL: the names' version is emptied, and the desk makes the index anew
    before anybody is screened."""
    db.executescript("""
        CREATE TABLE list_editions (
            edition INTEGER PRIMARY KEY AUTOINCREMENT, list_id TEXT NOT NULL, touched_ms INTEGER NOT NULL) STRICT;
        CREATE TABLE list_rows (number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
        CREATE TABLE list_index (
            edition INTEGER NOT NULL, digest INTEGER NOT NULL, ordinal INTEGER NOT NULL,
            PRIMARY KEY (edition, digest, ordinal)) STRICT, WITHOUT ROWID;
        CREATE TABLE list_names (number INTEGER PRIMARY KEY, names TEXT NOT NULL) STRICT;
        CREATE TABLE list_conflicts (
            list_id TEXT NOT NULL, other_id TEXT NOT NULL, code TEXT NOT NULL, parties INTEGER NOT NULL, entry_id TEXT NOT NULL,
            other_entry TEXT NOT NULL, PRIMARY KEY (list_id, other_id, code, entry_id, other_entry)) STRICT;
        ALTER TABLE lists ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
        INSERT INTO list_editions (list_id, touched_ms) SELECT list_id, 0 FROM lists ORDER BY list_id;
        UPDATE lists SET names_version = '', edition = (SELECT edition FROM list_editions e WHERE e.list_id = lists.list_id);
        CREATE INDEX lists_by_edition ON lists (edition);
        INSERT INTO list_rows (number, content)
            SELECT (l.edition << 32) + e.rowid, e.content FROM lists l JOIN list_entries e ON e.list_id = l.list_id;
        DROP TABLE list_keys;
        DROP TABLE list_entries;
        DROP TABLE list_staged;
    """)


@migrations()
def evidence_files(db: UtilsDatabase) -> None:
    """凭证照片: which photos the gateway holds (store/sent_evidence.py). The station's own work, as the inbox is: no views. Rows come with
    their entries and are never removed; photos of entries that are there already are noted here. Headers that can't be read name none."""
    db.executescript("""
        CREATE TABLE evidence_files (
            number INTEGER PRIMARY KEY, journal_id TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending', code TEXT, tries INTEGER NOT NULL DEFAULT 0, sealed_sha256 TEXT, sealed_size INTEGER,
            sent_at_ms INTEGER, body TEXT, key_id TEXT, signature TEXT, UNIQUE (journal_id, seq, name)) STRICT;
        CREATE INDEX evidence_pending ON evidence_files (number) WHERE state = 'pending';
        CREATE INDEX evidence_unsent ON evidence_files (state, code) WHERE state NOT IN ('pending', 'sent');
        INSERT INTO evidence_files (journal_id, seq, name)
            SELECT journal_id, seq, name FROM (
                SELECT e.journal_id, e.seq, e.rowid AS place, f.key AS number,
                    CASE WHEN f.type = 'object' THEN json_extract(f.value, '$.name') END AS name
                FROM journal_entries e, json_each(
                    CASE WHEN json_valid(CAST(e.header AS TEXT)) THEN CAST(e.header AS TEXT) ELSE '{}' END, '$.evidence') f
                WHERE instr(e.header, CAST('"evidence":[{' AS BLOB)) > 0)
            WHERE typeof(name) = 'text' ORDER BY place, number
            ON CONFLICT DO NOTHING;
    """)


@migrations()
def profile_notices(db: UtilsDatabase) -> None:
    """回头客: which version of the notice was shown to who agreed (store/senders.py); NULL of profiles from before."""
    db.execute("ALTER TABLE sender_profiles ADD COLUMN notice TEXT")


@migrations()
def receipts_in_order(db: UtilsDatabase) -> None:
    """Receipts by the number they came in, with their place in the gateway's own journal. Two for one range are both kept; a signature
    stands for what it signs. `gateway_journals`: in the order in which the first receipt of each came. `receipt_runs`: how far the receipts
    of a journal go without a gap, reckoned anew where one was removed by force. What is trusted is now the time of the newest receipt,
    which is not the greatest where a gateway's clock was once ahead (store/inbox.py)."""
    db.executescript("""
        ALTER TABLE receipts RENAME TO receipts_before;
        DROP INDEX receipts_by_last;
        CREATE TABLE receipts (
            number INTEGER PRIMARY KEY, journal_id TEXT NOT NULL REFERENCES journals, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
            received_at_ms INTEGER NOT NULL, gateway_journal_id TEXT NOT NULL, gateway_seq INTEGER NOT NULL, body TEXT NOT NULL,
            key_id TEXT NOT NULL, signature TEXT NOT NULL, UNIQUE (journal_id, first_seq, last_seq, signature)) STRICT;
        INSERT INTO receipts SELECT rowid, journal_id, first_seq, last_seq, received_at_ms, json_extract(body, '$.gateway_journal_id'),
            json_extract(body, '$.gateway_seq'), body, key_id, signature FROM receipts_before ORDER BY rowid;
        DROP TABLE receipts_before;
        CREATE INDEX receipts_by_last ON receipts (journal_id, last_seq, first_seq, received_at_ms);
        CREATE INDEX receipts_by_gateway ON receipts (gateway_journal_id, gateway_seq);
        CREATE TABLE gateway_journals (gateway_journal_id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE) STRICT;
        INSERT INTO gateway_journals SELECT gateway_journal_id, MIN(number) FROM receipts GROUP BY gateway_journal_id;
        UPDATE facts SET value = (
            SELECT CAST(CAST(received_at_ms AS TEXT) AS BLOB) FROM receipts WHERE gateway_journal_id =
                (SELECT gateway_journal_id FROM gateway_journals ORDER BY number DESC LIMIT 1) ORDER BY gateway_seq DESC LIMIT 1)
            WHERE name = 'trusted_ms' AND EXISTS (SELECT 1 FROM receipts);
        CREATE TABLE receipt_runs (journal_id TEXT PRIMARY KEY, last_seq INTEGER NOT NULL) STRICT;
        CREATE TRIGGER receipts_removed AFTER DELETE ON receipts BEGIN
            DELETE FROM receipt_runs WHERE journal_id = OLD.journal_id; END;
        INSERT INTO receipt_runs SELECT j.journal_id, (
            WITH RECURSIVE covered (seq) AS (SELECT 0 UNION ALL SELECT (
                SELECT MIN(r.last_seq) FROM receipts r INDEXED BY receipts_by_last WHERE r.journal_id = j.journal_id
                    AND r.last_seq BETWEEN covered.seq + 1 AND covered.seq + 512 AND r.first_seq <= covered.seq + 1)
                FROM covered WHERE covered.seq IS NOT NULL)
            SELECT MAX(seq) FROM covered) FROM journals j;
    """)


@migrations()
def list_arrivals(db: UtilsDatabase) -> None:
    """With which version an entry of a list came, where the list was here before it did (store/list_arrivals.py). `editions_in_force`:
    those that ever were, so that what an import wrote that was cut off tells nothing. Of lists that are here already it is known from their
    present version on."""
    db.executescript("""
        CREATE TABLE list_arrivals (
            list_id TEXT NOT NULL, entry_id TEXT NOT NULL, edition INTEGER NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (list_id, entry_id, edition, version)) STRICT, WITHOUT ROWID;
        CREATE INDEX list_arrivals_by_edition ON list_arrivals (edition);
        CREATE TABLE editions_in_force (edition INTEGER PRIMARY KEY) STRICT;
        INSERT INTO editions_in_force SELECT DISTINCT edition FROM lists;
        ALTER TABLE lists ADD COLUMN arrivals_from INTEGER NOT NULL DEFAULT 0;
        UPDATE lists SET arrivals_from = COALESCE(json_extract(CAST(header AS TEXT), '$.version'), 0);
    """)


def migrate(db: Database) -> None:
    """Bring a database up to this program; raises StoreError if it was written by a newer one, or while another connection writes long."""
    known = {migration.name for migration in migrations.pending(UtilsDatabase(memory=True, execute_plugins=False))}
    applied = {migration.name for migration in migrations.applied(db.tables)}
    if applied - known:
        raise StoreError(StoreCode.FOLDER_NEWER)
    if known - applied:
        with sqlite_errors():
            migrations.apply(db.tables)
