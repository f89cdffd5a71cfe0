from django.urls import path

from consent.receipts import api, views

app_name = "receipts"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("receipts/jwks", api.keys, name="keys"),
    path("receipts/schema/2.json", api.schema, name="schema"),
    path("verify/<slug:number>/<slug:sha256>/", views.checked, name="checked"),
    path("me/receipts/<slug:number>.pdf", views.pdf_file, name="pdf_file"),
    path("me/receipts/<slug:number>.jws", views.signed_file, name="signed_file"),
    path("me/receipts/<slug:number>/signature/", views.signature, name="signature"),
]
