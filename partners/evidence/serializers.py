from __future__ import annotations

from rest_framework import serializers

from partners.evidence.models import EvidenceFile


class EvidenceSerializer(serializers.ModelSerializer[EvidenceFile]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    organization = serializers.CharField(source="organization.slug", read_only=True)

    class Meta:
        model = EvidenceFile
        fields = (
            "id",
            "organization",
            "name",
            "kind",
            "size",
            "sha256",
            "status",
            "uploaded_at",
            "scanned_at",
            "found",
        )
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[EvidenceFile]):
    organization = serializers.SlugField(max_length=60)
    file = serializers.FileField(allow_empty_file=True)
