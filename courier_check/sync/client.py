"""Talking to a gateway: every call returns an answer of a known kind, never an exception to interpret."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from io import BytesIO
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions

from courier_check import typed
from courier_check.clock import Clock
from courier_check.errors import UserError
from courier_check.journal.keys import SigningKey
from courier_check.sync.codes import SyncCode
from courier_check.sync.packing import is_slow, packing
from courier_check.wire.batches import Answer, Batch, HeadRequest, HeldEntry, ReturnedItems
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.enrolment import EnrolmentAnswer, EnrolmentRequest
from courier_check.wire.evidence import EvidencePart, EvidenceRequest
from courier_check.wire.problems import MEDIA_TYPE, Problem
from courier_check.wire.requests import Call, authorization
from courier_check.wire.signed import VERSION, Signed

LARGEST_ANSWER = 16 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NOT_USABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.MissingSchema,
)
"""What is raised where the address, or the proxy of these surroundings, is none that can be spoken to."""
_WHO_MAY = re.compile(r"\S*@")
"""Who may use an address, and with what password: all that is written before the @."""
_LOGIN_WANTED = 511
"""Network Authentication Required (RFC 6585 §6): the answer of a captive portal."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a gateway is waited for, in seconds: to connect, for the next bytes, for an answer as a whole."""

    connect_s: float = 5.0
    read_s: float = 30.0
    whole_answer_s: float = 60.0


PATIENT = Timeouts()


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing usable came back: what was to be sent stays and is sent again. `retry_after_s`: what the gateway asked for."""

    code: SyncCode
    detail: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gateway said why it did not do it."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class _Body:
    """What a request signs, and what goes over the line for it."""

    plain: bytes = field(repr=False)
    sent: bytes = field(repr=False)
    headers: Mapping[str, str]


_NOTHING = _Body(b"", b"", {})


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs the requests of an enrolled station."""

    station_id: str
    key: SigningKey
    clock: Clock


def usable_url(url: str) -> str:
    """A gateway's base URL; plain http only to this very machine. Raises UserError, for one with user and password in it as well: those
    would stand where the station's signature stands, and the address is shown and journaled."""
    if "@" in url:
        raise UserError(SyncCode.URL_WITH_PASSWORD)
    try:
        parts = urlsplit(url)
        _ = parts.port  # out of range, or no number
    except ValueError as error:
        raise UserError(SyncCode.URL_NOT_USABLE, url=url) from error
    local = parts.hostname in LOOPBACK
    spoken = parts.scheme == "https" or (parts.scheme == "http" and local)
    plain = url.isprintable() and " " not in url and not parts.query and not parts.fragment  # paths are put behind it
    if not parts.hostname or not spoken or not plain:
        raise UserError(SyncCode.URL_NOT_USABLE, url=url)
    return url.rstrip("/")


def _at_once() -> None:
    pass


