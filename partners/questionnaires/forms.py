from django import forms


class AttestationForm(forms.Form):
    is_true = forms.BooleanField(
        label="I answer for this organisation, and these answers are true today.",
        error_messages={"required": "Confirm that the answers are true."},
    )
