"""Two tabs on one answer, the same request twice, and a process that dies while it saves."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest
from django.conf import settings
from django.db import connection

from partners.questionnaires import answering
from partners.questionnaires.answering import AnswerChanged
from partners.questionnaires.models import Answer, AnswerRevision
from portal.access.actors import Role
from tests.factories.people import member
from tests.factories.questionnaires import assigned, say
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
# Saves an answer and dies by SIGKILL right before the commit.
DIE = """
import os, signal, sys
import django
django.setup()
from django.db import connection, transaction
connection.settings_dict["NAME"] = sys.argv[1]
from partners.organizations.actors import actor_of
from partners.questionnaires import answering
from partners.questionnaires.models import Assignment
from portal.accounts.models import User
with transaction.atomic():
    assignment = Assignment.objects.get(pk=int(sys.argv[2]))
    by = actor_of(User.objects.get(pk=int(sys.argv[3])))
    answering.answer_question(
        assignment, by=by, key="security-owner", value="New", revision=4, request_key="request-5"
    )
    print("written", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_scenario_3_autosave_race():
    assignment = assigned()
    owner = member(assignment.organization, Role.OWNER)
    for text in ("one", "two", "three", "four"):
        say(assignment, owner, security_owner=text)
    answer = partial(answering.answer_question, assignment, by=owner, key="security-owner")

    # Two tabs saw revision 4.
    outcomes = at_once(
        partial(answer, value="left", revision=4, request_key="request-left"),
        partial(answer, value="right", revision=4, request_key="request-right"),
    )

    (kept,) = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, AnswerChanged)]
    assert (kept.revision, refused.answer.revision) == (5, 5)
    assert refused.answer.value == kept.value
    assert refused.answer.updated_by.name == owner.name

    # Nobody heard the answer, so the tab sends the request again, twice at the same moment.
    again = partial(answer, value=kept.value, revision=4, request_key=f"request-{kept.value}")
    repeated = at_once(again, again)
    assert [(one.revision, one.value) for one in repeated] == [(5, kept.value)] * 2
    assert AnswerRevision.objects.filter(assignment=assignment).count() == 5


def test_scenario_3_a_process_that_dies_while_it_saves_leaves_the_old_answer():
    assignment = assigned()
    owner = member(assignment.organization, Role.OWNER)
    for text in ("one", "two", "three", "four"):
        say(assignment, owner, security_owner=text)

    died = subprocess.run(
        [
            sys.executable,
            "-c",
            DIE,
            str(connection.settings_dict["NAME"]),
            str(assignment.pk),
            str(owner.person_id),
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "written" in died.stdout, died.stderr
    assert died.returncode < 0
    assert assignment.values() == {"security-owner": "four"}
    # The same request again, to a server that lives, is as if nothing had happened.
    kept = answering.answer_question(
        assignment,
        by=owner,
        key="security-owner",
        value="New",
        revision=4,
        request_key="request-5",
    )
    assert (kept.revision, assignment.values()["security-owner"]) == (5, "New")
