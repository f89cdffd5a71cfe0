from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from catalog.guides import actions
from catalog.guides.actions import Words
from catalog.guides.models import Guide, Revision
from portal.access.actors import ANONYMOUS, Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.catalog import ApiFactory
from tests.factories.guides import TEXT, guide, words
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


def test_what_readers_see_stays_until_it_is_published_anew():
    writer = staff(Role.CATALOG)
    made = guide(by=writer)

    second = actions.revise_guide(made, words("Track it"), by=writer, based_on=1)
    made.refresh_from_db()
    assert made.shown.number == 1
    actions.publish_guide(made, by=writer)

    made.refresh_from_db()
    assert made.shown == second
    assert second.written_by_id == writer.person_id
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [f"catalog.guide.{kind}" for kind in ("written", "published") * 2]


def test_what_was_written_stays_and_may_be_taken_again():
    writer = staff(Role.CATALOG)
    made = guide(by=writer)
    actions.revise_guide(made, words(text="All wrong."), by=writer, based_on=1)

    again = actions.restore_revision(made.revisions.get(number=1), by=writer)

    assert (again.number, again.restored_from, again.text) == (3, 1, TEXT)
    assert list(made.revisions.order_by("number").values_list("text", flat=True)) == [
        TEXT, "All wrong.", TEXT,
    ]  # fmt: skip
    for change in (Revision.objects.filter(pk=again.pk).delete, lambda: _change(again)):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            change()


def _change(revision):
    Revision.objects.filter(pk=revision.pk).update(text="Never said.")


def test_of_two_who_write_at_once_the_second_is_told():
    made = guide()
    one, other = staff(Role.CATALOG), staff(Role.ADMIN)
    actions.revise_guide(made, words("One"), by=one, based_on=1)

    with pytest.raises(Conflict) as refusal:
        actions.revise_guide(made, words("Other"), by=other, based_on=1)

    assert refusal.value.code == "guide_changed"
    assert made.newest.title == "One"


def test_the_same_words_again_leave_no_trace():
    writer = staff(Role.CATALOG)
    made = guide(by=writer)

    actions.revise_guide(made, words(), by=writer, based_on=1)
    actions.publish_guide(made, by=writer)

    assert made.revisions.count() == 1
    assert Event.objects.filter(kind="catalog.guide.published").count() == 1


def test_a_guide_is_markdown_and_holds_no_html():
    writer = staff(Role.CATALOG)
    for text, line in (("Fine.\n\n<script>alert(1)</script>", 3), ("A <b>bold</b> claim", 1)):
        with pytest.raises(Refused) as refusal:
            guide(by=writer, text=text)
        assert refusal.value.errors["text"][0].startswith(f"Line {line} is HTML")
    kept = guide(by=writer, text="Use `<b>` and <https://meridian.example>, if a < b.")
    assert kept.shown.text.startswith("Use `<b>`")


def test_a_title_that_is_taken_gets_an_address_of_its_own():
    assert [guide(title=title).slug for title in ("Index", "Pay", "Pay", "…")] == [
        "index-2", "pay", "pay-2", "guide",
    ]  # fmt: skip


def test_readers_see_what_is_published_and_about_an_api_that_they_see():
    shown, hidden = ApiFactory(published=True), ApiFactory()
    seen = guide(shown)
    guide(shown, published=False)
    secret = guide(hidden)
    everywhere = guide()

    assert set(Guide.objects.visible_to(ANONYMOUS)) == {seen, everywhere}
    assert secret in Guide.objects.visible_to(staff(Role.CATALOG))
    actions.withdraw_guide(seen, by=staff(Role.CATALOG))
    assert set(Guide.objects.visible_to(ANONYMOUS)) == {everywhere}


def test_only_who_keeps_the_catalog_writes_and_publishes():
    made = guide()
    reviewer = staff(Role.REVIEWER)
    for act in (
        lambda: actions.write_guide(Words("A", "B", "C"), by=reviewer, kind="guide", api=None),
        lambda: actions.revise_guide(made, words("No"), by=reviewer, based_on=1),
        lambda: actions.restore_revision(made.newest, by=reviewer),
        lambda: actions.publish_guide(made, by=reviewer),
        lambda: actions.withdraw_guide(made, by=reviewer),
    ):
        with pytest.raises(NotAllowed):
            act()
