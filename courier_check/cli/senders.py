"""senders find, consent, withdraw, forget: 回头客, who agreed to be known again, and their right to be forgotten."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from courier_check.cli.opening import Access, with_operator
from courier_check.cli.output import Output
from courier_check.desk.senders import Forgotten
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.privacy import mask_name, mask_phone


@click.group(help="回头客：查找、同意预填、撤回、删除")
def senders() -> None:
    pass


def with_document(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--number` and `--type`; it gets (out, access, document, …)."""

    @click.option("--number", required=True, help="证件号码（从出示的原件上读）")
    @click.option("--type", "kind", type=click.Choice([kind.value for kind in DocumentType]), default="resident-id", help="证件类型")
    @with_operator
    @functools.wraps(command)
    def wrapped(out: Output, access: Access, number: str, kind: str, **options: Any) -> Any:
        given = {"type": kind, "number": number, "name": options.pop("name", None), "born_on": options.pop("born_on", None)}
        return command(out, access, IdentityDocument.from_mapping(given), **options)

    return wrapped


@senders.command(help="这位寄件人来过几次，是否同意预填（姓名、电话已遮蔽）")
@with_document
def find(out: Output, access: Access, document: IdentityDocument) -> int:
    with access.open() as station:
        access.sign_in(station)
        known = station.desk().senders.find(document)
    kept = known.prefill
    fields: dict[str, Any] = {"known": known.ever > 0 or known.profile is not None, "today": known.today, "week": known.week}
    fields |= {"ever": known.ever, "prefill": kept is not None, "declined": known.profile is not None and kept is None}
    fields |= {"name": mask_name(kept.name or "") if kept else None, "phone": mask_phone(kept.phone or "") if kept else None}
    code = "sender-known-prefill" if kept else "sender-known" if fields["known"] else "sender-new"
    out.say(fields, code, today=known.today, week=known.week, ever=known.ever, name=fields["name"], phone=fields["phone"])
    return 0


@senders.command(help="寄件人同意保存姓名和电话，下次预填；记入日志")
@click.option("--name", required=True, help="姓名")
@click.option("--phone", required=True, help="寄件人本人的电话")
@click.option("--born-on", help="出生日期（号码看不出年龄的证件；只用于判断年龄，不留存）")
@with_document
def consent(out: Output, access: Access, document: IdentityDocument, phone: str) -> int:
    with access.open() as station:
        entry = station.desk().senders.consent(document, phone, access.sign_in(station)).entry
        station.keep_head()
    out.say({"consented": True, "seq": entry.header.seq, "hash": entry.hash}, "sender-consented", seq=entry.header.seq)
    return 0


@senders.command(help="撤回同意：姓名、电话立即删除，只留匹配用哈希；记入日志")
@with_document
def withdraw(out: Output, access: Access, document: IdentityDocument) -> int:
    with access.open() as station:
        done = station.desk().senders.withdraw(document, access.sign_in(station))
        station.keep_head()
    return _told(out, done, "sender-withdrawn" if done.gone else "sender-withdrawn-log-in-use")


@senders.command(help="删除档案：连匹配用哈希一并删除；依法登记的收寄记录不在其内")
@with_document
def forget(out: Output, access: Access, document: IdentityDocument) -> int:
    with access.open() as station:
        done = station.desk().senders.forget(document, access.sign_in(station))
        station.keep_head()
    return _told(out, done, "sender-forgotten" if done.gone else "sender-forgotten-log-in-use")


def _told(out: Output, done: Forgotten, code: str) -> int:
    entry = done.entry.entry
    fields = {"seq": entry.header.seq, "hash": entry.hash, "gone": done.gone}
    out.say(fields, code, seq=entry.header.seq)
    return 0
