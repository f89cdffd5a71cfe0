from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from catalog.imports.models import ImportDocument, ImportJob


class AddressSerializer(serializers.Serializer[None]):
    url = serializers.URLField(max_length=2000)


class WishesSerializer(serializers.Serializer[None]):
    """What stands in the query beside the document."""

    name = serializers.CharField(max_length=200, default="")
    callback_url = serializers.URLField(max_length=500, default="")


class LintWishesSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=200, default="document")
    api = serializers.SlugField(max_length=80, default="")
    report = serializers.ChoiceField(["json", "sarif"], default="json")


class LintFindingSerializer(serializers.Serializer[None]):
    rule = serializers.CharField()
    number = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning", "info"])
    pointer = serializers.CharField()
    line = serializers.IntegerField()
    message = serializers.CharField()


class LintReportSerializer(serializers.Serializer[None]):
    """With `report=sarif` the answer is a SARIF 2.1.0 log instead."""

    file = serializers.CharField()
    grade = serializers.CharField()
    points = serializers.IntegerField()
    operations = serializers.IntegerField()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    lost = serializers.DictField(child=serializers.IntegerField())
    findings = LintFindingSerializer(many=True)
    switched_off = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())


class ImportDocumentSerializer(serializers.ModelSerializer[ImportDocument]):
    spec = serializers.IntegerField(source="revision_id", default=None)
    api = serializers.CharField(source="revision.version.api.slug", default="")
    version = serializers.CharField(source="revision.version.label", default="")
    grade = serializers.CharField(source="revision.grade", default="")
    operation_count = serializers.IntegerField(source="revision.operation_count", default=0)

    class Meta:
        model = ImportDocument
        fields = [
            "name", "kind", "status", "step", "spec", "api", "version", "grade", "operation_count",
            "reason_code", "reason", "ended_at",
        ]  # fmt: skip


class ImportJobSerializer(serializers.ModelSerializer[ImportJob]):
    id = serializers.UUIDField(source="number")
    href = serializers.SerializerMethodField()
    document_count = serializers.IntegerField()
    ended_count = serializers.SerializerMethodField()
    documents = ImportDocumentSerializer(source="shown_documents", many=True)

    class Meta:
        model = ImportJob
        fields = [
            "id", "href", "name", "origin", "status", "requested_at", "ended_at", "document_count",
            "ended_count", "documents",
        ]  # fmt: skip

    def get_href(self, job: ImportJob) -> str:
        return reverse("import", args=[job.number])

    def get_ended_count(self, job: Any) -> int:
        return int(job.read_count + job.unchanged_count + job.refused_count)


class RequestedSerializer(ImportJobSerializer):
    """`callback_secret` is told this once, where there is a callback."""

    callback_secret = serializers.SerializerMethodField()

    class Meta(ImportJobSerializer.Meta):
        fields = [*ImportJobSerializer.Meta.fields, "callback_secret"]

    def get_callback_secret(self, _job: ImportJob) -> str:
        return str(self.context["callback_secret"])
