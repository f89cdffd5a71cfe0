"""The `x-portal` part of an API description, checked and typed. No database is asked here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.scopes.depths import DEPTHS
from catalog.scopes.detail_types import DetailTypeInvalid, DetailTypeWords, read_detail_type
from portal.errors import Refused

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCOPE = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*)?")
# GDPR Art. 9 (1), as `catalog.scopes.special` words them.
SPECIAL_CATEGORIES = (
    "racial_or_ethnic_origin",
    "political_opinions",
    "religious_or_philosophical_beliefs",
    "trade_union_membership",
    "genetic",
    "biometric",
    "health",
    "sex_life_or_orientation",
)
_LONGEST_RETENTION_DAYS = 3650
_HIGHEST_MIN_AGE = 21
DETAILS = "authorization_details"


class VocabularyInvalid(Refused):
    code = "vocabulary_invalid"


# For each language the same words under the same names.
Translations = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PurposeWords:
    code: str
    title: str
    description: str
    translations: Translations = field(default_factory=dict)
    is_profiling: bool = False


@dataclass(frozen=True, slots=True)
class PermissionWords:
    """A sentence that a customer reads, and the code by which fields say that it tells of them."""

    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class ClusterWords:
    code: str
    label: str
    summary: str
    permissions: tuple[PermissionWords, ...]
    depth: int
    icon: str
    max_retention_days: int
    purposes: tuple[str, ...]
    translations: Translations = field(default_factory=dict)
    resources: Mapping[str, Any] = field(default_factory=dict)
    max_look_back_days: int | None = None
    special_category: str = ""
    min_age: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeWords:
    name: str
    title: str
    description: str
    cluster: str


Words = TypeVar("Words", PurposeWords, ClusterWords, ScopeWords, DetailTypeWords)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    purposes: tuple[PurposeWords, ...]
    clusters: tuple[ClusterWords, ...]
    scopes: tuple[ScopeWords, ...]
    detail_types: tuple[DetailTypeWords, ...] = ()


def read_vocabulary(part: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary of an `x-portal` object.

    Raises `VocabularyInvalid` with the place of the first thing that is missing, of another type,
    too long, or said twice. Whether a name exists is for the caller to find out.
    """
    return Vocabulary(
        purposes=_once(
            (
                PurposeWords(
                    code=_name(entry, "code", place, _CODE, 60),
                    title=_text(entry, "title", place, 120),
                    description=_text(entry, "description", place, 300),
                    translations=read_translations(
                        entry, place, texts={"title": 120, "description": 300}
                    ),
                    is_profiling=_yes_or_no(entry, "profiling", place),
                )
                for place, entry in _entries(part, "purposes")
            ),
            "purposes",
        ),
        clusters=_once(
            (_cluster(entry, place) for place, entry in _entries(part, "clusters")), "clusters"
        ),
        scopes=_once(
            (
                ScopeWords(
                    name=_name(entry, "name", place, _SCOPE, 80),
                    title=_text(entry, "title", place, 120),
                    description=_text(entry, "description", place, 300),
                    cluster=_name(entry, "cluster", place, _CODE, 60)
                    if entry.get("cluster")
                    else "",
                )
                for place, entry in _entries(part, "scopes")
            ),
            "scopes",
        ),
        detail_types=_once(
            (_detail_type(entry, place) for place, entry in _entries(part, DETAILS)), DETAILS
        ),
    )


def _detail_type(entry: Mapping[str, Any], place: str) -> DetailTypeWords:
    try:
        return read_detail_type(entry, place)
    except DetailTypeInvalid as error:
        raise VocabularyInvalid(str(error)) from error


def _cluster(entry: Mapping[str, Any], place: str) -> ClusterWords:
    depth = entry.get("depth")
    if not isinstance(depth, str) or depth.lower() not in DEPTHS:
        raise VocabularyInvalid(f"{place}/depth is not public, internal, personal or sensitive.")
    days = entry.get("max_retention_days")
    if type(days) is not int or not 0 <= days <= _LONGEST_RETENTION_DAYS:
        raise VocabularyInvalid(f"{place}/max_retention_days is not a number of days up to 3650.")
    permissions = tuple(_permissions(entry, place))
    return ClusterWords(
        code=_name(entry, "code", place, _CODE, 60),
        label=_text(entry, "label", place, 60),
        summary=_text(entry, "summary", place, 200),
        permissions=permissions,
        depth=DEPTHS[depth.lower()],
        icon=_name(entry, "icon", place, _CODE, 24) if "icon" in entry else "file",
        max_retention_days=days,
        purposes=_texts(entry, "purposes", place, 60),
        translations=read_translations(
            entry, place, texts={"label": 60, "summary": 200}, sentences=len(permissions)
        ),
        resources=_resources(entry, place),
        max_look_back_days=_look_back(entry, place),
        special_category=_special(entry, place),
        min_age=_min_age(entry, place),
    )


def _look_back(entry: Mapping[str, Any], place: str) -> int | None:
    days = entry.get("max_look_back_days")
    if days is not None and (type(days) is not int or not 0 <= days <= _LONGEST_RETENTION_DAYS):
        raise VocabularyInvalid(f"{place}/max_look_back_days is not a number of days up to 3650.")
    return days


