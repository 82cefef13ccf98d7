"""快递企业不得寄递的邮件: state documents and reserved letters go by the postal enterprise only (邮政法 55 条)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from courier_check.errors import Fact
from courier_check.parcel.carriers import Carriers, ReservedMail
from courier_check.terms import Consequence, Reason, marks_of


class ReservedReason(StrEnum):
    """Codes of the reasons given."""

    BARRED = "reserved-mail-barred"
    NAMED = "reserved-mail-named"


_REFUSAL = "R99"


def review_reserved(carriers: Carriers, carrier: str | None, said: str, names: Iterable[str]) -> Iterator[Reason]:
    """What this carrier may not carry: refused where the clerk says so (`said`, an id), referred where only a declared name does.

    Nothing before the carrier is known, and nothing of the postal enterprise.
    """
    if carrier is None or carriers.is_postal(carrier):
        return
    called = tuple(names)
    for mail in carriers.reserved_mail:
        if mail.id == said:
            yield Reason(ReservedReason.BARRED, Consequence.REFUSE, _REFUSAL, _facts(mail))
        elif any(mail.is_called(name) for name in called):
            yield Reason(ReservedReason.NAMED, Consequence.REFER, None, _facts(mail))


def _facts(mail: ReservedMail) -> dict[str, Fact]:
    return {"mail_zh": mail.zh, "mail_en": mail.en, "article": mail.article, "source": mail.source, **marks_of(mail.certainty)}
