from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from portal.audit import chain

leaves = st.lists(st.binary(min_size=32, max_size=32), max_size=40)
entries = st.lists(
    st.tuples(st.integers(1, 2**62), st.binary(min_size=32, max_size=32)), max_size=20
)


def by_halves(level: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if not level:
        return hashlib.sha256(b"").digest()
    if len(level) == 1:
        return level[0]
    half = 1
    while half * 2 < len(level):
        half *= 2
    return hashlib.sha256(b"\x01" + by_halves(level[:half]) + by_halves(level[half:])).digest()


@given(leaves)
def test_the_root_is_that_of_the_standard(level):
    assert chain.merkle_root(level) == by_halves(level)


@given(entries)
def test_what_is_packed_comes_back(batch):
    assert chain.unpack(chain.pack(batch)) == batch


@given(entries.filter(bool), st.data())
def test_any_other_batch_has_another_root(batch, data):
    other = data.draw(entries.filter(lambda drawn: drawn != batch))

    assert chain.link(chain.BEGINNING, batch) != chain.link(chain.BEGINNING, other)
    assert chain.link("1" * 64, batch) != chain.link(chain.BEGINNING, batch)


def test_a_leaf_does_not_depend_on_the_order_of_its_columns():
    assert chain.leaf_of({"a": 1, "b": "é"}) == chain.leaf_of({"b": "é", "a": 1})
    assert chain.leaf_of({"a": 1}) != chain.leaf_of({"a": "1"})
