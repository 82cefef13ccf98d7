"""station printer, label, verify --label: set, print, print again, confirm, list, check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.cli import printers
from courier_check.cli.output import BesideWindow
from courier_check.clock import SystemClock
from courier_check.devices import serial_ports
from courier_check.devices.bitmap import LabelSize
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter, labels_in
from courier_check.devices.system_printer import SpoolerProcess
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.label_printing import drawn
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store.machine import KnownCamera, KnownPrinter, KnownScanner, Machine, load_machine, save_machine
from support.commands import Command, case_file, command_of, secrets_in
from support.printed_pages import codes_on
from support.ready import ready_station
from support.spoolers import never_ready, taken, takes
from support.stations import CHEAP, acceptance, append


@pytest.fixture(autouse=True)
def no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports.list_ports, "comports", list)


@pytest.fixture
def printer(folder: Path) -> Iterator[SimulatedPrinter]:
    with SimulatedPrinter(PrinterLanguage.TSPL) as made:
        save_machine(folder, Machine(printer=KnownPrinter(address=made.address)))
        yield made


def accepted(station_command: Command, tmp_path: Path, waybill: str = "SF1010000000015") -> tuple[int, str]:
    told = station_command("accept", case_file(tmp_path, waybill), "--json")
    return int(told.line["seq"]), str(told.line["hash"])


def test_a_printer_is_set_shown_changed_and_forgotten(station_command: Command, folder: Path) -> None:
    save_machine(folder, Machine(reader_port="COM3", camera=KnownCamera(name="高拍仪")))
    assert station_command("station", "printer", "--json").line["printer"] is None
    assert "没有设置" in station_command("station", "printer").out
    told = station_command(
        "station", "printer", "tcp:192.0.2.7", "--language", "zpl", "--size", "100x50", "--dpi", "300", "--gap", "3", "--json"
    )
    paper = {"width_mm": 100, "height_mm": 50, "dpi": 300, "gap_mm": 3}
    assert told.line["printer"] == {"address": "tcp:192.0.2.7", "language": "zpl", **paper, "status": True}
    assert load_machine(folder).printer == KnownPrinter(address="tcp:192.0.2.7", language="zpl", **paper)
    assert "tcp:192.0.2.7，zpl，100×50 mm，300 dpi" in station_command("station", "printer").out
    assert station_command("station", "printer", "serial:COM9@19200", "--no-status", "--json").line["printer"]["status"] is False
    assert station_command("station", "printer", "--forget", "--json").line["printer"] is None
    station_command("station", "printer", "device:/dev/usb/lp0")
    assert station_command("station", "printer", "none", "--json").line["printer"] is None
    assert load_machine(folder) == Machine(reader_port="COM3", camera=KnownCamera(name="高拍仪"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("192.0.2.7",), "认不出打印机地址"),
        (("tcp:192.0.2.7:x",), "认不出打印机地址"),
        (("tcp:192.0.2.7", "--language", "pcl"), "不能用“pcl”"),
        (("tcp:192.0.2.7", "--language", "pdf"), "不能用“pdf”"),
        (("tcp:192.0.2.7", "--size", "60"), "标签尺寸“60”不对"),
        (("tcp:192.0.2.7", "--dpi", "72"), "没有 72 dpi"),
        (("serial:COM3",), "COM3"),
        (("serial:COM5@9600",), "COM5"),
    ],
)
def test_a_printer_that_is_none_is_one_sentence_and_changes_nothing(
    station_command: Command, folder: Path, wrong: tuple[str, ...], sentence: str
) -> None:
    before = Machine(reader_port="COM3", scanners=(KnownScanner(port="COM5"),))
    save_machine(folder, before)
    told = station_command("station", "printer", *wrong)
    assert told.code == 2
    assert sentence in told.sentence
    assert load_machine(folder) == before


def test_a_test_label(station_command: Command, folder: Path, printer: SimulatedPrinter) -> None:
    assert "测试标签已送到" in station_command("station", "printer", "--test").out
    assert [(label.width, label.height) for label in printer.labels] == [(480, 320)]
    printer.trouble = PrinterTrouble.PAPER_OUT
    told = station_command("station", "printer", "--test", "--json")
    assert (told.code, "缺纸" in told.err) == (3, True)
    station_command("station", "printer", "none")
    assert station_command("station", "printer", "--test", "--json").code == 2


def test_from_the_act_to_the_label_on_the_parcel(station_command: Command, folder: Path, tmp_path: Path, printer: SimulatedPrinter) -> None:
    seq, entry = accepted(station_command, tmp_path)
    first = station_command("label", "print", "--waybill", "SF1010000000015", "--json")
    assert first.code == 0
    assert (first.line["seq"], first.line["copy"], first.line["state"], first.line["tries"]) == (seq, 0, "printed", 1)
    told = station_command("label", "print", "--seq", seq)
    assert (told.code, "已打印过" in told.sentence) == (2, True)
    assert "已补打（第 1 次）" in station_command("label", "print", "--seq", seq, "--again").out
    assert [line.get("state") for line in station_command("label", "missing", "--json").lines] == ["printed", None]
    code = label_text(LabelledEntry(first.line["journal"], seq, entry))
    told = station_command("label", "stuck", code, "SF1010000000015", "JD000", "--json")
    assert told.code == 2
    assert [(line.get("stuck"), line.get("repeated"), "error" in line) for line in told.lines] == [
        (True, False, False),
        (True, True, False),
        (None, None, True),
    ]
    assert station_command("label", "missing", "--json").line == {"missing": 0}
    assert len(printer.labels) == 2
    assert station_command("verify").code == 0
    assert station_command("views", "check").code == 0


def test_a_printer_in_trouble_leaves_the_label_waiting_and_the_act_saved(
    station_command: Command, tmp_path: Path, printer: SimulatedPrinter
) -> None:
    seq, _ = accepted(station_command, tmp_path)
    printer.trouble = PrinterTrouble.PAPER_OUT
    told = station_command("label", "print", "--seq", seq, "--json")
    assert (told.code, told.line["state"], told.line["trouble"]) == (3, "waiting", "printer-paper-out")
    assert "缺纸" in told.err
    assert "收寄记录已保存" in station_command("label", "print").out
    assert station_command("label", "missing", "--json").lines[0]["trouble"] == "printer-paper-out"
    assert "待打印" in station_command("label", "missing").out
    printer.trouble = PrinterTrouble.NONE
    assert station_command("label", "print", "--json").line["tries"] == 3
    assert station_command("label", "print", "--json").line == {"waiting": 0}
    assert len(printer.labels) == 1


def test_parcels_are_accepted_and_labelled_in_one_go(station_command: Command, tmp_path: Path, printer: SimulatedPrinter) -> None:
    case = case_file(tmp_path, draft_id="draft-1")
    told = station_command("accept", case, "--label", "--json")
    assert (told.code, told.lines[0]["verdict"], told.lines[1]["state"]) == (0, "accept", "printed")
    again = station_command("accept", case, "--label", "--json")  # as after a crash: neither a second act nor a second label
    assert (again.code, again.line["repeated"], len(printer.labels)) == (0, True, 1)


def test_a_parcel_is_accepted_whatever_its_label_comes_to(station_command: Command, tmp_path: Path, printer: SimulatedPrinter) -> None:
    printer.trouble = PrinterTrouble.COVER_OPEN
    told = station_command("accept", case_file(tmp_path), "--label", "--json")
    assert (told.code, told.lines[0]["verdict"], told.lines[1]["trouble"]) == (3, "accept", "printer-cover-open")
    printer.trouble = PrinterTrouble.NONE
    assert station_command("label", "print", "--json").line["state"] == "printed"


def test_the_day_slip_counts_what_carries_no_label(station_command: Command, tmp_path: Path) -> None:
    seq, _ = accepted(station_command, tmp_path)
    assert "有 1 件未确认贴标" in station_command("day-close").out
    station_command("label", "stuck", seq)
    assert "未确认贴标" not in station_command("day-close", "--last").out


def test_without_a_printer_it_waits(station_command: Command, tmp_path: Path) -> None:
    seq, _ = accepted(station_command, tmp_path)
    told = station_command("label", "print", "--seq", seq)
    assert (told.code, "还没有设置标签打印机" in told.err) == (3, True)
    assert "label waits" in station_command("label", "print", "--lang", "en").err


@pytest.mark.parametrize("language", [each for each in PrinterLanguage if each is not PrinterLanguage.DRIVER])
def test_labels_into_a_folder(station_command: Command, tmp_path: Path, language: PrinterLanguage) -> None:
    seq, _ = accepted(station_command, tmp_path)
    out = tmp_path / "labels"
    out.mkdir()
    station_command("station", "printer", f"file:{out}", "--language", language.value)
    assert station_command("label", "print", "--seq", seq).code == 0
    (made,) = out.iterdir()
    assert secrets_in(made.read_bytes().decode("latin-1")) == []
    if language is not PrinterLanguage.PDF:
        assert len(labels_in(made, language)) == 1


def test_a_labels_code_is_checked_against_the_journal(station_command: Command, tmp_path: Path) -> None:
    seq, entry = accepted(station_command, tmp_path)
    place = station_command("station", "status", "--json").line["journal"]
    right = LabelledEntry(place, seq, entry)
    told = station_command("verify", "--label", label_text(right), "--json")
    assert (told.code, told.line["ok"], told.line["kind"], told.line["seq"]) == (0, True, "acceptance", seq)
    for wrong, what in (
        (LabelledEntry(place, seq, "0" * 64), "label-hash-differs"),
        (LabelledEntry(place, seq + 1, entry), "label-no-such-entry"),
        (LabelledEntry("0" * 32, seq, entry), "label-no-such-entry"),
    ):
        told = station_command("verify", "--label", label_text(wrong), "--json")
        assert (told.code, [each["what"] for each in told.line["failures"]]) == (1, [what])
    assert "标签不成立" in station_command("verify", "--label", label_text(wrong)).out
    told = station_command("verify", "--label", "CCL1:nonsense")
    assert (told.code, "不是验视标识" in told.sentence) == (2, True)


LABELS = 24


def codes_of(folder: Path) -> list[str]:
    """As many acts of a station as that, and the code that is read off the drawn label of each."""
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock(), hasher=CHEAP)) as station:
        acts = [append(station, acceptance(f"SF1{number:012d}")).entry.header for number in range(LABELS)]
        station.keep_head()
        labels = [drawn(station.desk().labels.facts(act.journal_id, act.seq), LabelSize()) for act in acts]
    return [code for label in labels for code in codes_on(label)]


@pytest.mark.slow
def test_every_code_read_off_a_label_holds_for_its_own_journal_and_for_no_other(
    station_command: Command, folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ready_station(tmp_path / "other")
    other_command = command_of(capsys, tmp_path / "other")
    own, others = codes_of(folder), codes_of(tmp_path / "other")
    assert len({*own, *others}) == 2 * LABELS
    for command, right, wrong in ((station_command, own, others), (other_command, others, own)):
        assert {(told.code, told.line["ok"]) for told in (command("verify", "--label", code, "--json") for code in right)} == {(0, True)}
        refused = [command("verify", "--label", code, "--json") for code in wrong]
        assert {told.code for told in refused} == {1}
        assert {failure["what"] for told in refused for failure in told.line["failures"]} == {"label-no-such-entry"}


def test_usage(station_command: Command) -> None:
    assert station_command("label", "print", "--seq", "1", "--waybill", "X").code == 2
    assert "日志里没有第 99 条" in station_command("label", "print", "--seq", "99").sentence
    assert "不是收寄" in station_command("label", "print", "--seq", "1").sentence


# Through the system's printers ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    """Where the system's printers put their labels."""
    out = tmp_path / "spooled"
    out.mkdir()
    return out


