"""Step 1 in Chromium: an API owner reads a description into the portal and publishes it."""

from __future__ import annotations

from catalog.impact.questions import QUESTIONS
from tests.browser.visitor import Album, Visitor

NAME = "Harbour berths"
OPEN = """
openapi: 3.1.0
info: {title: Harbour berths, version: 1.0.0, description: "Which berth is whose, and until when."}
servers: [{url: "https://api.meridian.example/berths/v1"}]
tags: [{name: Berths}]
x-portal:
  slug: harbour-berths
  sector: Harbours
  purposes:
    - {code: berth-reminders, title: Tell you when to leave, description: Knows your berth.}
  clusters:
    - code: berths
      label: Your berths
      summary: Where your boat lies, and until when.
      permissions: ["The berth you rent, and until when"]
      depth: personal
      icon: pin
      max_retention_days: 30
      purposes: [berth-reminders]
  scopes:
    - {name: "berths:read", title: Read berths, description: Rented berths., cluster: berths}
paths:
  /berths:
    get:
      operationId: listBerths
      summary: List berths
      tags: [Berths]
SECURITY      responses:
        "200":
          description: The berths.
          content:
            application/json:
              schema:
                type: object
                properties:
                  place: {type: string, x-data-cluster: berths, x-data-class: personal}
                  free: {type: boolean, x-data-class: public}
              example: {place: "B 12", free: false}
        "401": {description: Nobody knows this token.}
components:
  securitySchemes:
    customer:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://portal.meridian.example/oauth/authorize
          tokenUrl: https://portal.meridian.example/oauth/token
          scopes: {"berths:read": Berths a customer rents.}
"""
UNPROTECTED = OPEN.replace("SECURITY", "")
PROTECTED = OPEN.replace("SECURITY", '      security: [{customer: ["berths:read"]}]\n')


def publish_an_api(ines: Visitor, mina: Visitor, visitor: Visitor, album: Album) -> None:
    """Import a description that leaves personal data open, mend it, publish it, find it."""
    ines.open("/console/apis/")
    ines.follow("Import a description")
    upload(ines, "broken.json", '{"openapi": "3.1.0", "paths": ')
    ines.waits_for("It could not be read")
    album.keep(ines.page, "import-turned-away")
    ines.follow("Import another one")
    upload(ines, "berths.yaml", UNPROTECTED)
    ines.waits_for("1 operation, grade")
    ines.follow("See what was found")
    ines.sees("GET /berths reveals personal data without a scope.")
    album.keep(ines.page, "import-findings")
    ines.sees("Before it can be published")
    ines.sees("Protect it before you publish")
    album.keep(ines.page, "publish-refused")
    visitor.open("/apis/harbour-berths/", status=404)

    ines.follow("Import a description")
    upload(ines, "berths.yaml", PROTECTED)
    ines.waits_for("grade A with 100 of 100 points")
    ines.follow("See what was found")
    ines.sees("Every rule is kept.")
    album.keep(ines.page, "import-good")
    assess_its_impact(ines, mina, album)
    ines.open("/console/apis/harbour-berths/")
    ines.press("Publish v1")
    ines.sees("is in the catalog. Everybody can read it now.")
    album.keep(ines.page, "published")

    visitor.open("/apis/")
    visitor.follow(NAME)
    album.keep(visitor.page, "published-api")
    visitor.follow("List berths")
    visitor.sees("Your berths")


def assess_its_impact(ines: Visitor, mina: Visitor, album: Album) -> None:
    """What reveals a berth has to be thought about first, and a second person has to agree."""
    ines.follow("Assess its impact")
    ines.sees("nobody has assessed what that means for people")
    ines.press("Begin the assessment")
    album.keep(ines.page, "impact-empty")
    for question in QUESTIONS:
        ines.fill(question.text, "A berth says where somebody sleeps, so it stays behind consent.")
    row = ines.main.get_by_role("textbox", name="What could go wrong", exact=True).first
    row.fill("Somebody learns where another one sleeps.")
    ines.main.get_by_label("How likely").first.select_option("low")
    ines.main.get_by_label("How bad for people").first.select_option("high")
    ines.main.get_by_label("What is done about it").first.fill("One berth at a time, with a yes.")
    ines.press("Send to the privacy officer")
    ines.sees("Sent. The privacy officer is told.")
    album.keep(ines.page, "impact-sent")
    mina.open("/console/impact/")
    mina.follow(f"{NAME} v1")
    mina.main.get_by_label("Approve").check()
    mina.main.get_by_role("textbox", name="Your opinion").fill(
        "A berth is needed to remind somebody of leaving it in time."
    )
    mina.press("Sign")
    mina.sees("It still says what was signed.")
    album.keep(mina.page, "impact-signed")


def upload(ines: Visitor, name: str, text: str) -> None:
    ines.main.get_by_label("File").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": text.encode()}
    )
    ines.press("Import")
