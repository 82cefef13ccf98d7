"""打印验视标识: from an act's facts to words, from words to dots, from dots to the station's printer. Knows no window."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from courier_check.clock import at
from courier_check.desk.labels import LabelFacts, Labels, Tried
from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.label_picture import Label, Mark, draw_label, has_glyphs
from courier_check.devices.label_printer import PrinterPlan, Waits, print_bitmap
from courier_check.devices.system_printer import SystemPrinter
from courier_check.errors import DeviceError
from courier_check.inspection.security import SecurityOutcome
from courier_check.journal.label_text import label_text
from courier_check.reports.acts import is_named, is_owed
from courier_check.store.labels import LabelJob
from courier_check.store.machine import KnownPrinter, load_machine
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording

FONT = "fonts/NotoSansCJKsc-Regular-subset.otf"


class LabelCode(StrEnum):
    """Words on a label, which is Chinese whatever the window's language, and what is said where there is no printer to say it."""

    INSPECTED = "label-inspected"
    NOT_INSPECTED = "label-not-inspected"
    NAMED = "label-named"
    NAME_EXEMPT = "label-name-exempt"
    NOT_NAMED = "label-not-named"
    SECURITY_AWAITED = "label-security-awaited"
    SECURITY_PASSED = "label-security-passed"
    SECURITY_FAILED = "label-security-failed"
    REPRINT = "label-reprint"
    OUTLET = "label-outlet"
    OPERATOR = "label-operator"
    WAYBILL = "label-waybill"
    ENTRY = "label-entry"
    PRACTICE = "label-practice"
    TEST = "label-test"
    NO_PRINTER = "label-no-printer"


def label_of(facts: LabelFacts) -> Label:
    """What stands on the label of an act: three marks as the entry has them, and no word of who sends what to whom."""
    say = Wording(Language.CHINESE).of
    marks = [
        Mark(say(LabelCode.INSPECTED if facts.inspected else LabelCode.NOT_INSPECTED), facts.inspected),
        _name_mark(facts),
        _security_mark(facts),
    ]
    if facts.copy:
        marks.append(Mark(say(LabelCode.REPRINT, {"copy": facts.copy}), made=False))
    lines = [
        facts.outlet_name if facts.outlet_name and has_glyphs(facts.outlet_name, resource_path(FONT)) else "",
        say(LabelCode.OUTLET, {"outlet": facts.outlet_id}),
        say(LabelCode.OPERATOR, {"operator": facts.operator}),
        f"{at(facts.at_ms):%Y-%m-%d %H:%M}",
        say(LabelCode.WAYBILL, {"end": facts.waybill_end}) if facts.waybill_end else "",
        say(LabelCode.ENTRY, {"seq": facts.entry.seq}),
        say(LabelCode.PRACTICE) if facts.practice else "",
    ]
    return Label(tuple(marks), tuple(line for line in lines if line), label_text(facts.entry))


def _name_mark(facts: LabelFacts) -> Mark:
    named = is_named(facts.mail_kind, facts.real_name)
    owed = LabelCode.NOT_NAMED if is_owed(facts.real_name) else LabelCode.NAME_EXEMPT
    return Mark(Wording(Language.CHINESE).of(LabelCode.NAMED if named else owed), named)


def _security_mark(facts: LabelFacts) -> Mark:
    """A check by machine comes after the acceptance: until one passed the mark is a promise, and after one failed a warning."""
    say = Wording(Language.CHINESE).of
    if facts.security == SecurityOutcome.PASS:
        return Mark(say(LabelCode.SECURITY_PASSED), made=True)
    return Mark(say(LabelCode.SECURITY_FAILED if facts.security == SecurityOutcome.FAIL else LabelCode.SECURITY_AWAITED), made=False)


def drawn(facts: LabelFacts, size: LabelSize) -> Bitmap:
    """The label of an act as dots. Raises UserError where the paper is too small."""
    return draw_label(label_of(facts), size, resource_path(FONT))


def plan_of(printer: KnownPrinter) -> PrinterPlan:
    """A printer as the station remembers it. Raises UserError where the file was edited into nonsense."""
    size = LabelSize.parse(f"{printer.width_mm}x{printer.height_mm}", printer.dpi, printer.gap_mm)
    return PrinterPlan.parse(printer.address, printer.language, size, asks=printer.asks)


def station_printer(folder: Path) -> PrinterPlan | None:
    """The station's printer, or None where none is set. Raises StoreError, UserError."""
    printer = load_machine(folder).printer
    return plan_of(printer) if printer is not None else None


def print_labels(
    labels: Labels, folder: Path, only: LabelJob | None = None, waits: Waits | None = None, system: SystemPrinter | None = None
) -> Iterator[Tried]:
    """Print what waits, or one label, on the station's printer. Without one everything goes on waiting, and says so; of what waited for
    one to be set, only what still needs a label is printed. `system`: the way to the system's queues."""
    plan = station_printer(folder)
    if only is None:
        drop_outlived(labels)

    def send(facts: LabelFacts) -> str | None:
        if plan is None:
            raise DeviceError(LabelCode.NO_PRINTER)
        name = f"label-{facts.entry.journal_id[:8]}-{facts.entry.seq}" + (f"-{facts.copy}" if facts.copy else "")
        return print_bitmap(drawn(facts, plan.size), plan, name, waits, system)

    return labels.print_waiting(send, only)


def drop_outlived(labels: Labels) -> int:
    """Forget the labels that wait for a printer to be set and that nobody needs any more; returns how many."""
    return labels.drop_outlived(LabelCode.NO_PRINTER.value)


def print_test(plan: PrinterPlan, printed_at_ms: int, waits: Waits | None = None, system: SystemPrinter | None = None) -> str:
    """A label that belongs to no entry and says so; where it went. Raises DeviceError, UserError."""
    say = Wording(Language.CHINESE).of
    label = Label((Mark(say(LabelCode.TEST), made=False),), (f"{at(printed_at_ms):%Y-%m-%d %H:%M}", plan.language.value), "CCL1:TEST")
    return print_bitmap(draw_label(label, plan.size, resource_path(FONT)), plan, "label-test", waits, system) or plan.address
