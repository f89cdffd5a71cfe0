from __future__ import annotations

import pytest

from catalog.specs.naming import api_slug, slug_of_file, slugify, version_label


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("1", "v1"),
        ("1.2.3", "v1"),
        ("v2", "v2"),
        ("V 1.0.0", "v1"),
        ("0.1", "v0"),
        ("2.5.x", "v2"),
        ("1.3.2.Final", "v1"),
        ("v1beta1", "v1beta1"),
        ("v1alpha", "v1alpha"),
        ("1.0.0-beta.2", "v1-beta2"),
        ("v1_beta.0.0", "v1-beta0"),
        ("2019-12-03", "v2019-12-03"),
        ("latest", "latest"),
        ("", "v1"),
        ("///", "v1"),
    ],
)
def test_a_version_is_named_by_what_breaks_its_callers(number, label):
    assert version_label(number) == label


@pytest.mark.parametrize(
    ("title", "host", "slug"),
    [
        ("Things", "api.kestrel.example", "kestrel-things"),
        ("Kestrel Things", "api.kestrel.example", "kestrel-things"),
        ("Things", "", "things"),
        ("Dinge für München", "", "dinge-fur-munchen"),
        ("東京", "", "api"),
    ],
)
def test_an_api_is_named_by_host_and_title(title, host, slug):
    assert api_slug(title=title, host=host) == slug


def test_a_file_may_name_the_api_and_its_versions_share_it():
    assert slug_of_file("kestrel.example__main__v1") == "kestrel-example"
    assert slug_of_file("kestrel.example__Events__send__v3") == "kestrel-example-events-send"
    assert slug_of_file("openapi") is None


def test_a_name_that_is_too_long_keeps_a_digest_of_what_was_cut():
    one, other = (slugify("a" * 90 + end, max_length=40) for end in "xy")

    assert one != other
    assert len(one) <= 40
