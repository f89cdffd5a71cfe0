from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consent.arrangements.models import Arrangement


class ArrangementSerializer(serializers.ModelSerializer[Arrangement]):
    """One sharing as its customer sees it."""

    application = serializers.CharField(source="client.application.slug")
    name = serializers.CharField(source="client.application.name")
    environment = serializers.CharField(source="client.environment")
    version = serializers.IntegerField(source="version_number")
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = Arrangement
        fields = (
            "id",
            "application",
            "name",
            "environment",
            "status",
            "duration",
            "version",
            "scopes",
            "given_at",
            "ends_at",
            "paused_at",
            "reconsent_by",
            "ended_at",
            "end_reason",
            "last_read_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_scopes(self, arrangement: Arrangement) -> Any:
        scopes: dict[Any, list[str]] = self.context["scopes"]
        return scopes[arrangement.pk]
