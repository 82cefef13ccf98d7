"""Processes of the window that people's documents pass through."""

from __future__ import annotations

import sys

import pytest

from courier_check.devices.children import Child
from support.children import tell_core_limit


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is POSIX")
def test_no_child_leaves_a_core_file() -> None:
    """A child that crashes holds pictures of documents: none of them may end in a file."""
    child = Child.started(tell_core_limit, name="core-limit")
    try:
        assert child.connection.poll(30)
        assert child.connection.recv() == (0, 0)
    finally:
        child.end()
