"""回头客: profiles of senders who agreed to be known again, by match token. Rows, unlike entries, can really be taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from courier_check.store.database import Database
from courier_check.store.rescreening import forget_profile


@dataclass(frozen=True, slots=True, repr=False)
class StoredProfile:
    """What is kept of a sender. Name and phone are None once the consent was withdrawn: then only the token is left, so that nobody asks
    again. `profile_id` is random and is all that entries say. `notice`: the version of the notice (个保法 17 条) this sender was shown when
    agreeing; None where that is not known."""

    profile_id: str
    name: str | None
    phone: str | None
    notice: str | None = None

    @property
    def consented(self) -> bool:
        return self.name is not None

    def __repr__(self) -> str:
        return f"StoredProfile({self.profile_id}, consented={self.consented})"


def profile_of(db: Database, tokens: Iterable[tuple[str, str]]) -> StoredProfile | None:
    """The first profile under any of these (match_key_id, token)."""
    return next(iter(profiles_of(db, tokens)), None)


def profiles_of(db: Database, tokens: Iterable[tuple[str, str]]) -> tuple[StoredProfile, ...]:
    """All profiles under these (match_key_id, token), in their order."""
    asked = "SELECT profile_id, name, phone, notice FROM sender_profiles WHERE match_key_id = ? AND token = ?"
    rows = (db.row(asked, (match_key_id, token)) for match_key_id, token in tokens)
    return tuple(StoredProfile(*row) for row in rows if row is not None)


def save_profile(tx: Database, profile: StoredProfile, match_key_id: str, token: str) -> None:
    """Under the newest key's token, in place of what was kept of this sender."""
    tx.execute("DELETE FROM sender_profiles WHERE profile_id = ?", (profile.profile_id,))
    tx.execute(
        "INSERT INTO sender_profiles (profile_id, match_key_id, token, name, phone, notice) VALUES (?, ?, ?, ?, ?, ?)",
        (profile.profile_id, match_key_id, token, profile.name, profile.phone, profile.notice),
    )


def blank_profile(tx: Database, profile_id: str) -> None:
    """撤回: the token stays, nothing else."""
    tx.execute("UPDATE sender_profiles SET name = NULL, phone = NULL, notice = NULL WHERE profile_id = ?", (profile_id,))
    forget_profile(tx, profile_id)


def delete_profile(tx: Database, profile_id: str) -> None:
    """删除: nothing stays. The page's free space is overwritten (`secure_delete`)."""
    forget_profile(tx, profile_id)
    tx.execute("DELETE FROM sender_profiles WHERE profile_id = ?", (profile_id,))
