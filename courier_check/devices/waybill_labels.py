"""运单面单 as printed: the parties from recognised lines. Pure; masked names and phones are kept as printed (隐私面单)."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from courier_check.identity.lines import PrintedLine, Row, levelled, rows, turned

_SENDER = re.compile(r"^(?:(?:寄件|发件|寄)(?!\w)|[寄发]件[人方])[: ]*")
_ADDRESSEE = re.compile(r"^(?:(?:收件|收)(?!\w)|收件[人方])[: ]*")
_END = re.compile(r"^(?:品名|内件|物品|付款|重量|件数|数量|备注|签收|订单|运单|单号|打印|样本|声明|代收|保价)")
_PHONE = re.compile(
    r"(?<![0-9])(?:\+?86)?(1[3-9][0-9*]{9}(?:[-,转][0-9*]{3,4})?|0[0-9*]{2,3}-[0-9*]{7,8}(?:-[0-9]{1,6})?|[48]00-?[0-9*]{3}-?[0-9*]{4})(?![0-9*])"
)
_NAME = re.compile(r"[A-Za-z\u3007\u3400-\u9fff\U00020000-\U000323af·*. ]{1,40}")
_SURE = 0.8


class LabelWarning(StrEnum):
    """What to look at on a label; the sentences are in resources/wording/devices.json."""

    SENDER_UNREADABLE = "sender-unreadable"
    ADDRESSEE_UNREADABLE = "addressee-unreadable"
    SENDER_UNCERTAIN = "sender-uncertain"
    ADDRESSEE_UNCERTAIN = "addressee-uncertain"


@dataclass(frozen=True, slots=True, repr=False)
class PrintedParty:
    """One side of a label; what was not found is None."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    sure: bool = True

    @property
    def found(self) -> int:
        return sum(part is not None for part in (self.name, self.phone, self.address))

    def __repr__(self) -> str:
        return f"PrintedParty({self.found} of 3)"


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    sender: PrintedParty
    addressee: PrintedParty

    @property
    def warnings(self) -> tuple[LabelWarning, ...]:
        told = []
        for party, missing, unsure in (
            (self.sender, LabelWarning.SENDER_UNREADABLE, LabelWarning.SENDER_UNCERTAIN),
            (self.addressee, LabelWarning.ADDRESSEE_UNREADABLE, LabelWarning.ADDRESSEE_UNCERTAIN),
        ):
            if party.name is None:
                told.append(missing)
            elif party.found < 3 or not party.sure:
                told.append(unsure)
        return tuple(told)


def parse_label(lines: Sequence[PrintedLine]) -> PrintedLabel:
    """The 寄 and 收 blocks of a label, whichever way up it lies: the turn that yields most is taken."""
    level = levelled([line for line in lines if len(line.box) == 4 and line.text.strip()])
    ways = [_parse(turned(level, quarter * math.pi / 2)) for quarter in (0, 2, 1, 3)]
    return max(ways, key=lambda label: label.sender.found + label.addressee.found)  # the first of equals: as it lies


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().replace("×", "*")


def _parse(lines: Sequence[PrintedLine]) -> PrintedLabel:
    sender, addressee = _block(lines, _SENDER, _ADDRESSEE), _block(lines, _ADDRESSEE, _SENDER)
    marked = bool(sender and addressee)
    if sender and not addressee:
        sender, addressee = _parted(sender)
    elif addressee and not sender:
        addressee, sender = _parted(addressee)
    return PrintedLabel(_party(sender, _SENDER, marked=marked), _party(addressee, _ADDRESSEE, marked=marked))


def _block(lines: Sequence[PrintedLine], own: re.Pattern[str], other: re.Pattern[str]) -> tuple[Row, ...]:
    """From the marker down to the other marker or the next section. A marker of one character stands beside two rows, so it is no row."""
    marker = next((line for line in lines if own.match(_plain(line.text))), None)
    if marker is None:
        return ()
    edge = 0.3 * marker.height
    below = [
        line for line in lines if line.middle[1] > marker.middle[1] and (other.match(_plain(line.text)) or _END.match(_plain(line.text)))
    ]
    end = min((line.top for line in below), default=math.inf)
    return rows(
        line
        for line in lines
        if marker.top - edge < line.middle[1] < end - edge / 2
        and line.left > marker.left - edge
        and own.sub("", _plain(line.text), count=1)
    )


def _parted(block: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """A block whose neighbour's marker was not recognised holds both parties: the second phone begins the other one."""
    phones = [place for place, row in enumerate(block) if _PHONE.search(_joined(row))]
    return (block[: phones[1]], block[phones[1] :]) if len(phones) > 1 else (block, ())


def _joined(row: Row) -> str:
    return "".join(_plain(line.text).replace(" ", "") for line in row)


def _party(block: tuple[Row, ...], own: re.Pattern[str], *, marked: bool) -> PrintedParty:
    """`marked`: both markers were recognised, so it is certain whose block this is."""
    if not block:
        return PrintedParty()
    texts = [own.sub("", _plain(line.text), count=1).strip(" :") for row in block for line in row]
    phone = next((found[1] for row in block if (found := _PHONE.search(_joined(row)))), None)
    before, after = _split(texts, phone)
    name = before.strip(" ,，:")
    sure = marked and all(line.score >= _SURE for row in block for line in row)
    return PrintedParty(name if _NAME.fullmatch(name) else None, phone, after or None, sure)


def _split(texts: Sequence[str], phone: str | None) -> tuple[str, str]:
    """The words before the phone are the name, those after it the address; without a phone, the first line is the name."""
    if phone is None:
        kept = [text for text in texts if text]
        return (kept[0] if kept else ""), "".join(kept[1:]).replace(" ", "")
    whole = "\n".join(texts)
    found = re.search(r"(?:\+?86)?" + r"\s*".join(map(re.escape, phone)), whole)
    if found is None:
        return "", re.sub(r"\s", "", whole)
    return whole[: found.start()].replace("\n", ""), re.sub(r"\s", "", whole[found.end() :])
