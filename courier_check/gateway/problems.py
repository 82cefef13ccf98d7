"""Refusals of a request, as the problem documents of docs/wire.md §8."""

from __future__ import annotations

import msgspec

from courier_check.errors import UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.wire.batches import WireEntry
from courier_check.wire.problems import Problem, ProblemCode, problem
from courier_check.wire.signed import VERSION, Signed

_DETAIL = {
    ProblemCode.MALFORMED: "请求不是规定格式的文件。 The request is not a document of the form asked for.",
    ProblemCode.UNSUPPORTED_VERSION: "版本不受支持，请更新程序。 This version is not supported; update the program.",
    ProblemCode.NOT_AUTHENTIC: "无法确认请求来自何方。 The request could not be authenticated.",
    ProblemCode.UNKNOWN_STATION: "本网关没有登记该收寄台。 This gateway has no such station.",
    ProblemCode.WRONG_GATEWAY: "文件属于其他网关、收寄台或日志。 The document belongs to another gateway, station or journal.",
    ProblemCode.JOURNAL_TAKEN: "该日志编号下是另一台签署的条目，见 taken。 Another station's entries are held under this id; see taken.",
    ProblemCode.BEHIND: "批次之前还缺条目，请从 head 之后发送。 Entries before this batch are missing; send from after head.",
    ProblemCode.FORK: "该序号已有另一条目，见 held。 Another entry is held at this seq; see held.",
    ProblemCode.BAD_CHAIN: "条目与前一条不衔接。 An entry does not follow the one before it.",
    ProblemCode.BAD_SIGNATURE: "条目的签名不成立。 An entry's signature does not verify.",
    ProblemCode.BAD_DIGEST: "密封部分与摘要不符。 A sealed part does not match its digest.",
    ProblemCode.TOO_LARGE: "超出网关的大小限制。 Larger than this gateway's limits.",
    ProblemCode.CODE_UNKNOWN: "没有这个登记码，或已撤回。 There is no such enrolment code, or it was withdrawn.",
    ProblemCode.CODE_EXPIRED: "登记码已过期，请重新申请。 The enrolment code has expired; ask for a new one.",
    ProblemCode.CODE_USED: "登记码已使用，请重新申请。 The enrolment code has been used; ask for a new one.",
    ProblemCode.PRACTICE_MISMATCH: "练习台只能接入练习网关。 Practice stations and real gateways never meet.",
    ProblemCode.ENTRY_NOT_HELD: "本网关还没有该条目，请先报送条目。 The entry is not held here yet; send the entry first.",
    ProblemCode.EVIDENCE_UNNAMED: "条目没有写明这张照片，或大小不符。 The entry names no such photo, or one of another size.",
    ProblemCode.EVIDENCE_DIFFERS: "这张照片已有另一份密文。 Other sealed bytes are held for this photo.",
    ProblemCode.NOT_FOUND: "没有这个地址。 There is nothing at this address.",
    ProblemCode.BUSY: "网关忙，请稍后重试。 The gateway is busy; try again later.",
    ProblemCode.INTERNAL: "网关内部错误，已记录。 An internal error, which was logged.",
}
_OF_JOURNAL = {
    JournalCode.UNSUPPORTED_VERSION: ProblemCode.UNSUPPORTED_VERSION,
    JournalCode.UNKNOWN_ALGORITHM: ProblemCode.UNSUPPORTED_VERSION,
    JournalCode.TOO_LARGE: ProblemCode.TOO_LARGE,
    JournalCode.WRONG_PLACE: ProblemCode.WRONG_GATEWAY,
    JournalCode.WRONG_KEY: ProblemCode.BAD_SIGNATURE,
    JournalCode.BAD_SIGNATURE: ProblemCode.BAD_SIGNATURE,
    JournalCode.BAD_CHAIN: ProblemCode.BAD_CHAIN,
    JournalCode.BAD_DIGEST: ProblemCode.BAD_DIGEST,
}


class Refused(UserError):
    """A request that is not done, with the problem document that says why."""

    def __init__(
        self, code: ProblemCode, more: str = "", *, head: Signed | None = None, held: WireEntry | None = None, taken: Signed | None = None
    ) -> None:
        super().__init__(code)
        told = problem(code, f"{_DETAIL[code]} ({more})" if more else _DETAIL[code])
        supported = (VERSION,) if code == ProblemCode.UNSUPPORTED_VERSION else None
        self.problem: Problem = msgspec.structs.replace(told, head=head, held=held, taken=taken, supported=supported)


def refused(error: JournalError, place: str = "") -> Refused:
    """The refusal for bytes that are not what they claim; `place` says which of them."""
    code = _OF_JOURNAL.get(JournalCode(error.code), ProblemCode.MALFORMED)
    return Refused(code, f"{place}: {error.code.value}" if place else error.code.value)
