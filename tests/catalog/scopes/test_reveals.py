"""How a field may be seen is spelled in one way, read strictly, and compared for what it tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scopes.reveals import (
    Reveal,
    RevealInvalid,
    Transform,
    common,
    is_transform,
    read_reveal,
    reveal,
    widest,
)

TRANSFORMS = [
    "", "masked", "masked=4", "bucketed=0,1,4", "bucketed=-5,0.5", "bucketed=month",
    "bucketed=year", "pairwise=rx", "aggregate=5", "aggregate=20",
]  # fmt: skip


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_what_was_written_is_read_again(transform):
    written = str(reveal("/items/*/left", transform))

    assert written == f"/items/*/left;{transform}".removesuffix(";")
    assert read_reveal(written) == reveal("/items/*/left", transform)


@given(st.text(max_size=20), st.sampled_from(TRANSFORMS))
def test_any_name_fits_a_header(name, transform):
    written = str(reveal(f"/{name}", transform))

    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    assert read_reveal(written) == reveal(f"/{name}", transform)


@pytest.mark.parametrize(
    "transform",
    [
        "hidden", "masked=0", "masked=9", "masked=x", "raw=1", "bucketed", "bucketed=",
        "bucketed=a",
        "bucketed=4,1", "bucketed=1,1", "bucketed=day", "pairwise", "pairwise=RX", "pairwise=a;b",
        "aggregate", "aggregate=4", "aggregate=0", "aggregate=-5", "masked=٤", "unreadable",
    ],
)  # fmt: skip
def test_what_is_no_transform_is_refused(transform):
    assert not is_transform(transform)
    with pytest.raises(RevealInvalid):
        reveal("/x", transform)


def test_of_two_that_were_agreed_to_the_one_that_tells_more_counts():
    both = ["/left;bucketed=0,1,4", "/left", "/name;masked", "/name;pairwise=rx", "/odd;nothing"]

    assert widest(both) == ["/left", "/name;masked"]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("/a", "/a", ["/a"]),
        ("/a", "/a;masked=4", ["/a;masked=4"]),
        ("/a;bucketed=year", "/a", ["/a;bucketed=year"]),
        ("/a;masked=4", "/a;masked=2", ["/a;masked=2"]),
        ("/a;masked", "/a;masked=2", ["/a;masked"]),
        ("/a;masked=4", "/a;bucketed=year", []),
        ("/a;bucketed=0,1", "/a;bucketed=0,2", []),
        ("/a", "/b", []),
        ("/a", "/a;nothing", []),
    ],
)
def test_what_two_agreements_share_is_never_more_than_either(one, other, both):
    assert common([one], [other]) == both
    assert common([other], [one]) == both


def test_a_pointer_alone_is_the_value_as_it_is():
    assert read_reveal("/a") == Reveal("/a", Transform.RAW)