@pytest.fixture
def with_printers(capsys: pytest.CaptureFixture[str], folder: Path, spooled: Path) -> Command:
    """Commands of a program that comes to the system's printers, 后台 and 前台, the latter the default one."""
    return command_of(capsys, folder, BesideWindow(lambda *_: False, lambda: SpoolerProcess(takes, spooled)))


def test_the_systems_printers_are_listed_set_and_tested(with_printers: Command, folder: Path, spooled: Path) -> None:
    assert with_printers("station", "printer", "--json").line["ports"] == ["system:后台", "system:前台"]
    assert "system:后台、system:前台" in with_printers("station", "printer").out
    told = with_printers("station", "printer", "system:后台", "--size", "50x30", "--dpi", "300", "--json")
    assert (told.line["printer"]["address"], told.line["printer"]["language"]) == ("system:后台", "driver")
    assert "测试标签已送到 后台" in with_printers("station", "printer", "--test").out
    with_printers("station", "printer", "system:")
    assert "测试标签已送到 前台" in with_printers("station", "printer", "--test").out
    first, second = taken(spooled)
    assert (first[0], first[1].bitmap.width, first[1].size.dpi, second[0], second[1].bitmap.width) == ("后台", 591, 300, "前台", 480)
    with_printers("station", "printer", "system:侧台")
    told = with_printers("station", "printer", "--test", "--json")
    assert (told.code, "系统里没有打印机“侧台”（有 后台、前台）" in told.err) == (3, True)


