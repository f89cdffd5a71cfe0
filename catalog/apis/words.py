"""The words by which the database finds an operation or a field, kept beside the row."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVector
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Left


def words_of(field: str) -> Func:
    """Part a path or a name in camel case into words, since nobody searches for the whole."""
    parted = Func(
        F(field),
        Value("([a-z0-9])([A-Z])"),
        Value("\\1 \\2"),
        Value("g"),
        function="regexp_replace",
    )
    return Func(
        parted,
        Value("[^[:alnum:]]+"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )


OPERATION_WORDS = (
    SearchVector("summary", config="english", weight="A")
    + SearchVector(words_of("path"), config="english", weight="B")
    + SearchVector(words_of("slug"), config="english", weight="B")
    + SearchVector("tag", config="english", weight="C")
    + SearchVector(Left("description_html", 2000), config="english", weight="D")
)
FIELD_WORDS = SearchVector(words_of("name"), config="english", weight="A") + SearchVector(
    "description", config="english", weight="C"
)
