from django import forms


class PreferenceForm(forms.Form):
    wants_mail = forms.BooleanField(
        required=False,
        label="Mail me my news as well",
        help_text="What concerns your account or what you share is always mailed.",
    )
