from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.questionnaires.answering import MAX_REASON
from partners.questionnaires.models import Answer


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.JSONField):
    """A text, a number, a list or an object, as the kind of the question says."""


class GivenSerializer(serializers.Serializer[Any]):
    value = AnyField(allow_null=True, required=False, default=None)
    na_reason = serializers.CharField(
        max_length=MAX_REASON, allow_null=True, allow_blank=True, required=False, default=None
    )
    is_confirmed = serializers.BooleanField(required=False, default=True)


class AnswerSerializer(serializers.Serializer[Answer]):
    key = serializers.CharField()
    value = AnyField(allow_null=True)
    na_reason = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField()
    is_confirmed = serializers.BooleanField()
    updated_by = serializers.CharField(source="updated_by.name")
    updated_at = serializers.DateTimeField()
