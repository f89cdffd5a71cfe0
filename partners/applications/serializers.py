from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.applications.details import MAX_TYPE_LENGTH, MAX_TYPES
from partners.applications.keys import (
    MAX_ADDRESS_LENGTH,
    MAX_SUBJECT_LENGTH,
    ShownKey,
    shown_keys,
)
from partners.applications.models import Application, Client, DataUse
from partners.applications.profiles import ALGORITHMS, Method, Requirements, TokenFormat
from partners.applications.redirects import MAX_COUNT, MAX_LENGTH, validate_redirect_uris
from partners.applications.sign_in import SignIn
from partners.applications.uses import MAX_DAYS, MAX_LOOK_BACK_DAYS, MAX_WHY, WantedUse
from partners.organizations.words import https_address, plain_line, plain_text


class UseSerializer(serializers.Serializer[DataUse]):
    scope = serializers.CharField(max_length=80)
    purpose = serializers.CharField(max_length=60, required=False, allow_null=True, default=None)
    why = serializers.CharField(
        max_length=MAX_WHY, required=False, allow_blank=True, default="", validators=[plain_line]
    )
    is_required = serializers.BooleanField(default=False)
    retention_days = serializers.IntegerField(min_value=0, max_value=36_500, default=0)
    max_days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=MAX_DAYS)
    look_back_days = serializers.IntegerField(
        min_value=0, max_value=MAX_LOOK_BACK_DAYS, required=False, allow_null=True, default=None
    )

    def to_representation(self, use: DataUse) -> dict[str, Any]:
        return {
            "scope": use.scope.name,
            "purpose": use.purpose.code if use.purpose else None,
            "why": use.why,
            "is_required": use.is_required,
            "retention_days": use.retention_days,
            "max_days": use.max_days,
            "look_back_days": use.look_back_days,
        }


class RequirementsSerializer(serializers.Serializer[Requirements]):
    """What the client's profile asks of it; what is `true` is refused when it is missing.

    `rotates_refresh_tokens` and `device_codes` say what happens and what is allowed.
    """

    token_endpoint_auth_methods = serializers.SerializerMethodField()
    sender_constrained_tokens = serializers.BooleanField(source="sender_constrained")
    pushed_requests = serializers.BooleanField()
    signed_requests = serializers.BooleanField()
    signed_responses = serializers.BooleanField()
    rotates_refresh_tokens = serializers.BooleanField()
    device_codes = serializers.BooleanField()
    access_token_format = serializers.ChoiceField(
        source="token_format", choices=[kind.value for kind in TokenFormat]
    )

    def get_token_endpoint_auth_methods(self, asked: Requirements) -> list[str]:
        return [method.value for method in Method if method in asked.methods]


class KeySerializer(serializers.Serializer[ShownKey]):
    kid = serializers.CharField()
    algorithms = serializers.CharField()
    thumbprint = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class KeysSerializer(serializers.Serializer[Any]):
    """Exactly one of the first three; public keys only."""

    jwks = serializers.DictField(required=False)
    jwks_uri = serializers.CharField(max_length=MAX_ADDRESS_LENGTH, required=False)
    certificate_subject = serializers.CharField(max_length=MAX_SUBJECT_LENGTH, required=False)
    replace_all = serializers.BooleanField(default=False)


class SignInSerializer(serializers.Serializer[Client]):
    """How a client signs customers in, and where it hears that they signed out."""

    algorithm = serializers.ChoiceField(choices=ALGORITHMS, default=ALGORITHMS[0])
    post_logout_redirect_uris = serializers.ListField(
        child=serializers.CharField(max_length=MAX_LENGTH), max_length=MAX_COUNT, default=list
    )
    backchannel_logout_uri = serializers.CharField(
        max_length=MAX_LENGTH, allow_blank=True, default=""
    )

    def to_representation(self, client: Client) -> dict[str, Any]:
        return asdict(SignIn.of(client))


class DetailTypesSerializer(serializers.Serializer[Client]):
    """The types of single cases that the client asks for; none stands for those of all scopes."""

    types = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TYPE_LENGTH), max_length=MAX_TYPES
    )


class ClientSerializer(serializers.ModelSerializer[Client]):
    redirect_uris = serializers.SerializerMethodField()
    requirements = RequirementsSerializer(read_only=True)
    keys = serializers.SerializerMethodField()
    jwks_uri = serializers.CharField(source="client_jwks_uri", read_only=True)
    certificate_subject = serializers.CharField(source="tls_client_auth_subject_dn", read_only=True)
    authorization_details_types = serializers.ListField(
        child=serializers.CharField(), read_only=True
    )
    sign_in = SignInSerializer(source="*", read_only=True)

    class Meta:
        model = Client
        fields = (
            "environment",
            "client_id",
            "redirect_uris",
            "profile",
            "requirements",
            "keys",
            "jwks_uri",
            "certificate_subject",
            "authorization_details_types",
            "sign_in",
        )

    @extend_schema_field(KeySerializer(many=True))
    def get_keys(self, client: Client) -> Any:
        return [KeySerializer(key).data for key in shown_keys(client.client_jwks)]

    def get_redirect_uris(self, client: Client) -> list[str]:
        return list(client.redirect_uris.split())


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    organization = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated] # the stubs ask for a model here
    clients = ClientSerializer(many=True, read_only=True)
    uses = UseSerializer(source="data_uses", many=True, read_only=True)

    class Meta:
        model = Application
        fields = (
            "slug",
            "organization",
            "name",
            "tagline",
            "homepage_url",
            "privacy_url",
            "status",
            "registered_at",
            "live_at",
            "clients",
            "uses",
        )


class RegistrationSerializer(serializers.Serializer[Any]):
    organization = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=60, validators=[plain_line])
    tagline = serializers.CharField(max_length=120, validators=[plain_line])
    redirect_uris = serializers.ListField(
        child=serializers.CharField(max_length=MAX_LENGTH),
        max_length=MAX_COUNT,
        validators=[validate_redirect_uris],
    )
    homepage_url = serializers.URLField(
        max_length=200, required=False, allow_blank=True, default="", validators=[https_address]
    )
    privacy_url = serializers.URLField(
        max_length=200, required=False, allow_blank=True, default="", validators=[https_address]
    )
    uses = UseSerializer(many=True, required=False, default=list)

    def validate_uses(self, uses: list[dict[str, Any]]) -> list[WantedUse]:
        return [WantedUse(**use) for use in uses]


class SuspensionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, validators=[plain_text])


class IssueSerializer(serializers.Serializer[Any]):
    environment = serializers.ChoiceField(choices=["sandbox", "production"])
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class SecretSerializer(serializers.Serializer[Any]):
    """The one answer that holds a secret."""

    client_id = serializers.CharField()
    client_secret = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
