from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.scopes.languages import as_sorted
from catalog.scopes.models import DataCluster
from consent.arrangements.models import ALL_DATA
from consent.rights.actions import MAX_WORDS, OBJECTIONS
from consent.rights.models import DataRequest
from portal.ui.forms import Choice

Kind = DataRequest.Kind


def _clusters() -> list[tuple[str, Choice]]:
    """Return the kinds of data in the fixed words, in the language that is spoken now."""
    known = DataCluster.objects.filter(superseded_at=None)
    spoken = [(one.code, one.spoken()) for one in known]
    spoken.sort(key=lambda one: as_sorted(one[1]["label"]))
    return [(code, Choice(words["label"], words["summary"])) for code, words in spoken]


class WordsForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("Only our privacy officer reads it, and who works with her."),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ObjectionForm(WordsForm):
    about = forms.ChoiceField(
        label=gettext_lazy("What you object to"),
        choices=list(OBJECTIONS.items()),
        widget=forms.RadioSelect,
    )
    field_order = ("about", "words")


class CorrectionForm(WordsForm):
    cluster_codes = forms.MultipleChoiceField(
        label=gettext_lazy("What is wrong"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ("cluster_codes", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster_codes"].choices = _clusters()  # type: ignore[attr-defined] # a ChoiceField


class PauseForm(forms.Form):
    cluster_codes = forms.MultipleChoiceField(
        label=gettext_lazy("What apps may not use"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what to pause.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = (ALL_DATA, Choice(_("All of your data"), _("Whatever an app may see of it.")))
        self.fields["cluster_codes"].choices = [everything, *_clusters()]  # type: ignore[attr-defined] # a ChoiceField

    def clean_cluster_codes(self) -> list[str]:
        codes: list[str] = self.cleaned_data["cluster_codes"]
        return [ALL_DATA] if ALL_DATA in codes else codes


class ClosingForm(forms.Form):
    is_sure = forms.BooleanField(
        label=gettext_lazy("I have read what happens, and want to close my account for good."),
        error_messages={"required": gettext_lazy("Tick the box if you want to go on.")},
    )


FORMS: dict[str, type[forms.Form]] = {
    Kind.RECTIFICATION: CorrectionForm,
    Kind.RESTRICTION: PauseForm,
    Kind.OBJECTION: ObjectionForm,
    Kind.REVIEW: WordsForm,
    Kind.COMPLAINT: WordsForm,
}
