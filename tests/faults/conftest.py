"""Two gateways that tests of one module share, with the same name and other keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.clocks import SetClock
from support.gateways import Practice, practice_gateway


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice_gateway(tmp_path_factory.mktemp("served") / "gateway", SetClock()) as running:
        yield running


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """Another gateway, with the same name and other keys: what tells them apart can't be what anyone may choose."""
    with practice_gateway(tmp_path_factory.mktemp("elsewhere") / "gateway", SetClock()) as running:
        yield running
