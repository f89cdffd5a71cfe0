from __future__ import annotations

from typing import Any

from rest_framework import serializers

from partners.organizations.words import plain_text
from partners.subscriptions.models import AccessRequest


class AccessRequestSerializer(serializers.ModelSerializer[AccessRequest]):
    number = serializers.CharField(read_only=True)
    api = serializers.CharField(source="plan.api.slug", read_only=True)
    plan = serializers.CharField(source="plan.code", read_only=True)
    client_id = serializers.CharField(source="client.client_id", read_only=True)
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = AccessRequest
        fields = (
            "number",
            "api",
            "plan",
            "client_id",
            "scopes",
            "purpose",
            "tier",
            "status",
            "requested_at",
            "decided_at",
            "reason",
        )

    def get_scopes(self, request: AccessRequest) -> list[str]:
        return [use["scope"] for use in request.uses]


class AskSerializer(serializers.Serializer[Any]):
    api = serializers.SlugField(max_length=80)
    plan = serializers.SlugField(max_length=40, default="production")
    purpose = serializers.CharField(max_length=500, validators=[plain_text])
