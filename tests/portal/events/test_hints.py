from __future__ import annotations

import json

from celery import current_app

from portal.events.hints import hint


def test_a_hint_from_any_process_reaches_our_own_broker():
    with current_app.connection_for_read() as connection:
        connection.default_channel.client.delete("celery")

        hint("portal.events.tasks.deliver_events")

        waiting = connection.default_channel.client.lrange("celery", 0, -1)
    assert [json.loads(one)["headers"]["task"] for one in waiting] == [
        "portal.events.tasks.deliver_events"
    ]


def test_a_missing_broker_fails_nothing(monkeypatch, caplog):
    def away(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", away)

    hint("portal.events.tasks.deliver_events")

    assert "broker_away" in caplog.text
