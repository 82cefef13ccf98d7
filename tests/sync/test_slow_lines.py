"""Lines that carry little or nothing: a backlog gets through in the end, whatever was tried before, and nobody waits for it."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature, Timeouts
from courier_check.sync.codes import SyncCode
from courier_check.sync.outgoing import in_flight
from courier_check.sync.sending import FEWEST_ENTRIES
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.certificates import GatewayDocument
from support.clerk import accept
from support.clocks import SetClock
from support.gateways import Practice
from support.ready import staffed
from support.stations import CHEAP, acceptance, append


class Carrying(GatewayClient):
    """The line to a gateway, over which longer batches are not answered in time."""

    def __init__(self, url: str, station: Station, clock: SetClock, most: int, silence: SyncCode) -> None:
        identity = station.enrolled()
        super().__init__(url, Signature(identity.certificate.subject, identity.keys.signing, clock))
        self.most, self.silence = most, silence
        self.sent: list[int] = []

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        self.sent.append(len(batch.entries))
        return super().send(batch) if len(batch.entries) <= self.most else NoAnswer(self.silence, "")


def run(station: Station, client: GatewayClient) -> Outcome:
    with closing(client):
        return Synchroniser(station.database, station.enrolled(), client, station.writer(), min).run()


@pytest.mark.parametrize("silence", [SyncCode.TIMED_OUT, SyncCode.CUT_OFF])
def test_a_batch_that_is_too_much_for_a_line_is_parted_until_it_gets_through(
    station: Station, practice: Practice, clock: SetClock, silence: SyncCode
) -> None:
    """A batch in flight comes again as it was only as long as the line can carry it: else nothing behind it would ever arrive."""
    for number in range(120):
        append(station, acceptance(f"SF{number:013}"))
    tries: list[list[int]] = []
    while inbox.standing(station.database).pending:
        line = Carrying(practice.url, station, clock, FEWEST_ENTRIES, silence)
        run(station, line)
        tries.append(line.sent)
        assert len(tries) < 12
    assert [each[0] for each in tries[:3]] == [128, 64, 32], "each run tries half of what was too much"
    assert in_flight(station.database) == ()
    with practice.gateway.database.read() as tx:
        assert [row.seq for row in tx.exec_driver_sql("SELECT seq FROM entries ORDER BY arrival")] == list(range(1, 130))


def test_one_silence_does_not_make_batches_small_for_ever(station: Station, practice: Practice, clock: SetClock) -> None:
    for number in range(150):
        append(station, acceptance(f"SF{number:013}"))
    run(station, Carrying(practice.url, station, clock, 0, SyncCode.CUT_OFF))
    line = Carrying(practice.url, station, clock, 512, SyncCode.CUT_OFF)
    assert run(station, line).status.state is SyncState.SYNCHRONISED
    assert line.sent[0] == 64, "half of what failed"
    assert sum(line.sent) == 159, "and everything in the same run"
    for number in range(150):
        append(station, acceptance(f"YT{number:013}"))
    again = Carrying(practice.url, station, clock, 512, SyncCode.CUT_OFF)
    run(station, again)
    assert again.sent[0] == 128, "a new line is tried with as much as ever"


def test_a_body_has_its_time_for_each_piece_and_not_as_a_whole(station: Station, clock: SetClock) -> None:
    """Over 128 kbit/s half a megabyte takes half a minute: longer than a connection may take to be made, and not wrong."""
    body = bytes(8_000_000)  # far more than what the system takes at once on loopback

    def taken(connection: socket.socket) -> None:
        held = bytearray()
        while b"\r\n\r\n" not in held or len(held) < len(body):
            held += connection.recv(160_000)
            threading.Event().wait(0.04)  # 4 MB/s
        connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    identity = station.enrolled()
    with answering(taken) as url:
        client = GatewayClient(url, Signature(identity.certificate.subject, identity.keys.signing, clock), Timeouts(0.4, 20.0, 20.0))
        with closing(client):
            said = client.send_evidence("ab" * 32, 0, body)
    assert isinstance(said, NoAnswer)
    assert said.code is SyncCode.BUSY


def test_a_transport_that_is_blocked_for_ever_holds_nobody_up(station: Station, clock: SetClock) -> None:
    """Accepting has nothing to do with the line: what a clerk waits for ends while a synchroniser never does."""
    clerk = staffed(station)
    released, asked = threading.Event(), threading.Event()

    class Blocked(GatewayClient):
        def _call(self, *_: object) -> NoAnswer:  # type: ignore[override]  # whatever is asked, it never comes back
            asked.set()
            released.wait()
            return NoAnswer(SyncCode.TIMED_OUT, "")

    def synchronise() -> Outcome:
        with Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP)) as beside:
            identity = beside.enrolled()
            blocked = Blocked("http://127.0.0.1:9", Signature(identity.certificate.subject, identity.keys.signing, clock))
            return run(beside, blocked)

    with ThreadPoolExecutor(1) as line:
        under_way = line.submit(synchronise)
        try:
            assert asked.wait(20)
            before = inbox.standing(station.database).pending
            for number in range(100, 105):  # as the window does it, one with a photo
                accept(station, clerk, "blocked", number)
            assert inbox.standing(station.database).pending == before + 5
            assert not under_way.done(), "it was blocked all the while"
        finally:
            released.set()
        assert under_way.result(20).status.code is SyncCode.TIMED_OUT


@contextmanager
def answering(answer: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that takes one connection."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                if context is None:
                    answer(connection)
                else:
                    with context.wrap_socket(connection, server_side=True) as inside:
                        answer(inside)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as worker:
        worker.submit(serve)
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """What a login page of a network has: a certificate that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal.example")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    kept = tmp_path / "portal.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    kept.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept)
    return context


def asked_over_tls(url: str) -> GatewayDocument | Refusal | NoAnswer:
    with closing(GatewayClient(url, None, Timeouts(2.0, 2.0, 2.0))) as client:
        return client.gateway_document()


def test_somebody_else_behind_the_address_is_named_as_such(own_certificate: ssl.SSLContext) -> None:
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), own_certificate) as url:
        said = asked_over_tls(url)
    assert isinstance(said, NoAnswer)
    assert said.code is SyncCode.OTHER_SERVER


def test_a_login_page_that_speaks_no_tls_at_all_is_too() -> None:
    def page(connection: socket.socket) -> None:
        connection.recv(4_096)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nContent-Length: 0\r\n\r\n")

    with answering(page) as url:
        said = asked_over_tls(url.replace("http:", "https:"))
    assert isinstance(said, NoAnswer)
    assert said.code is SyncCode.OTHER_SERVER


def test_a_line_that_ends_at_the_first_words_is_cut() -> None:
    with answering(lambda connection: connection.close()) as url:
        said = asked_over_tls(url.replace("http:", "https:"))
    assert isinstance(said, NoAnswer)
    assert said.code in (SyncCode.CUT_OFF, SyncCode.NO_CONNECTION)
