"""What the shift board says, as one frozen value. Pure and without Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courier_check.clock import at
from courier_check.devices.codes import PrinterCode
from courier_check.overview import Overview
from courier_check.reports.daily import Rate
from courier_check.shift_board import Board, Stretch
from courier_check.store.board import MissingLabel
from ui.board_work import LabelState, LabelTold
from ui.shown import Fact, LineShown, Sign, Tone, VerdictShown

if TYPE_CHECKING:
    from courier_check.store.labels import LabelJob

_MOST_REASONS = 4
_COUNTED = ("收寄", "拒收", "复核", "撤件")
_RATES = ("real_name", "inspected", "security_checked", "service_information")


@dataclass(frozen=True, slots=True)
class BoardRead:
    """The board as the database has it, and the words of the reports it is shown with: what rates are called, what refusal codes mean, and
    the 口径 that stands under the figures."""

    board: Board
    labels: Mapping[str, str] = field(repr=False)
    refusals: Mapping[str, str] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class BoardState:
    """`read` None: not read yet, or `said` why not. `overview`: the newest one; `held`: parcels in hand and put aside at this counter."""

    stretch: Stretch = Stretch.TODAY
    read: BoardRead | None = None
    overview: Overview | None = None
    held: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class BoardShown:
    """The whole page. `apart`: what is neither accepted nor refused, intercepts with their ends and leads; `rates`: with numerator and
    denominator; `todo`: what somebody has to do; `missing`: rows of the parcels
    without a confirmed label, None while they are read."""

    banner: VerdictShown
    counts: tuple[tuple[str, str], ...]
    apart: str
    rates: tuple[Fact, ...]
    refusals: tuple[Fact, ...]
    todo: tuple[LineShown, ...]
    missing: tuple[tuple[str, ...], ...] | None
    missing_note: str
    notes: tuple[str, ...]
    said: str


def board_shown(state: BoardState) -> BoardShown:
    read = state.read
    if read is None:
        waiting = (
            VerdictShown(Tone.PLAIN, "…", "正在统计", "") if not state.said else VerdictShown(Tone.REFER, "!", "没有统计出来", state.said)
        )
        nothing = tuple((name, "—") for name in _COUNTED)
        return BoardShown(waiting, nothing, "", (), (), (), None, "", (), state.said)
    board, ends = read.board, dict(read.board.intercepts)
    return BoardShown(
        banner=_banner(board),
        counts=tuple(zip(_COUNTED, map(str, (board.accepted, board.refused, board.referred, board.withdrawn)), strict=True)),
        apart=f"拦截 {board.intercepted}（解除 {ends.get('released', 0)}，移交 {ends.get('handed-over', 0)}）　线索 {board.leads}",
        rates=tuple(_rates(read)),
        refusals=tuple(_refusals(read)),
        todo=tuple(_todo(board, state)),
        missing=tuple(_row(one) for one in board.missing),
        missing_note=f"只列最早的 {len(board.missing)} 件" if board.unlabelled > len(board.missing) else "",
        notes=read.notes,
        said="",
    )


def _banner(board: Board) -> VerdictShown:
    counted = f"{at(board.at_ms):%H:%M:%S} 统计"
    if board.stretch is Stretch.TODAY:
        return VerdictShown(Tone.PLAIN, "▦", f"今日　{at(board.at_ms):%Y-%m-%d}", f"0 时以来。{counted}")
    since = "还没有日结过，全部条目都算在内" if board.since_ms is None else f"{at(board.since_ms):%m-%d %H:%M} 日结以来"
    return VerdictShown(Tone.PLAIN, "▦", "本班", f"{since}。{counted}")


def _rates(read: BoardRead) -> Iterator[Fact]:
    """A rate as the two counts it is made of; what is not registered here is no rate of nothing."""
    board = read.board
    rates: tuple[Rate | None, ...] = (board.real_name, board.inspected, board.security, board.service)
    for key, rate in zip(_RATES, rates, strict=True):
        if rate is None:
            yield Fact(read.labels[key], "—", read.labels["not_recorded"])
        else:
            yield Fact(read.labels[key], f"{rate.text}　{rate.numerator} / {rate.denominator} 件")


def _refusals(read: BoardRead) -> Iterator[Fact]:
    """拒收原因 by code; where there are many, those that are the most frequent, and the others together."""
    counted = read.board.refusals
    often = sorted(counted, key=lambda one: (-one[1], one[0]))[: _MOST_REASONS if len(counted) > _MOST_REASONS + 1 else None]
    yield from (Fact(code, read.refusals.get(code, ""), f"{count} 件") for code, count in sorted(often))
    left = [count for code, count in counted if (code, count) not in often]
    if left:
        yield Fact("", f"其余 {len(left)} 种原因", f"{sum(left)} 件")


def _todo(board: Board, state: BoardState) -> Iterator[LineShown]:
    """Everything that waits, the gravest first; what is at nought is told too, so that nobody looks for it."""
    yield _line("安检不合格，停止分拣、运输、投递", board.failed, Sign.STOP)
    yield _line("拦截未了（不分日期）", board.stopped, Sign.STOP)
    yield _line("安检待复检", board.recheck)
    yield LineShown(Sign.OPEN, "还没有安检（多在处理中心做）", f"{board.unchecked} 件")
    yield _line("待复核，等主管（不分日期）", board.waiting)
    yield _line("未贴标", board.unlabelled)
    yield _line("本台在办和挂起", state.held, Sign.OPEN)
    overview = state.overview
    yield LineShown(Sign.OPEN if overview is None or overview.pending else Sign.DONE, "待传", f"{overview.pending} 条" if overview else "—")
    hit = board.hits_blocked + board.hits_reviewed
    yield LineShown(
        Sign.DOUBT if hit else Sign.DONE, "名单命中", f"拦截 {board.hits_blocked} 件，复核 {board.hits_reviewed} 件" if hit else "0 件"
    )
    for words, counted in (("验视答得过快", board.hurried), ("不通过、存疑又改判", board.taken_back)):
        told = "、".join(f"{operator or '—'} {count} 件" for operator, count in counted)
        yield LineShown(Sign.DOUBT if told else Sign.DONE, words, told or "0 件")


def _line(words: str, count: int, sign: Sign = Sign.DOUBT) -> LineShown:
    return LineShown(sign if count else Sign.DONE, words, f"{count} 件")


def _row(one: MissingLabel) -> tuple[str, ...]:
    label = STOPPED if one.stopped and (one.job is None or not one.job.is_printed) else label_words(one.job)
    return f"#{one.seq}", one.end or "—", f"{at(one.at_ms):%m-%d %H:%M}", one.operator or "—", label


STOPPED = "已拦截，解除前不打印"
_BRIEF = {
    PrinterCode.NOT_THERE: "打印机连不上",
    PrinterCode.LOST: "打印机连接中断",
    PrinterCode.HANGS: "打印机不接收数据",
    PrinterCode.SILENT: "打印机不回答",
    PrinterCode.GARBLED: "打印机的回答看不懂",
    PrinterCode.PAPER_OUT: "打印机缺纸",
    PrinterCode.RIBBON_OUT: "打印机缺碳带",
    PrinterCode.COVER_OPEN: "打印机盖子开着",
    PrinterCode.PAUSED: "打印机处于暂停",
    PrinterCode.FAULT: "打印机报告故障",
    PrinterCode.FOLDER_FAILED: "标签文件夹写不进去",
    PrinterCode.LABEL_TOO_SMALL: "标签纸太小",
    PrinterCode.NO_SYSTEM_PRINTING: "本机用不了系统打印机",
    PrinterCode.SYSTEM_NONE: "系统里没有打印机",
    PrinterCode.SYSTEM_NO_DEFAULT: "系统没有默认打印机",
    PrinterCode.SYSTEM_UNKNOWN: "系统里没有这台打印机",
    PrinterCode.SYSTEM_STOPPED: "打印队列暂停或报错",
    PrinterCode.SYSTEM_REFUSED: "打印队列没有收下",
    PrinterCode.SYSTEM_HANGS: "打印服务没有回答",
    PrinterCode.SYSTEM_BROKE: "打印驱动出错退出",
    PrinterCode.PAPER_NOT_THERE: "驱动里没有这种标签纸",
    PrinterCode.PAGE_TOO_SMALL: "打印范围放不下标签",
}
_NO_PRINTER = "label-no-printer"
_BRIEF_OF: Mapping[str, str] = {code.value: words for code, words in _BRIEF.items()} | {_NO_PRINTER: "没有打印机"}


def trouble_words(code: str | None, printer: str = "") -> str:
    """What is wrong with the printer, in a few words; the remedy is in the wording. `printer`: its name, if it has one."""
    if code is None:
        return ""
    words = _BRIEF_OF.get(code, "打印机设置不对")
    return f"“{printer}”{words}" if printer else words


def once_mended(code: str | None) -> str:
    """When labels that wait are printed."""
    return "接上打印机后" if code == _NO_PRINTER else "恢复后"


def label_words(job: LabelJob | None) -> str:
    """How the newest label of a parcel stands, in a few words."""
    if job is None:
        return "没有打印"
    if job.is_printed:
        return f"补打 {job.copy} 已打印" if job.copy else "已打印"
    why = trouble_words(job.trouble)
    return f"待打印：{why}" if why else "待打印"


def label_line(told: LabelTold) -> LineShown | None:
    """What the page says of the label of the parcel that was just recorded, or that lies open; None where it owes none."""
    match told.state:
        case LabelState.NOT_OWED:
            return None
        case LabelState.PRINTING:
            return LineShown(Sign.OPEN, "标签：正在送打印机…")
        case LabelState.PRINTED:
            again = f"补打 {told.copy} " if told.copy else ""
            printer = f"“{told.printer}”" if told.printer else ""
            return LineShown(Sign.DONE, f"标签：{again}已送打印机{printer}。贴好后扫标签，或按 Ctrl+T")
        case LabelState.WAITING:
            why = trouble_words(told.trouble, told.printer)
            return LineShown(Sign.DOUBT, f"标签：{why}，已排队，{once_mended(told.trouble)}自动打印" if why else "标签：已排队")
        case LabelState.NO_PRINTER:
            return LineShown(Sign.DOUBT, "标签：没有打印机，已排队；收寄不受影响")
        case LabelState.STOPPED:
            return LineShown(Sign.STOP, f"标签：{STOPPED}")
        case LabelState.STUCK:
            return LineShown(Sign.DONE, "标签：已贴标")
