"""What the API takes and answers is described by models, and the browser's types are made of them."""

import json

import jsonschema
import pytest

from tests.harness.factories import force_arm, give_tiles, make_campaign, make_content, prefill_all
from webapp.api.v1 import schemas, typescript

SCHEMA = schemas.json_schema()


def complaints(name, data):
    whole = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    return [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(data)]


def test_the_types_of_the_browser_are_those_of_the_models():
    assert typescript.FILE.read_text(encoding="utf-8") == typescript.types(), "run manage.py write_api_types"


def test_every_type_has_a_name_of_its_own():
    assert [name for name in SCHEMA["$defs"] if "__" in name] == []


@pytest.mark.django_db
def test_whoever_is_signed_in_reads_the_schema(client, alice):
    assert client.get("/api/v1/schema/").status_code == 403
    client.force_login(alice)
    assert client.get("/api/v1/schema/").json() == SCHEMA


@pytest.mark.django_db
@pytest.mark.parametrize("arm", ["blind", "reveal", "assisted"])
def test_an_assignment_is_answered_as_its_schema_says(client, alice, arm):
    campaign = make_campaign("described", people=(alice,))
    prefill_all(campaign)
    force_arm(campaign, **{arm: 100})
    give_tiles(campaign.images.order_by("pk").first())
    client.force_login(alice)
    send = {"content_type": "application/json"}
    assignment = client.post("/api/v1/campaigns/described/next/", "{}", **send).json()["assignment"]
    content = make_content(6)
    content["judgements"]["overall_gestalt"]["pins"] = [{"x": 0.5, "y": 0.5}]
    assert complaints("AnnotationContent", content) == []
    address = f"/api/v1/assignments/{assignment['id']}/commit/"
    refused = client.post(address, json.dumps(content | {"seconds": -1}), **send)
    assert (refused.status_code, complaints("Refusal", refused.json())) == (400, [])
    stored = client.post(address, json.dumps(content), **send).json()["assignment"]
    assert [complaints("Assignment", data) for data in (assignment, stored)] == [[], []]
    assert stored["first_revision"]["judgements"]["overall_gestalt"]["pins"] == [{"x": 0.5, "y": 0.5}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"key": 5}, {"seconds": -1}, {"mood": "fine"}, {"judgements": []},
     {"judgements": {"overall_gestalt": {"score": "7", "critique": "Words."}}}],
)  # fmt: skip
def test_what_the_schema_refuses_is_what_the_models_refuse(change):
    assert complaints("AnnotationContent", make_content(6)) == []
    assert complaints("AnnotationContent", make_content(6) | change) != []
