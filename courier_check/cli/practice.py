"""practice: a gateway, an enrolled station, two operators and three lists, ready to use; everything in it is made up.

DIR/practice.json     marks the folder as ours; says where the gateway answers and whether all of it is there
DIR/gateway           the practice gateway
DIR/station           the station, enrolled by file, its passphrase and passwords published
DIR/lists             the signed sample lists and keys of the practice issuer of credentials, as the station installed them
"""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import filelock

from courier_check.cli.codes import CliCode
from courier_check.cli.listfiles import list_rows
from courier_check.cli.output import Output, system_clock, with_output
from courier_check.cli.practice_gateway import MARK, PATIENCE_S, USUAL_PORT, Mark, read_mark
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.vetting import shipped_vetting, tokens_under
from courier_check.errors import StoreError
from courier_check.gateway import admin
from courier_check.gateway.certify import certify
from courier_check.gateway.credential_keys import publish_keys
from courier_check.gateway.lists import Publishing, publish_lists
from courier_check.gateway.setup import Founding, Gateway
from courier_check.gateway.setup import init as init_gateway
from courier_check.screening.list_reading import ListFile
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically
from courier_check.store.resources import read_resource, resource_path
from courier_check.wire.certificates import StationPlace
from courier_check.wire.credential_keys import NAME as KEYS_NAME

REGION = "410105"
OUTLET_CARRIERS = ("sf", "ems", "yto", "zto", "jd", "jt")
LISTS = 3
PARTS = ("station", "gateway", "lists")
USUAL_PORTS = range(USUAL_PORT, USUAL_PORT + 100)
DEMO_MARK = "demo.json"
"""Marks a folder of the demo, whose kept station and gateway are a practice folder too."""
_WHOLE = ("gateway/gateway.json", "gateway/gateway.db", "station/folder.json", "station/keys.json", "station/station.db")
_CUT_OFF = (StoreCode.FOLDER_ABSENT, StoreCode.FOLDER_DAMAGED)


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice folder that is ready. `made`: just now."""

    folder: Path
    url: str
    made: bool

    @property
    def station(self) -> Path:
        return self.folder / "station"

    @property
    def gateway(self) -> Path:
        return self.folder / "gateway"


@click.command(help="练习文件夹：没有就建好（网关、收寄台、收寄员、名单），有就原样使用")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_output
def practice(out: Output, folder: Path) -> int:
    ready = make_practice(folder, Surroundings(system_clock()))
    fields = {"practice": str(ready.folder), "station": str(ready.station), "gateway": str(ready.gateway), "url": ready.url}
    out.say({**fields, "made": ready.made}, "practice-made" if ready.made else "practice-there", station=str(ready.station), url=ready.url)
    return 0


def make_practice(folder: Path, surroundings: Surroundings, ports: Sequence[int] = USUAL_PORTS) -> Practice:
    """The practice folder, made if it is not there. A complete one stays as it is; one whose making was cut off is made anew. The gateway
    will answer at the first of the ports that is free now.

    Raises StoreError if the folder holds anything else, or is a practice folder that has lost a part since: then nothing is changed.
    """
    _check_ours(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _only_maker(folder):
        mark = read_mark(folder)
        if mark is not None and mark.ready:
            _check_whole(folder)
            return Practice(folder, mark.url, made=False)
        url = _complete(folder, surroundings, cut_off=mark is not None)
        if url is not None:
            write_mark(folder, url, ready=True)
            return Practice(folder, url, made=False)
        return _make(folder, surroundings, free_port(ports))


def _make(folder: Path, surroundings: Surroundings, port: int) -> Practice:
    url = f"http://127.0.0.1:{port}"
    write_mark(folder, url, ready=False)
    clear(folder)
    found_gateway(folder / "gateway", surroundings)
    with (
        Gateway.open(folder / "gateway", surroundings.clock, surroundings.random) as gateway,
        Station.init(folder / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station,
    ):
        # By file, not over the line: serving would load a web framework, a third of the time all this takes.
        request = station.enrolment_request(enrol_code(gateway))
        station.enrol_by_file(certify(gateway, request), url)
        supervisor = add_operators(station)
        install_lists(gateway, station, folder / "lists", supervisor)
        install_credential_keys(gateway, station, folder / "lists", supervisor)
        station.keep_head()
    write_mark(folder, url, ready=True)
    return Practice(folder, url, made=True)


# --- the steps, which the demo takes one by one -------------------------------------------------------------------------------------------


def found_gateway(data: Path, surroundings: Surroundings) -> str:
    """A new practice gateway; returns its id."""
    founding = Founding("gw-practice", "练习网关", practice=True)
    return init_gateway(data, founding, surroundings.clock, surroundings.random).gateway_id


def enrol_code(gateway: Gateway) -> str:
    """A one-time code for the practice station."""
    return admin.enrol_code(gateway, "practice-01", StationPlace(outlet_id="practice", outlet_name="样例网点（虚构）", region=REGION))


def add_operators(station: Station) -> SignedIn:
    """The supervisor and the clerk, and the outlet's carriers; returns the supervisor, signed in."""
    desk = station.desk()
    desk.operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    supervisor = desk.operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    desk.operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    desk.outlet.set_carriers(OUTLET_CARRIERS, supervisor)
    return supervisor


