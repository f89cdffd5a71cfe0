from __future__ import annotations

from rest_framework import serializers

from catalog.specs.models import Finding, SpecRevision


class FindingSerializer(serializers.ModelSerializer[Finding]):
    class Meta:
        model = Finding
        fields = ["rule", "severity", "pointer", "line", "message"]


class RevisionSerializer(serializers.ModelSerializer[SpecRevision]):
    api = serializers.CharField(source="version.api.slug", default="")
    version = serializers.CharField(source="version.label", default="")
    findings = FindingSerializer(many=True)

    class Meta:
        model = SpecRevision
        fields = [
            "id", "api", "version", "status", "format", "source", "sha256", "byte_count", "grade",
            "points", "lost", "operation_count", "reason_code", "reason", "imported_at", "findings",
        ]  # fmt: skip
