from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.changes import actions
from catalog.changes.comparisons import comparison_of
from catalog.changes.models import Comparison, Entry
from catalog.specs.actions import import_document, publish_version
from portal.access.actors import SYSTEM, Role
from portal.demo.clock import at
from portal.errors import Conflict, NotAllowed
from portal.events import log
from portal.events.models import Event
from tests.factories.changes import parcels, publish, put_in
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


def test_a_first_version_makes_an_entry_when_it_is_published():
    version = put_in(parcels())
    entry = Entry.objects.get()
    assert entry.status == Entry.Status.DRAFT

    publish(parcels())

    entry.refresh_from_db()
    assert entry.status == Entry.Status.PUBLISHED
    assert (entry.version, entry.comparison, entry.title) == (version, None, "v1 is published")


def test_a_new_version_is_compared_with_the_one_before_it():
    publish(parcels())

    publish(parcels("2.0.0", fields=("id",)))

    entry = Entry.objects.get(version__label="v2")
    assert entry.status == Entry.Status.PUBLISHED
    assert entry.comparison.breaking_count == 1
    assert entry.comparison.old.version.label == "v1"


def test_who_hears_of_import_and_publication_at_once_writes_one_entry():
    with at(timezone.now()):
        keeper = staff(Role.CATALOG)
        revision = import_document(parcels(), by=keeper, source="test")
        publish_version(revision.version, by=keeper)
        log.deliver_due()

    entry = Entry.objects.get()
    assert (entry.kind, entry.status) == (Entry.Kind.VERSION, Entry.Status.PUBLISHED)


def test_a_draft_version_that_is_read_again_keeps_one_entry_and_its_words():
    publish(parcels())
    put_in(parcels("2.0.0", fields=("id",)))
    draft = Entry.objects.get(version__label="v2")
    actions.edit_entry(draft, by=staff(Role.CATALOG), title="Smaller parcels", words="Less.")

    publish(parcels("2.0.0"))

    entry = Entry.objects.get(version__label="v2")
    assert (entry.pk, entry.title, entry.words) == (draft.pk, "Smaller parcels", "Less.")
    assert entry.comparison.breaking_count == 0


def test_what_breaks_callers_of_a_published_version_is_told_at_once():
    publish(parcels())

    put_in(parcels("1.1.0", fields=("id",)))

    entry = Entry.objects.get(kind=Entry.Kind.REVISION)
    assert entry.status == Entry.Status.PUBLISHED
    assert entry.title == "v1 changed: 1 breaking change"


def test_what_breaks_nobody_waits_for_better_words_and_is_published_in_time():
    publish(parcels())
    put_in(parcels("1.1.0", fields=("id", "place", "weight")))
    entry = Entry.objects.get(kind=Entry.Kind.REVISION)
    assert entry.status == Entry.Status.DRAFT
    assert actions.publish_due_entries() == 0

    Entry.objects.drafts().update(due_at=timezone.now() - timedelta(seconds=1))

    assert actions.publish_due_entries() == 1
    assert actions.publish_due_entries() == 0
    entry.refresh_from_db()
    assert entry.status == Entry.Status.PUBLISHED


def test_a_description_that_says_the_same_makes_no_entry():
    publish(parcels())

    put_in(parcels() + b"\n")

    assert Entry.objects.count() == 1


def test_hearing_of_an_import_twice_makes_one_entry():
    publish(parcels())
    put_in(parcels("1.1.0", fields=("id",)))
    revision = Entry.objects.get(kind=Entry.Kind.REVISION).revision

    assert actions.draft_entry(revision, by=SYSTEM) is None
    log.deliver_due()

    assert Entry.objects.count() == 2
    assert Event.objects.filter(kind="catalog.change.published").count() == 2


def test_what_is_published_is_fixed_for_everybody():
    publish(parcels())
    entry = Entry.objects.get()

    with pytest.raises(Conflict) as refusal:
        actions.edit_entry(entry, by=staff(Role.CATALOG), title="Other", words="")
    assert refusal.value.code == "entry_published"
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Entry.objects.update(title="Other")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Entry.objects.all().delete()


def test_an_entry_is_not_published_before_its_version():
    put_in(parcels())

    with pytest.raises(Conflict) as refusal:
        actions.publish_entry(Entry.objects.get(), by=staff(Role.CATALOG))

    assert refusal.value.code == "version_not_published"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PRIVACY, Role.SECURITY])
def test_only_who_keeps_the_catalog_edits_and_publishes(role):
    put_in(parcels())
    entry = Entry.objects.get()

    with pytest.raises(NotAllowed):
        actions.edit_entry(entry, by=staff(role), title="Other", words="")
    with pytest.raises(NotAllowed):
        actions.publish_entry(entry, by=staff(role))


def test_two_descriptions_are_compared_once():
    old = publish(parcels()).revisions.current().get()
    new = publish(parcels("2.0.0", fields=("id",))).revisions.current().get()

    assert comparison_of(old, new) == comparison_of(old, new)
    assert Comparison.objects.count() == 1
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Comparison.objects.update(is_cut=True)


def test_other_kinds_of_descriptions_are_not_compared():
    old = publish(parcels()).revisions.current().get()
    new = publish(parcels("2.0.0")).revisions.current().get()
    new.format = "asyncapi-3.0 yaml"

    assert comparison_of(new, old) is None
