from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.scopes.models import Depth


class DepthField(serializers.ChoiceField):
    """A depth by its name, such as `sensitive`; null where nothing is classified."""

    def __init__(self, **options: Any) -> None:
        names = [depth.name.lower() for depth in Depth]
        super().__init__(choices=names, read_only=True, allow_null=True, **options)

    def to_representation(self, value: Any) -> str:
        return Depth(value).name.lower()


class VersionSerializer(serializers.ModelSerializer[ApiVersion]):
    class Meta:
        model = ApiVersion
        fields = [
            "label", "number", "status", "grade", "operation_count", "published_at",
            "deprecated_at", "sunset_at",
        ]  # fmt: skip


class ApiSerializer(serializers.ModelSerializer[Api]):
    depth = DepthField(help_text="How much its deepest data reveals about a person.")
    needs_consent = serializers.BooleanField(help_text="Whether a customer must agree.")
    versions = VersionSerializer(
        source="shown_versions", many=True, help_text="The one to use first stands first."
    )

    class Meta:
        model = Api
        fields = [
            "slug", "name", "summary", "sector", "audience", "status", "depth", "needs_consent",
            "published_at", "versions",
        ]  # fmt: skip


class OperationSerializer(serializers.ModelSerializer[Operation]):
    depth = DepthField(help_text="How much its answer reveals about a person.")
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="Every one of them is needed."
    )

    class Meta:
        model = Operation
        fields = ["slug", "method", "path", "summary", "tag", "depth", "scopes", "is_deprecated"]