@pytest.mark.parametrize("wrong", [("system:前台", "--language", "zpl"), ("tcp:192.0.2.7", "--language", "driver"), ("system",)])
def test_what_does_not_fit_the_systems_printers_changes_nothing(with_printers: Command, folder: Path, wrong: tuple[str, ...]) -> None:
    before = load_machine(folder)
    assert with_printers("station", "printer", *wrong).code == 2
    assert load_machine(folder) == before


def test_labels_go_to_the_systems_printer_and_wait_where_it_is_gone(
    with_printers: Command, station_command: Command, spooled: Path, tmp_path: Path
) -> None:
    with_printers("station", "printer", "system:")
    told = with_printers("accept", case_file(tmp_path), "--label", "--json")
    assert (told.code, told.lines[1]["state"]) == (0, "printed")
    ((printer, sheet),) = taken(spooled)
    assert (printer, sheet.title.rpartition("-")[2]) == ("前台", str(told.lines[0]["seq"]))
    with_printers("station", "printer", "system:侧台")
    seq, _ = accepted(with_printers, tmp_path, "SF1010000000024")
    told = with_printers("label", "print", "--seq", seq, "--json")
    assert (told.code, told.line["state"], told.line["trouble"]) == (3, "waiting", "printer-system-unknown")
    told = station_command("label", "print", "--json")  # a program without the window has no way there
    assert (told.code, told.line["trouble"]) == (3, "printer-no-system-printing")
    with_printers("station", "printer", "system:后台")
    assert with_printers("label", "print", "--json").line["state"] == "printed"
    assert [name for name, _ in taken(spooled)] == ["前台", "后台"]


def test_a_hanging_spooler_holds_up_no_listing(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printers, "_LISTING_S", 0.3)
    command = command_of(capsys, folder, BesideWindow(lambda *_: False, lambda: SpoolerProcess(never_ready)))
    assert command("station", "printer", "--json").line == {"printer": None, "ports": []}
    assert command("station", "printer", "system:前台").code == 0
