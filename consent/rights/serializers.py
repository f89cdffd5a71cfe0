from __future__ import annotations

from typing import Any

from rest_framework import serializers

from consent.rights.models import Task
from partners.organizations.words import plain_text


class TaskSerializer(serializers.ModelSerializer[Task]):
    """What one customer asks of one application. `sub` is its own name for the customer."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    application = serializers.CharField(source="application.slug", read_only=True)
    sub = serializers.UUIDField(source="subject", read_only=True)
    clusters = serializers.ListField(
        source="cluster_codes", child=serializers.CharField(), read_only=True
    )

    class Meta:
        model = Task
        fields = (
            "id",
            "application",
            "action",
            "sub",
            "clusters",
            "status",
            "created_at",
            "due_at",
            "acknowledged_at",
            "closed_at",
            "exemption",
            "evidence",
        )
        read_only_fields = fields


class AttestationSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=["done", "exempt"])
    exemption = serializers.ChoiceField(choices=Task.Exemption.choices, required=False)
    evidence = serializers.CharField(
        max_length=300, required=False, default="", allow_blank=True, validators=[plain_text]
    )

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        is_exempt = wanted["outcome"] == "exempt"
        if is_exempt != bool(wanted.get("exemption")):
            words = "Name it where the outcome is “exempt”, and only there."
            raise serializers.ValidationError({"exemption": words})
        return wanted