class GatewayClient:
    """HTTP with a gateway, for any number of threads at once; `signature` is None before enrolment. `give_way` is called before each piece
    of work that takes the interpreter for a while, and may wait a little (`Database.give_way`)."""

    def __init__(
        self, url: str, signature: Signature | None, timeouts: Timeouts = PATIENT, give_way: Callable[[], None] = _at_once
    ) -> None:
        self._url = usable_url(url)
        self._signature = signature
        self._timeouts = timeouts
        self._give_way = give_way
        self._accepted: str | None = None
        self._slow: bool | None = None
        self._packing_ahead = Lock()
        self._ahead: tuple[Batch, _Body] | None = None
        self._idle: list[requests.Session] = []  # one for each call under way at once: sessions are not made for several threads

    def close(self) -> None:
        while (session := self._taken()) is not None:
            session.close()

    @property
    def line_is_slow(self) -> bool | None:
        """As the last batch that was answered and large enough has told; None if none has, or something failed since."""
        return self._slow

    def enrol(self, request: EnrolmentRequest) -> EnrolmentAnswer | Refusal | NoAnswer:
        return self._call("POST", "/v1/enrolments", EnrolmentAnswer, self._packed(request))

    def pack_ahead(self, batch: Batch) -> None:
        """Pack the batch that is sent next while those before it are on the line, which would else wait for it."""
        with self._packing_ahead:
            self._ahead = (batch, self._packed(batch))

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        with self._packing_ahead:
            ahead, self._ahead = self._ahead, None
        body = ahead[1] if ahead is not None and ahead[0] is batch else self._packed(batch)
        self._give_way()  # here and not while the line is timed
        began = time.monotonic()
        said = self._call("POST", f"/v1/journals/{batch.journal_id}/batches", Answer, body)
        if not isinstance(said, NoAnswer):
            told = is_slow(len(body.sent), time.monotonic() - began)
            self._slow = self._slow if told is None else told
        return said

    def gateway_document(self) -> GatewayDocument | Refusal | NoAnswer:
        return self._call("GET", "/v1/gateway", GatewayDocument)

    def head(self, journal_id: str) -> Signed | Refusal | NoAnswer:
        return self._call("GET", f"/v1/journals/{journal_id}/head", Signed)

    def confirm_head(self, journal_id: str, asked: HeadRequest) -> Signed | Refusal | NoAnswer:
        return self._call("POST", f"/v1/journals/{journal_id}/head", Signed, self._packed(asked))

    def entry(self, journal_id: str, seq: int) -> HeldEntry | Refusal | NoAnswer:
        return self._call("GET", f"/v1/journals/{journal_id}/entries/{seq}", HeldEntry)

    def returned(self, station_id: str, after: int) -> ReturnedItems | Refusal | NoAnswer:
        return self._call("GET", f"/v1/stations/{station_id}/returned?after={after}", ReturnedItems)

    def evidence(self, asked: EvidenceRequest) -> Signed | Refusal | NoAnswer:
        return self._call("POST", "/v1/evidence", Signed, self._packed(asked))

    def send_evidence(self, sealed_sha256: str, offset: int, chunk: bytes) -> EvidencePart | Refusal | NoAnswer:
        return self._call(
            "PUT",
            f"/v1/evidence/{sealed_sha256}?offset={offset}",
            EvidencePart,
            _Body(chunk, chunk, {"Content-Type": "application/octet-stream"}),
        )  # sealed: there is nothing in it to pack

    def _packed(self, document: msgspec.Struct) -> _Body:
        self._give_way()
        plain = msgspec.json.encode(document)
        way = packing(len(plain), self._slow, self._accepted)
        return _Body(plain, way.packed(plain), {"Content-Type": "application/json", "Content-Encoding": way.coding})

    def _call(self, method: str, path: str, into: type[T], body: _Body = _NOTHING) -> T | Refusal | NoAnswer:
        said = self._asked(method, path, into, body)
        if isinstance(said, NoAnswer):  # nothing is known of the gateway then: it may be one of before, that was put back
            self._accepted = self._slow = None
        return said

    def _asked(self, method: str, path: str, into: type[T], body: _Body) -> T | Refusal | NoAnswer:
        # Whatever happens to a POST on the way, four things may be true: it never arrived; it arrived and was refused; it was stored and
        # the answer lost; it was stored and answered. Only the last is taken as done, after the answer verified. The others leave the
        # entries pending, and the same batch is sent again: the gateway answers it the same, because it compares entries by hash.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **body.headers}
        if self._signature is not None:
            who = self._signature
            call = Call(method, path, body.plain)
            headers["Authorization"] = authorization(call, who.station_id, who.clock.read().wall_ms, who.key)
        try:
            with (
                self._lent() as session,
                session.request(
                    method,
                    self._url + path,
                    data=BytesIO(body.sent) if body.sent else None,  # in pieces: each has its time, not the whole
                    headers=headers,
                    timeout=(self._timeouts.connect_s, self._timeouts.read_s),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                self._accepted = response.headers.get("Accept-Encoding")
                return _understood(response, _content(response, time.monotonic, self._timeouts.whole_answer_s), into)
        except requests.Timeout as error:
            return NoAnswer(SyncCode.TIMED_OUT, type(error).__name__)
        except requests.exceptions.ChunkedEncodingError as error:
            return NoAnswer(SyncCode.CUT_OFF, type(error).__name__)
        except requests.exceptions.SSLError as error:
            # A line that ended while the two agreed on a cipher is cut; everything else says that somebody else speaks there.
            return NoAnswer(SyncCode.CUT_OFF if "EOF" in str(error) else SyncCode.OTHER_SERVER, type(error).__name__)
        except requests.ConnectionError as error:
            if any(isinstance(cause, urllib3.exceptions.ReadTimeoutError) for cause in error.args):  # requests wraps one met in the body
                return NoAnswer(SyncCode.TIMED_OUT, type(error).__name__)
            cut = "aborted" in str(error) or "reset" in str(error)
            return NoAnswer(SyncCode.CUT_OFF if cut else SyncCode.NO_CONNECTION, type(error).__name__)
        except (*_NOT_USABLE, urllib3.exceptions.HTTPError) as error:
            return NoAnswer(SyncCode.SET_UP_WRONG, _told(error))
        except requests.RequestException as error:
            return NoAnswer(SyncCode.NOT_UNDERSTOOD, type(error).__name__)
        except OSError as error:  # a file of authorities that is not there; what requests raises is an OSError too, and was met above
            return NoAnswer(SyncCode.SET_UP_WRONG, _told(error))

    @contextmanager
    def _lent(self) -> Iterator[requests.Session]:
        """A session for one call. Raises InvalidProxyURL."""
        session = self._taken() or _session(self._url)
        try:
            yield session
        finally:
            self._idle.append(session)

    def _taken(self) -> requests.Session | None:
        """A session that no other thread has; None if there is none."""
        try:
            return self._idle.pop()  # looking first whether there is one would tell nothing: another thread may be quicker
        except IndexError:
            return None


def _session(url: str) -> requests.Session:
    """A session that goes through the proxy of these surroundings and trusts the authorities they name, both asked for once and not with
    every request. What they hold of passwords (~/.netrc) is not for here: it would stand where the station's signature stands.
    Raises InvalidProxyURL."""
    session = requests.Session()
    session.trust_env = False
    if urlsplit(url).hostname not in LOOPBACK:  # what is said in plain HTTP never leaves this machine
        session.proxies.update(requests.utils.get_environ_proxies(url))
        proxy = requests.utils.select_proxy(url, session.proxies)
        if proxy:
            _check_proxy(proxy)
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    return session


def _check_proxy(proxy: str) -> None:
    """Do once what is done with a proxy's address before every request, because what is raised there is of many kinds (TypeError where
    it names no host, UnicodeError for a password in Chinese) and repeats the address with its password. Raises InvalidProxyURL."""
    try:
        address = requests.utils.prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]  # the stubs leave it out
        usable = bool(urlsplit(address).hostname)
        if usable:
            requests.adapters.HTTPAdapter().proxy_manager_for(address)
    except (TypeError, ValueError, urllib3.exceptions.HTTPError):  # those of requests are ValueErrors as well
        usable = False
    if not usable:  # said here, where what was raised is gone: that may hold the password
        raise requests.exceptions.InvalidProxyURL(f"proxy not usable{_host_of(proxy)}")


def _host_of(proxy: str) -> str:
    """Which one it is, where that can be told from a password for certain."""
    try:
        parts = urlsplit(proxy)
        certain = parts.hostname and (parts.port or True) and "@" not in parts.path + parts.query + parts.fragment
    except ValueError:
        return ""
    return f": {parts.hostname}"[:300] if certain else ""


def _told(error: Exception) -> str:
    """What the libraries say is wrong, without the password that an address may hold."""
    return _WHO_MAY.sub("", str(error))[:300]


def _content(response: requests.Response, monotonic: Callable[[], float], longest_s: float) -> bytes | None:
    """The whole body, or None where it is too large or dribbles in for too long."""
    deadline, held = monotonic() + longest_s, bytearray()
    for chunk in response.iter_content(65_536):
        held += chunk
        if len(held) > LARGEST_ANSWER or monotonic() > deadline:
            return None
    return bytes(held)


def _understood(response: requests.Response, content: bytes | None, into: type[T]) -> T | Refusal | NoAnswer:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content is None:
        return NoAnswer(SyncCode.NOT_UNDERSTOOD, "answer too large or too slow")
    busy_or_failed = response.status_code == 429 or (response.status_code >= 500 and response.status_code != _LOGIN_WANTED)
    web_page = media_type in ("text/html", "application/xhtml+xml") or 300 <= response.status_code < 400
    if response.status_code == _LOGIN_WANTED or (web_page and not busy_or_failed):  # a proxy tells of a gateway that is down by a page, too
        return NoAnswer(SyncCode.WEB_PAGE, f"HTTP {response.status_code}")
    if response.status_code in (429, 503):
        return NoAnswer(SyncCode.BUSY, f"HTTP {response.status_code}", _retry_after(response))
    if response.status_code >= 500:
        return NoAnswer(SyncCode.FAILED, f"HTTP {response.status_code}", _retry_after(response))
    try:
        if response.status_code == 200:
            document = typed.decode(content, into)
            return document if getattr(document, "v", VERSION) == VERSION else NoAnswer(SyncCode.NOT_UNDERSTOOD, "another version")
        if media_type == MEDIA_TYPE:
            return Refusal(typed.decode(content, Problem))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return NoAnswer(SyncCode.NOT_UNDERSTOOD, type(error).__name__)
    return NoAnswer(SyncCode.NOT_UNDERSTOOD, f"HTTP {response.status_code} {media_type}")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds a gateway asks to wait, given as seconds or as a date; None if absent or odd."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        there = parsedate_to_datetime(response.headers["Date"])
        return max(0.0, (parsedate_to_datetime(text) - there).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
