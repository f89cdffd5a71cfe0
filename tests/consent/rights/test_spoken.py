"""The pages of rights and their mails, in the language of who reads them."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.conf import settings
from django.utils import translation
from pypdf import PdfReader

from catalog.scopes.models import DataCluster
from consent.arrangements.models import ALL_DATA
from consent.rights import actions, closing, copying, recipients, restricting
from consent.rights.forms import PauseForm
from consent.rights.models import DataRequest, Hold, Task
from consent.rights.wording import OFFERS
from portal.accounts.models import User
from portal.events.log import deliver_due
from portal.notifications.models import Message
from tests.factories.catalog import DataClusterFactory
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
PAGES = ("", *(f"new/{kind}/" for kind in OFFERS if kind != "erasure"), "close/")


@pytest.fixture
def as_leila(client, leila):
    sign_in(client, leila.by)
    return client


def speaks(leila, language: str) -> None:
    User.objects.filter(pk=leila.user.pk).update(locale=language)
    leila.user.refresh_from_db()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")
def test_every_page_of_rights_is_in_arabic_from_right_to_left(as_leila, leila, path):
    speaks(leila, "ar")

    page = as_leila.get(f"/me/rights/{path}").text

    assert '<html lang="ar" dir="rtl"' in page
    with translation.override("ar"):
        assert translation.gettext("Your rights") in page
    assert "Your rights" not in page


def test_what_was_asked_is_told_in_the_language_of_the_reader(as_leila, leila):
    request = actions.ask(leila.user, by=leila.by, kind="complaint", words="Non.")
    speaks(leila, "fr")

    page = as_leila.get(request.get_absolute_url()).text

    assert "Une plainte" in page
    assert "Vous avez demandé" in page
    assert "A complaint" not in page


def test_a_refusal_is_in_the_language_of_the_page(as_leila, leila):
    copying.ask_for_copy(leila.user, by=leila.by, kind=DataRequest.Kind.ACCESS)
    speaks(leila, "fr")

    page = as_leila.post("/me/rights/new/access/", follow=True).text

    assert "Vous l’avez déjà demandé." in page


def test_a_form_names_kinds_of_data_in_the_reader_s_words(as_leila, leila):
    cluster = DataCluster.objects.filter(superseded_at=None).first()
    assert cluster is not None
    words = {"label": "Coordonnées", "summary": "Où vous joindre.", "permissions": ["Téléphone"]}
    DataCluster.objects.filter(pk=cluster.pk).update(
        translations={"fr": words}, permissions=["Phone"]
    )
    speaks(leila, "fr")

    page = as_leila.get("/me/rights/new/restriction/").text

    assert "Coordonnées" in page
    assert "Où vous joindre." in page
    assert f"<b>{cluster.label}</b>" not in page


@pytest.mark.parametrize(
    ("language", "subject", "kind"),
    [("fr", "Nous avons votre demande", "Une plainte"), ("ar", "وصلنا طلبك", "شكوى")],
    ids=["french", "arabic"],
)
def test_a_mail_is_in_the_language_of_the_person(leila, language, subject, kind):
    speaks(leila, language)
    actions.ask(leila.user, by=leila.by, kind="complaint", words="x")

    deliver_due()

    message = Message.objects.get(kind="rights/received", user=leila.user)
    assert message.subject.startswith(subject)
    assert kind in message.text
    assert kind in message.html
    assert f'lang="{language}"' in message.html


def test_who_never_chose_is_written_to_in_the_language_in_which_they_asked(as_leila, leila):
    as_leila.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    as_leila.post("/me/rights/new/complaint/", {"words": "Non."})

    leila.user.refresh_from_db()
    assert leila.user.language == "fr"


def test_the_certificate_is_in_the_language_of_who_leaves(leila):
    speaks(leila, "fr")
    closing.close_account(leila.user, by=leila.by)
    deliver_due()
    Message.objects.filter(user=leila.user).update(next_attempt_at=None)

    closing.erase_closed_accounts()

    message = Message.objects.get(kind="rights/erased")
    assert message.subject == "Votre compte est fermé et vos données sont effacées"
    assert "Priés d’effacer" in message.text


def test_a_copy_is_in_the_language_of_who_asked_for_it(leila):
    speaks(leila, "fr")
    copying.ask_for_copy(leila.user, by=leila.by, kind=DataRequest.Kind.ACCESS)
    copying.build_copies()

    token = copying.link_of(leila.user.data_requests.get().copy)
    archive = zipfile.ZipFile(io.BytesIO(copying.fetch_copy(token, by=leila.by)[1]))

    body = json.loads(archive.read("meridian-data.json"))
    assert body["kept_for"][0] == {"what": "Votre compte", "until": "Vous le fermez"}
    pdf = PdfReader(io.BytesIO(archive.read("meridian-data.pdf")))
    assert pdf.trailer["/Root"]["/Lang"] == "fr"
    assert "Combien de temps nous le gardons" in "".join(one.extract_text() for one in pdf.pages)


def test_staff_and_partners_read_english_whatever_language_they_chose(leila, mina, partner):
    User.objects.filter(pk__in=[mina.person_id, partner.person_id]).update(locale="fr")
    restricting.restrict(leila.customer, by=leila.by, cluster_codes=[ALL_DATA])
    task = Task.objects.filter(application=leila.first.client.application).get()
    recipients.tell(recipients.UNACKNOWLEDGED[Task.Action.RESTRICT], task, by=leila.by)

    deliver_due()

    late = Message.objects.get(kind="rights-staff/recipient_late", user_id=mina.person_id)
    assert late.subject.endswith("is silent")
    asked = Message.objects.filter(kind="rights-partner/asked", user_id=partner.person_id).get()
    assert "a customer used a right" in asked.text


def test_a_hold_is_explained_in_the_reader_s_language(as_leila, leila, mina):
    closing.place_hold(leila.user, by=mina, reason=Hold.Reason.CLAIM)
    speaks(leila, "fr")

    page = as_leila.get("/me/rights/close/").text

    assert "Une action en justice est en cours" in page


def test_what_apps_can_ask_for_is_named_in_the_reader_s_words(as_leila, leila):
    words = {"label": "Coordonnées", "summary": "Où vous joindre.", "permissions": ["Téléphone"]}
    DataCluster.objects.update(translations={"fr": words}, permissions=["Phone"])
    speaks(leila, "fr")

    page = as_leila.get("/me/data/").text

    assert '<span lang="fr">Coordonnées</span>' in page
    assert "Où vous joindre." in page


def test_kinds_of_data_stand_in_the_order_of_the_words_that_are_read(db):
    for code, english, french in (("a", "Apples", "Pommes"), ("z", "Zebras", "Âges")):
        words = {"label": french, "summary": "-", "permissions": ["-"]}
        DataClusterFactory(code=code, label=english, translations={"fr": words})

    with translation.override("fr"):
        choices = PauseForm().fields["cluster_codes"].choices
        assert [str(label) for code, label in choices if code in {"a", "z"}] == [
            "Âges",
            "Pommes",
        ]