def install_lists(gateway: Gateway, station: Station, folder: Path, by: SignedIn | None) -> ListFile:
    """Sign the sample lists, keep the packages in the folder, install them at the station."""
    publishing = Publishing(REGION, shipped_vetting(station.clock.read().at.date()), tokens_under)
    with list_rows(resource_path("samples/practice_list.csv")) as rows:
        file, published = publish_lists(gateway, rows, publishing)
    folder.mkdir()
    for each in published:
        write_atomically(folder / f"{each.package.header.list_id}.package.json", each.whole)
        station.desk().lists.install_signed(each.whole, by)
    return file


def install_credential_keys(gateway: Gateway, station: Station, folder: Path, by: SignedIn | None) -> None:
    """As the lists: the key of the practice issuer of 实名码, whose private half is published (tools/make_credential.py)."""
    _, data = publish_keys(gateway, read_resource("samples/credential-keys.json"))
    write_atomically(folder / f"{KEYS_NAME}.package.json", data)
    station.desk().credentials.install(data, by)


def write_mark(folder: Path, url: str, *, ready: bool) -> None:
    write_atomically(folder / MARK, Mark(url, ready).encode())


def clear(folder: Path) -> None:
    """Remove what an earlier run left in a folder of ours. Raises OSError where something can't be removed."""
    for name in PARTS:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder / name)


def free_port(ports: Sequence[int] = USUAL_PORTS) -> int:
    """The first port that no program holds now. Raises StoreError if all are held."""
    for port in ports:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise StoreError(CliCode.NO_PORT_FREE, first=ports[0], last=ports[-1])


# --- what is there already ----------------------------------------------------------------------------------------------------------------


def _check_ours(folder: Path) -> None:
    """A folder with anything in it is ours by its mark, or holds nothing yet but our lock and a mark half written."""
    if not folder.exists():
        return
    strangers = not folder.is_dir() or any(not _beside_the_mark(each.name) for each in folder.iterdir())
    # Only now the marks: another maker at work wrote its mark before anything else that was just seen.
    if strangers and read_mark(folder) is None and not (folder / DEMO_MARK).exists():
        raise StoreError(StoreCode.FOLDER_NOT_EMPTY, folder=str(folder))


def _beside_the_mark(name: str) -> bool:
    return name == "practice.lock" or (name.startswith(f"{MARK}.") and name.endswith(".new"))


def _check_whole(folder: Path) -> None:
    """What clerks recorded in a folder that was ready is never removed for what it lacks."""
    lost = next((name for name in _WHOLE if not (folder / name).is_file()), None)
    if lost is not None:
        raise StoreError(CliCode.PRACTICE_DAMAGED, folder=str(folder), file=lost)


def _complete(folder: Path, surroundings: Surroundings, *, cut_off: bool) -> str | None:
    """The URL if everything is there all the same: a kept demo of an earlier version, which may lack the keys of credentials, or a making
    `cut_off` before its last line."""
    if not all((folder / name).is_file() for name in _WHOLE):
        return None
    try:
        with Station.open(folder / "station", PRACTICE_PASSPHRASE, surroundings) as station:
            if station.identity is None or not station.folder.marker.practice:
                return None
            operators = {each.code for each in station.desk().operators.all()}
            ready = {PRACTICE_SUPERVISOR, PRACTICE_CLERK} <= operators and bool(station.desk().outlet.carriers())
            ready = ready and not (cut_off and station.desk().credentials.status() is None)
            url = station.identity.enrolment.url
            return url if ready and len(station.desk().lists.status()) >= LISTS else None
    except StoreError as error:
        if error.code in _CUT_OFF:
            return None
        raise  # a newer program's folder, or one in use, is not for us to make anew


@contextlib.contextmanager
def _only_maker(folder: Path) -> Iterator[None]:
    """Two windows opened at once for the first time: the second waits, and finds everything made."""
    try:
        with filelock.FileLock(folder / "practice.lock", timeout=PATIENCE_S):
            yield
    except filelock.Timeout as error:
        raise StoreError(StoreCode.BUSY) from error
