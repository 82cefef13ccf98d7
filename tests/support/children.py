"""Main functions of children, where a spawned process can import them."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection


def tell_core_limit(connection: Connection) -> None:
    """The most a core file of this process may hold, in bytes: now, and at most."""
    if sys.platform != "win32":
        import resource

        connection.send(resource.getrlimit(resource.RLIMIT_CORE))
