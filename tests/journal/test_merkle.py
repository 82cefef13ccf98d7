"""The tree over a batch."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal import merkle

LEAVES = [hashlib.sha256(bytes([i])).digest() for i in range(64)]


def test_every_path_leads_to_the_root():
    for size in range(1, 65):
        root = merkle.root(LEAVES[:size])
        for index in range(size):
            siblings = merkle.path(LEAVES[:size], index)
            assert merkle.root_from_path(LEAVES[index], index, size, siblings) == root, (size, index)
            assert len(siblings) <= (size - 1).bit_length(), (size, index)


@given(st.integers(1, 64), st.data())
def test_a_path_with_anything_changed_does_not_lead_to_the_root(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, siblings = merkle.root(LEAVES[:size]), list(merkle.path(LEAVES[:size], index))
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else None
    if other is not None:
        assert merkle.root_from_path(LEAVES[index], other, size, siblings) != root
        assert merkle.root_from_path(LEAVES[other], index, size, siblings) != root
        at = data.draw(st.integers(0, len(siblings) - 1))
        bit = data.draw(st.integers(0, 255))
        wrong = bytearray(siblings[at])
        wrong[bit // 8] ^= 1 << bit % 8
        assert merkle.root_from_path(LEAVES[index], index, size, [*siblings[:at], bytes(wrong), *siblings[at + 1 :]]) != root
        assert merkle.root_from_path(LEAVES[index], index, size, siblings[:-1]) != root
    assert merkle.root_from_path(LEAVES[index], index, size, [*siblings, LEAVES[0]]) is None


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_place_outside_the_tree_has_no_root(index, size):
    assert merkle.root_from_path(LEAVES[0], index, size, []) is None


def test_an_inner_node_never_passes_for_an_entry():
    """Leaves and nodes have different first bytes, so a tree of two is not a tree of one."""
    left, right = (merkle.leaf_hash(each) for each in LEAVES[:2])
    assert merkle.root([left + right]) != merkle.root(LEAVES[:2])


def test_no_tree_has_no_leaves():
    with pytest.raises(ValueError, match="at least one"):
        merkle.root([])
    with pytest.raises(IndexError):
        merkle.path(LEAVES[:3], 3)
