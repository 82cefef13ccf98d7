"""What stands beside a window in tests that need neither a practice folder nor a gateway."""

from __future__ import annotations

import socket
from pathlib import Path


class NobodyBeside:
    """A station of its own: no practice folder is made, no gateway served."""

    def prepare(self, folder: Path) -> str:
        raise AssertionError(folder)

    def serve(self, folder: Path) -> str:
        raise AssertionError(folder)

    def close(self) -> None:
        pass


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
