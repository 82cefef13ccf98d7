"""扫错的: what a code was, and what is expected now. Pure; sentences in resources/wording/window.json.

A text is told only where nobody's number can stand in it: goods barcodes and tags, never a credential or a code nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import Fact, UserError
from courier_check.parcel.goods import read_gtin
from courier_check.parcel.label_codes import read_label_code
from courier_check.parcel.numbers import LEAST_TAG
from courier_check.parcel.text import clean_code, squeeze
from courier_check.parcel.tracing import EpcScheme, read_epc
from courier_check.parcel.waybills import CodeKind, WaybillCheck, WaybillReason
from courier_check.wording import Wording
from ui.counter.codes import CounterCode
from ui.counter.effects import Now
from ui.counter.state import Panel

_LONGEST_TOLD = 40


class ScanKind(StrEnum):
    """What was scanned instead. The wording is `window-scan-KIND`."""

    GOODS = "goods"  # 商品条码
    GOODS_BAD = "goods-bad"  # 商品条码，校验位不对
    TAG = "tag"  # 电子标签
    CREDENTIAL = "credential"  # 实名码
    LABEL = "label"  # 电子面单的二维码，有姓名地址，没有单号
    URL = "url"  # 网址
    LONG = "long"
    EMPTY = "empty"
    OTHER = "other"


class Wanted(StrEnum):
    """What is expected. The wording is `window-wanted-WANTED`."""

    DOCUMENT = "document"
    WAYBILL = "waybill"
    GOODS = "goods"
    PIECE = "piece"
    NOTHING = "nothing"


_DOCUMENTS = (TaskKind.NOTICE, TaskKind.DOCUMENT, TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT)


def kind_of(check: WaybillCheck, text: str) -> ScanKind:
    """What a code that is no waybill is."""
    if check.kind is CodeKind.GOODS:
        return ScanKind.GOODS_BAD if check.valid is False else ScanKind.GOODS
    if check.kind in (CodeKind.CREDENTIAL, CodeKind.URL):
        return ScanKind(check.kind.value)
    tag = read_epc(text)
    if tag is not None and len(tag.raw) >= LEAST_TAG and (tag.scheme is not EpcScheme.UNKNOWN or not tag.raw.isdigit()):
        return ScanKind.TAG
    gtin = read_gtin(squeeze(clean_code(text)))
    if gtin is not None:
        return ScanKind.GOODS if gtin.valid else ScanKind.OTHER
    if read_label_code(text) is not None:
        return ScanKind.LABEL
    short = {WaybillReason.EMPTY.value: ScanKind.EMPTY, WaybillReason.TOO_LONG.value: ScanKind.LONG}
    return next((kind for reason, kind in short.items() if reason in check.reasons), ScanKind.OTHER)


def wanted(now: Now) -> Wanted:
    """What a scan would be good for now."""
    state = now.state
    if state.continuing is not None:
        return Wanted.PIECE
    if state.panel is Panel.CONTENTS or (state.panel is Panel.TASK and now.task.kind is TaskKind.CONTENTS):
        return Wanted.GOODS
    if state.panel is Panel.RECORDED or state.draft.waybill is None:
        return Wanted.DOCUMENT if state.panel is not Panel.RECORDED and now.task.kind in _DOCUMENTS else Wanted.WAYBILL
    return Wanted.NOTHING


def wrong_scan(now: Now, check: WaybillCheck, text: str) -> UserError:
    """The error that says both."""
    kind = kind_of(check, text)
    told = check.text[:_LONGEST_TOLD] if kind in (ScanKind.GOODS, ScanKind.GOODS_BAD, ScanKind.TAG) else ""
    return UserError(CounterCode.WRONG_SCAN, kind=kind.value, scanned=told, wanted=wanted(now).value)


def in_words(facts: Mapping[str, object], wording: Wording) -> dict[str, Fact]:
    """The facts of a wrong scan for people."""
    return {
        "kind": wording.of(f"window-scan-{facts.get('kind', ScanKind.OTHER)}"),
        "scanned": f"（{facts['scanned']}）" if facts.get("scanned") else "",
        "wanted": wording.of(f"window-wanted-{facts.get('wanted', Wanted.WAYBILL)}"),
    }


def other_carrier(now: Now) -> UserError | None:
    """The waybill in hand is another carrier's than this outlet works for: taken, since labels tell better than shapes, but said."""
    waybill = now.state.draft.waybill
    if waybill is None or WaybillReason.NOT_OUTLET_CARRIER.value not in waybill.reasons:
        return None
    known = now.books.rules.carriers
    theirs = "、".join(known.carrier(code).zh for code in waybill.carriers)
    ours = "、".join(known.carrier(code).zh for code in now.books.outlet_carriers)
    return UserError(CounterCode.OTHER_CARRIER, theirs=theirs, ours=ours)
