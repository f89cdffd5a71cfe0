from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from partners.organizations.people import people_of
from partners.questionnaires.models import Assignment
from partners.questionnaires.sending import STATEMENT
from portal.accounts.models import User


class AttestationForm(forms.Form):
    is_true = forms.BooleanField(
        label=STATEMENT, error_messages={"required": "Confirm that the answers are true."}
    )


class HelpersForm(forms.Form):
    """One field for each section: who looks after it."""

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper_of = {one.section: one.to_id for one in assignment.delegations.all()}
        people = people_of(assignment.organization_id)
        for section in assignment.version.content.sections:
            self.fields[section.code] = forms.ModelChoiceField(
                people,
                label=section.title,
                required=False,
                empty_label="Nobody in particular",
                initial=self.helper_of.get(section.code),
            )

    def chosen(self) -> Iterator[tuple[str, User | None]]:
        """Yield the sections that change hands, and whose they are now."""
        for code, person in self.cleaned_data.items():
            if (person.pk if person else None) != self.helper_of.get(code):
                yield code, person
