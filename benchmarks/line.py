"""A line between a station and a gateway on this machine, as long and as narrow as asked for, in a process of its own.

    python -m benchmarks.line PORT RTT_MS BITS_A_SECOND      prints the port it listens on; 0 bits: as wide as it gets

Every piece arrives half a round trip after it was sent and no sooner than the bits before it; a connection costs one round trip more, as
TCP's does. It is no model of congestion or loss.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from benchmarks.bench import ROOT

_PIECE = 16_384


@dataclass(slots=True)
class Line:
    """`up`, `down`: bytes that went each way, for the report on standard output when the line ends."""

    port: int
    rtt_s: float
    bits: float
    up: int = 0
    down: int = 0
    free_at: dict[str, float] = field(default_factory=lambda: {"up": 0.0, "down": 0.0})

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.rtt_s)
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self._carry(reader, back, "up"), self._carry(there, writer, "down"), return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        """Pieces in order, each at its time; reading goes on meanwhile, so that a long line holds many pieces."""
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]](4096)

        async def deliver() -> None:
            while True:
                at, piece = await queue.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            with contextlib.suppress(OSError):
                writer.close()

        delivering = asyncio.create_task(deliver())
        try:
            while piece := await reader.read(_PIECE):
                setattr(self, way, getattr(self, way) + len(piece))
                sent = max(loop.time(), self.free_at[way]) + (len(piece) * 8 / self.bits if self.bits else 0.0)
                self.free_at[way] = sent
                await queue.put((sent + self.rtt_s / 2, piece))
                if self.bits:
                    await asyncio.sleep(max(0.0, sent - loop.time() - 0.1))  # a sender is held up once the line is full
        finally:
            await queue.put((loop.time() + self.rtt_s / 2, b""))
            await delivering


@contextlib.contextmanager
def line(url: str, rtt_ms: int, bits_a_second: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A line to this address; yields the address of its near end, and the process, whose `wire_bytes` tell what went through."""
    command = [sys.executable, "-m", "benchmarks.line", str(urlsplit(url).port), str(rtt_ms), str(bits_a_second)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None  # noqa: S101 - asked for in the line before
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
        finally:
            process.kill()


def wire_bytes(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Bytes that went through a line so far: to the gateway, and back."""
    assert process.stdin is not None  # noqa: S101 - as above
    assert process.stdout is not None  # noqa: S101 - as above
    process.stdin.write(b"\n")
    process.stdin.flush()
    told = msgspec.json.decode(process.stdout.readline())
    return int(told["up"]), int(told["down"])


async def _serve(port: int, rtt_ms: int, bits: int) -> None:
    held = Line(port, rtt_ms / 1000, bits)
    server = await asyncio.start_server(held.connect, "127.0.0.1", 0, limit=_PIECE)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(msgspec.json.encode({"up": held.up, "down": held.down}).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(*map(int, sys.argv[1:4])))
