from __future__ import annotations

from django import forms

from catalog.apis.models import Api
from catalog.guides.actions import Words
from catalog.guides.models import Guide
from catalog.guides.reading import LONGEST


class WordsForm(forms.Form):
    """What a guide says. Its text keeps its own spaces: in Markdown they mean something."""

    title = forms.CharField(label="Title", max_length=120)
    summary = forms.CharField(
        label="In one sentence", max_length=300, help_text="It stands in lists and in the search."
    )
    text = forms.CharField(
        label="Text",
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "input--code"}),
        help_text="Markdown. Begin headings with ##. Link operations by their paths, such as"
        " /apis/parcels/v1/getParcel/, and they are listed beside the text.",
    )
    # What the writer saw when they began; somebody else may have written since.
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").strip("\n")

    def words(self) -> Words:
        said = self.cleaned_data
        return Words(said["title"], said["summary"], said["text"])


class NewGuideForm(WordsForm):
    kind = forms.ChoiceField(label="Kind", choices=Guide.Kind.choices)
    api = forms.ModelChoiceField(
        label="About", queryset=Api.objects.none(), required=False, empty_label="All APIs"
    )

    field_order = ("kind", "api", "title", "summary", "text")

    def __init__(self, data: object = None, **kwargs: object) -> None:
        super().__init__(data, **kwargs)  # type: ignore[arg-type]  # what a form takes
        about = self.fields["api"]
        assert isinstance(about, forms.ModelChoiceField)  # noqa: S101 - declared above
        about.queryset = Api.objects.exclude(status=Api.Status.RETIRED).order_by("name")
