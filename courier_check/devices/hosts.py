"""Devices on the network: a connection to one by its name or number. Every wait ends, that for its name too."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

LookUp = Callable[[str, int], list[tuple[Any, ...]]]
"""The addresses of a name, as socket.getaddrinfo gives them. Raises OSError, UnicodeError."""


def _addresses(host: str, port: int) -> list[tuple[Any, ...]]:
    return [*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def reached(host: str, port: int, within_s: float, look_up: LookUp = _addresses) -> socket.socket:
    """A connection to the first of the host's addresses that answers; finding them and trying them take no longer than this together.
    Raises OSError, UnicodeError."""
    until = time.monotonic() + within_s
    failed: OSError = TimeoutError(host)
    found = _looked_up(host, port, within_s, look_up)
    for untried, (family, kind, protocol, _, address) in zip(range(len(found), 0, -1), found, strict=True):
        left = until - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left / untried)  # one that swallows everything leaves the others their time
            connection.connect(address)
        except OSError as error:
            failed = error
            connection.close()
        else:
            return connection
    raise failed


def _looked_up(host: str, port: int, within_s: float, look_up: LookUp) -> list[tuple[Any, ...]]:
    """In a thread of its own: the system's look-up has no end that could be set, and can't be broken off. One that hangs is left behind
    and ends when the system gives up; it holds up no exit."""
    answers: SimpleQueue[list[tuple[Any, ...]] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name="host-name", daemon=True).start()
    try:
        answer = answers.get(timeout=within_s)
    except Empty:
        raise TimeoutError(host) from None
    if isinstance(answer, Exception):
        raise answer
    return answer
