from __future__ import annotations

import logging
import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import timezone

from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.notifications import actions
from portal.notifications.models import Message
from tests.factories.people import UserFactory, staff


def news(user, key="1:1", **more):
    return actions.notify(
        user, key=key, template="tests/news", context={"thing": "A <thing>"}, link="/apps/", **more
    )


@pytest.mark.django_db
def test_a_message_is_written_once_for_each_key():
    user = UserFactory()

    assert news(user) == news(user)
    assert news(user, key="2:1") != news(user)
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_the_mail_has_both_twins_and_escapes_only_the_marked_up_one(settings):
    user = UserFactory(name="Amara Okafor")

    news(user)
    actions.send_due_messages()

    [sent] = mail.outbox
    assert sent.to == [user.email]
    assert sent.subject == "A <thing> changed"
    assert "Hello Amara, A <thing> changed." in sent.body
    assert f"{settings.ISSUER}/apps/" in sent.body
    assert "<h1>A &lt;thing&gt;</h1>" in sent.alternatives[0].content


@pytest.mark.django_db
def test_a_name_cannot_add_a_header_to_the_mail():
    actions.notify(
        UserFactory(), key="1", template="tests/news", context={"thing": "A\nBcc: x@example.org"}
    )
    # The first line ends the subject; what follows is body.
    actions.send_due_messages()

    [sent] = mail.outbox
    assert sent.subject == "A"
    assert sent.recipients() == sent.to


@pytest.mark.django_db
def test_a_template_without_a_subject_is_a_mistake():
    with pytest.raises(ValueError, match="no subject"):
        actions.notify(UserFactory(), key="1", template="tests/broken", context={})


@pytest.mark.django_db
def test_running_the_task_twice_mails_once():
    news(UserFactory())

    assert actions.send_due_messages() == 1
    assert actions.send_due_messages() == 0
    assert len(mail.outbox) == 1


class _SlowServer(EmailBackend):
    entered = threading.Event()
    leave = threading.Event()

    def send_messages(self, messages):
        self.entered.set()
        self.leave.wait(5)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_mail_once(monkeypatch):
    news(UserFactory())
    monkeypatch.setattr(actions, "get_connection", _SlowServer)
    results: list[int] = []

    def work():
        results.append(actions.send_due_messages())
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert _SlowServer.entered.wait(5)
    second = threading.Thread(target=work)
    second.start()
    second.join(5)
    _SlowServer.leave.set()
    first.join(5)

    assert sorted(results) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_of_a_change_that_was_rolled_back_is_never_mailed():
    with transaction.atomic():
        news(UserFactory())
        transaction.set_rollback(True)

    assert actions.send_due_messages() == 0


@pytest.mark.django_db
def test_a_refused_mail_waits_longer_each_time_and_is_then_parked(monkeypatch, caplog):
    class Refusing(EmailBackend):
        def send_messages(self, messages):
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such mailbox")})

    monkeypatch.setattr(actions, "get_connection", Refusing)
    message = news(UserFactory())
    waits = []

    with caplog.at_level(logging.WARNING):
        for _ in range(actions.MAX_ATTEMPTS):
            Message.objects.update(next_attempt_at=timezone.now())
            assert actions.send_due_messages() == 0
            message.refresh_from_db()
            waits.append(message.next_attempt_at - timezone.now())

    assert message.failed_at is not None
    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=20)
    assert message.address not in caplog.text
    Message.objects.update(next_attempt_at=timezone.now())
    assert actions.send_due_messages() == 0


@pytest.mark.django_db
def test_one_refused_mail_does_not_hold_up_the_others(monkeypatch):
    class Picky(EmailBackend):
        def send_messages(self, messages):
            if "first" in messages[0].to[0]:
                raise smtplib.SMTPDataError(554, b"no")
            return super().send_messages(messages)

    monkeypatch.setattr(actions, "get_connection", Picky)
    news(UserFactory(email="first@example.org"), key="1")
    news(UserFactory(email="second@example.org"), key="2")

    assert actions.send_due_messages() == 1


@pytest.mark.django_db
def test_a_parked_message_is_sent_again_by_staff_who_may():
    message = news(UserFactory())
    Message.objects.update(failed_at=timezone.now(), attempt_count=actions.MAX_ATTEMPTS)

    with pytest.raises(NotAllowed):
        actions.send_again(message, by=staff(Role.CATALOG))
    actions.send_again(message, by=staff(Role.SECURITY))

    assert actions.send_due_messages() == 1
    with pytest.raises(Conflict):
        actions.send_again(message, by=staff(Role.SECURITY))


@pytest.mark.django_db
@pytest.mark.parametrize(("is_demo", "kept"), [(False, ""), (True, "It is 123456.\n")])
def test_a_code_is_forgotten_once_it_is_sent_except_in_the_demo(settings, is_demo, kept):
    settings.DEMO = is_demo
    message = actions.notify(
        UserFactory(),
        key="1",
        template="accounts/tests_code",
        context={"code": "123456"},
        is_sensitive=True,
    )

    actions.send_due_messages()

    message.refresh_from_db()
    assert mail.outbox[0].body == "It is 123456.\n"
    assert message.text == kept


@pytest.mark.django_db
def test_who_prefers_no_mail_still_gets_what_concerns_the_account():
    user = UserFactory()
    actions.prefer_mail(user, wants_mail=False)

    news(user)
    actions.notify(user, key="2", template="accounts/tests_code", context={"code": "1"})
    actions.send_due_messages()

    assert [sent.subject for sent in mail.outbox] == ["Your code"]
    assert Message.objects.news_of(user).count() == 2
