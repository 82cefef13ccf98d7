"""demo: the main job on the sample pictures, every step real, with a practice gateway on loopback."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from courier_check.cli.accept import Window
from courier_check.cli.cases import Reader
from courier_check.cli.codes import CliCode
from courier_check.cli.output import Output, Settings, system_clock, with_output
from courier_check.cli.practice import (
    DEMO_MARK,
    LISTS,
    OUTLET_CARRIERS,
    PARTS,
    add_operators,
    enrol_code,
    found_gateway,
    free_port,
    install_lists,
    write_mark,
)
from courier_check.cli.practice_gateway import MARK
from courier_check.desk.acceptances import Recorded
from courier_check.desk.rights import SignedIn
from courier_check.devices.documents import read_resident_front
from courier_check.devices.ocr import RapidTextReader
from courier_check.devices.waybill_pictures import read_waybill
from courier_check.errors import CourierCheckError, StoreError, UserError
from courier_check.gateway import admin
from courier_check.gateway.app import create_app
from courier_check.gateway.serving import running
from courier_check.gateway.setup import Gateway
from courier_check.parcel.carriers import Carriers
from courier_check.reporting import Asked, ReportFormat, ReportKind, content, make
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, Station, Surroundings
from courier_check.store import inbox, views
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically
from courier_check.store.resources import read_resource, resource_path
from courier_check.sync.synchroniser import SyncState

CASES = {
    "1-accept-wang": ("accept", None),
    "2-accept-chen": ("accept", None),
    "3-accept-zhao": ("accept", None),
    "4-refuse-lighter": ("refuse", "R07"),
    "5-hit-zhou": ("refer", None),
    "6-duplicate-wang": ("refuse", "R14"),
    "7-expired-li": ("refuse", "R02"),
}


@click.command(help="练习：登记、读图、验视、名单、收寄、同步、核验、报表，全部真实步骤")
@click.option("--out", "target", type=click.Path(path_type=Path, file_okay=False), help="写到哪里（默认临时文件夹）")
@click.option("--keep", is_flag=True, help="留下练习台和网关的数据")
@click.option("--window", "through_window", is_flag=True, help="经真正的窗口走一遍，截图写到 --out；没有显示器就在内存里画")
@with_output
def demo(out: Output, target: Path | None, *, keep: bool, through_window: bool) -> int:
    with _folder(target, keep=keep) as folder:
        steps = Steps(out)
        port = free_port()
        with contextlib.suppress(StepFailed):
            if through_window:
                demonstrate_window(folder, steps)
            else:
                Demo(folder, port, steps).run()
        failed = [name for name, ok in steps.done if not ok]
        fields = {"step": "summary", "ok": not failed, "ms": steps.total_ms, "steps": len(steps.done), "failed": failed, "out": str(folder)}
        kept = _how_to_go_on(folder, port) if keep and not failed and not through_window else ()
        out.line(fields, f"{'✔ 全部通过' if not failed else '✖ 未通过：' + '、'.join(failed)}（{steps.total_ms / 1000:.1f} 秒）", *kept)
    return 0 if not failed else 1


def _how_to_go_on(folder: Path, port: int) -> tuple[str, ...]:
    return (
        f"练习台在 {folder / 'station'}，报表在 {folder / 'reports'}。接着可以：",
        f"  python main.py gateway serve --data {folder / 'gateway'} --port {port}      （另一个终端）",
        f"  python main.py --data {folder / 'station'} accept resources/samples/case-1-accept-wang.json",
        f"  python main.py --data {folder / 'station'} verify",
    )


@contextlib.contextmanager
def _folder(target: Path | None, *, keep: bool) -> Iterator[Path]:
    """An empty folder to work in. One that an earlier demo left is used again; any other that is not empty is left alone."""
    folder = target or Path(tempfile.mkdtemp(prefix="courier-check-demo-"))
    if folder.exists() and any(folder.iterdir()) and not (folder / DEMO_MARK).exists():
        raise StoreError(StoreCode.FOLDER_NOT_EMPTY, folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / DEMO_MARK, b'{"made_by":"courier-check demo"}\n')
    (folder / MARK).unlink(missing_ok=True)
    for name in (*PARTS, "reports"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for picture in folder.glob("[0-9][0-9]-*.png"):
        picture.unlink(missing_ok=True)
    try:
        yield folder
    finally:
        if not keep:
            (folder / MARK).unlink(missing_ok=True)
            for name in PARTS:
                shutil.rmtree(folder / name, ignore_errors=True)
            if target is None:
                shutil.rmtree(folder, ignore_errors=True)


class StepFailed(Exception):
    """A step that the next ones need did not come out as it must."""


@dataclass
class Steps:
    """Tells each step as it ends, with its time."""

    out: Output
    done: list[tuple[str, bool]] = field(default_factory=list)
    total_ms: int = 0

    def step(self, name: str, work: Callable[[], dict[str, Any]]) -> None:
        """Do one step. It holds if `work` says so by `ok` (default: it came to an end). Raises StepFailed otherwise."""
        started = time.perf_counter()
        try:
            facts = work()
        except CourierCheckError as error:
            facts = {"ok": False, "error": {"code": error.code.value, "message": self.out.wording.of(error.code.value, error.facts)}}
        ms = round((time.perf_counter() - started) * 1000)
        ok = bool(facts.pop("ok", True))
        self.told(name, ok, ms, facts)
        if not ok:
            raise StepFailed(name)

    def told(self, name: str, ok: bool, ms: int, facts: dict[str, Any]) -> None:
        """A step that was done has ended."""
        self.done.append((name, ok))
        self.total_ms += ms
        told = "，".join(f"{key} {value}" for key, value in facts.items() if not isinstance(value, list | dict))
        told = str(facts["error"]["message"]) if "error" in facts else told
        self.out.line({"step": name, "ok": ok, "ms": ms, **facts}, f"{'✔' if ok else '✖'} {name}  {told}  ({ms} ms)")


def demonstrate_window(folder: Path, steps: Steps) -> None:
    """The same job through the window, then the journal it left is verified from outside. Raises StepFailed; UserError without a window."""
    settings = click.get_current_context().find_object(Settings)
    if settings is None or settings.beside is None:
        raise UserError(CliCode.NO_WINDOW)
    if not settings.beside.demo(folder, folder, steps.told):
        steps.told("window", False, 0, {})
        raise StepFailed("window")
    with Station.open(folder / "station", PRACTICE_PASSPHRASE, Surroundings(system_clock())) as station:
        steps.step("verify", lambda: verify_all(station))
        steps.step("views", lambda: compare_views(station))


def verify_all(station: Station) -> dict[str, Any]:
    result = station.verify()
    return {"ok": result.ok and result.receipts > 0, "checked": result.checked, "receipts": result.receipts}


def compare_views(station: Station) -> dict[str, Any]:
    compared = views.compare(station.database)
    return {"ok": all(each.equal for each in compared), "rows": sum(each.rows for each in compared)}


class Demo:
    """The steps, in order; each uses what the ones before it left."""

    def __init__(self, folder: Path, port: int, steps: Steps) -> None:
        self._folder = folder
        self._port = port
        self._step = steps.step
        self._clock = system_clock()
        self._surroundings = Surroundings(self._clock)
        self._ocr = RapidTextReader()
        self._carriers = Carriers.parse(read_resource("carriers.json"))
        self._samples = resource_path("samples")
        self._supervisor: SignedIn | None = None
        self._begun_on = self._today()  # the daily figures cover midnight, should it fall into the run

    def run(self) -> None:
        """Everything, with the gateway serving meanwhile."""
        data, new = self._folder / "gateway", self._surroundings
        self._step("gateway", lambda: self._make_gateway(data))
        with contextlib.ExitStack() as stack:
            gateway = stack.enter_context(Gateway.open(data, self._clock, new.random))
            url = stack.enter_context(running(create_app(gateway), self._port))
            station = stack.enter_context(Station.init(self._folder / "station", PRACTICE_PASSPHRASE, new, practice=True))
            self._step("enrol", lambda: self._enrol(gateway, station, url))
            self._step("operators", lambda: self._operators(station))
            self._step("lists", lambda: self._lists(gateway, station))
            write_mark(self._folder, url, ready=True)
            self._step("read-id", self._read_id)
            self._step("read-waybill", self._read_waybill)
            self._cases(station)
            self._step("sync", lambda: self._sync(station))
            self._step("verify", lambda: verify_all(station))
            self._step("views", lambda: compare_views(station))
            self._step("pull", lambda: self._pull(gateway, url))
            self._step("report", lambda: self._report(station))

    def _make_gateway(self, data: Path) -> dict[str, Any]:
        return {"gateway": found_gateway(data, self._surroundings), "practice": True}

    def _enrol(self, gateway: Gateway, station: Station, url: str) -> dict[str, Any]:
        identity = station.enrol(enrol_code(gateway), url)
        return {"station": identity.certificate.subject, "url": url}

    def _operators(self, station: Station) -> dict[str, Any]:
        self._supervisor = add_operators(station)
        return {"operators": len(station.desk().operators.all()), "carriers": len(station.desk().outlet.carriers())}

    def _lists(self, gateway: Gateway, station: Station) -> dict[str, Any]:
        file = install_lists(gateway, station, self._folder / "lists", self._supervisor)
        lists = file.packages
        return {"ok": not file.errors and len(lists) == LISTS, "lists": len(lists), "entries": sum(len(each.entries) for each in lists)}

    def _read_id(self) -> dict[str, Any]:
        reading = read_resident_front(self._samples / "id-wang-front.jpg", self._ocr)
        document = reading.document
        return {"ok": document.name == "王思远" and document.number == "41010519900307123X", "warnings": list(reading.warnings)}

    def _read_waybill(self) -> dict[str, Any]:
        reading = read_waybill(self._samples / "waybill-sf-wang.jpg", self._carriers, OUTLET_CARRIERS, self._ocr)
        return {"ok": reading.waybill == "SF1010000000015", "waybill": reading.waybill, "codes": len(reading.codes)}

    def _cases(self, station: Station) -> None:
        desk = station.desk()
        by = desk.operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        window = Window(desk, Reader(desk.acceptances.rules, self._carriers, desk.outlet.carriers(), self._ocr), by, None)
        for name, expected in CASES.items():
            self._step(name, partial(_case, window, self._samples / f"case-{name}.json", expected))
        station.keep_head()

    def _sync(self, station: Station) -> dict[str, Any]:
        outcome = station.synchronise()
        standing = inbox.standing(station.database)
        ok = outcome.status.state == SyncState.SYNCHRONISED and standing.pending == 0
        return {
            "ok": ok,
            "sent": outcome.sent,
            "acknowledged": outcome.acknowledged,
            "returned": outcome.returned,
            "pending": standing.pending,
        }

    def _pull(self, gateway: Gateway, url: str) -> dict[str, Any]:
        """The regulator's side, over HTTP: as many entries as the station sent, and none refused."""
        token = admin.add_system(gateway, "practice-board", region="4101")
        request = urllib.request.Request(f"{url}/v1/pull/entries?format=jsonl", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the loopback gateway of this very run
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
            entries = answer.read().count(b"\n")
        return {"ok": entries > 0, "entries": entries}

    def _report(self, station: Station) -> dict[str, Any]:
        folder = self._folder / "reports"
        folder.mkdir()
        made_at = self._clock.read().at
        daily = make(station, Asked(ReportKind.DAILY, self._begun_on))
        half_year = make(station, Asked(ReportKind.HALF_YEAR))
        for name, report, form in (
            ("daily.json", daily, "json"),
            ("daily.xlsx", daily, "xlsx"),
            ("half-year.json", half_year, "json"),
            ("half-year.xlsx", half_year, "xlsx"),
        ):
            write_atomically(folder / name, content(report, ReportFormat(form), made_at))
        counted = {"accepted": daily.data.get("accepted"), "refused": daily.data.get("refused"), "referred": daily.data.get("referred")}
        return {"ok": counted == {"accepted": 3, "refused": 2, "referred": 1}, **counted, "files": sorted(p.name for p in folder.iterdir())}

    def _today(self) -> date:
        return self._clock.read().at.date()


def _case(window: Window, path: Path, expected: tuple[str, str | None]) -> dict[str, Any]:
    recorded: Recorded = window.accept(path)
    refusals = [reason.refusal for reason in recorded.verdict.reasons if reason.refusal]
    outcome, refusal = expected
    ok = recorded.outcome.value == outcome and (refusal is None or refusal in refusals)
    reasons = [{"code": reason.refusal or reason.code, "detail": reason.code} for reason in recorded.verdict.reasons]
    return {"ok": ok, "verdict": recorded.outcome.value, "reasons": reasons, "seq": recorded.seq}