def _min_age(entry: Mapping[str, Any], place: str) -> int | None:
    years = entry.get("min_age")
    if years is not None and (type(years) is not int or not 1 <= years <= _HIGHEST_MIN_AGE):
        raise VocabularyInvalid(f"{place}/min_age is not a number of years up to 21.")
    return years


def _special(entry: Mapping[str, Any], place: str) -> str:
    """Return the category of GDPR Art. 9 that the data is of, empty where it is of none."""
    category = entry.get("special_category", "")
    if category and category not in SPECIAL_CATEGORIES:
        known = ", ".join(SPECIAL_CATEGORIES)
        raise VocabularyInvalid(f"{place}/special_category is not one of {known}.")
    return str(category)


def _resources(entry: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the kind of things that the data comes in, and the words of the question for them."""
    if "resources" not in entry:
        return {}
    part, at = entry["resources"], f"{place}/resources"
    if not isinstance(part, Mapping):
        raise VocabularyInvalid(f"{at} is not an object.")
    texts = {"label": 60, "every": 80}
    words = {name: _text(part, name, at, longest) for name, longest in texts.items()}
    return {
        "kind": _name(part, "kind", at, re.compile("[a-z]{1,12}"), 12),
        **words,
        "translations": read_translations(part, at, texts=texts),
    }


def _permissions(entry: Mapping[str, Any], place: str) -> Iterator[PermissionWords]:
    values = entry.get("permissions", [])
    if not isinstance(values, list) or len(values) > 50:
        raise VocabularyInvalid(f"{place}/permissions is not a list of at most 50.")
    codes: set[str] = set()
    for index, value in enumerate(values):
        at = f"{place}/permissions/{index}"
        if not isinstance(value, Mapping):
            yield PermissionWords(_text({"text": value}, "text", at, 120))
            continue
        code = _name(value, "code", at, _CODE, 60)
        if code in codes:
            raise VocabularyInvalid(f"{place}/permissions says {code} twice.")
        codes.add(code)
        yield PermissionWords(_text(value, "text", at, 120), code)


def read_translations(
    entry: Mapping[str, Any], place: str, *, texts: Mapping[str, int], sentences: int = 0
) -> dict[str, dict[str, Any]]:
    """Return the words in other languages: each language has all of them, or it has none.

    `texts` are the names that each has to have and how long they may be; `sentences` is how many
    permissions there are, so that nobody agrees to fewer of them in one language than in another.
    """
    part = entry.get("translations", {})
    if not isinstance(part, Mapping) or len(part) > 20:
        raise VocabularyInvalid(f"{place}/translations is not an object of languages.")
    read: dict[str, dict[str, Any]] = {}
    for language, words in part.items():
        at = f"{place}/translations/{language}"
        if not isinstance(words, Mapping) or not re.fullmatch(r"[a-z]{2,3}", str(language)):
            raise VocabularyInvalid(f"{at} is not an object under a language such as “fr”.")
        read[language] = {name: _text(words, name, at, longest) for name, longest in texts.items()}
        if sentences:
            said = _texts(words, "permissions", at, 120)
            if len(said) != sentences:
                raise VocabularyInvalid(f"{at}/permissions does not say all {sentences} of them.")
            read[language]["permissions"] = list(said)
    return read


def _once(words: Iterable[Words], key: str) -> tuple[Words, ...]:
    seen: dict[str, Words] = {}
    for word in words:
        name = word.code if isinstance(word, PurposeWords | ClusterWords) else word.name
        if name in seen:
            raise VocabularyInvalid(f"x-portal/{key} says {name} twice.")
        seen[name] = word
    return tuple(seen.values())


def _entries(part: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = part.get(key, [])
    if not isinstance(entries, list) or len(entries) > 200:
        raise VocabularyInvalid(f"x-portal/{key} is not a list of at most 200.")
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise VocabularyInvalid(f"x-portal/{key}/{index} is not an object.")
    return [(f"x-portal/{key}/{index}", entry) for index, entry in enumerate(entries)]


def _text(entry: Mapping[str, Any], key: str, place: str, longest: int) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or "\0" in value:
        raise VocabularyInvalid(f"{place}/{key} is not a text of 1 to {longest} characters.")
    return value.strip()


def _yes_or_no(entry: Mapping[str, Any], key: str, place: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise VocabularyInvalid(f"{place}/{key} is neither true nor false.")
    return value


def _texts(entry: Mapping[str, Any], key: str, place: str, longest: int) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or len(values) > 50:
        raise VocabularyInvalid(f"{place}/{key} is not a list of at most 50.")
    return tuple(
        _text({str(index): value}, str(index), f"{place}/{key}", longest)
        for index, value in enumerate(values)
    )


def _name(
    entry: Mapping[str, Any], key: str, place: str, form: re.Pattern[str], longest: int
) -> str:
    value = _text(entry, key, place, longest)
    if not form.fullmatch(value):
        raise VocabularyInvalid(f"{place}/{key} is not lower-case letters, digits and hyphens.")
    return value
