"""What holds for every page: what no address may hold, what no browser may keep, and the policy of every answer."""

import subprocess
import sys

import pytest

from tests.harness.installation import ROOT, Installation

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/releases/portraits/%00/", 404),
        ("/releases/%00/1.0.0/", 404),
        ("/audit/portraits/?scope=%00", 400),
        ("/audit/portraits/?%00=1", 400),
        ("/%00", 404),
    ],
)
def test_a_zero_byte_in_an_address_leads_nowhere(client, campaign, olga, address, status):
    client.force_login(olga)
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    "address", ["/workspace/", "/workspace/portraits/", "/api/v1/campaigns/portraits/", "/sign-in/"]
)
def test_no_page_and_no_answer_is_kept(client, campaign, alice, address):
    if address != "/sign-in/":
        client.force_login(alice)
    assert "no-store" in client.get(address).headers["Cache-Control"]


def test_signing_out_has_what_the_browser_keeps_cleared_but_not_unsent_work(client, alice):
    client.force_login(alice)
    assert client.post("/sign-out/").headers["Clear-Site-Data"] == '"cache"'


def test_a_refusal_carries_the_policy_too(client):
    refused = client.get("/sign-in/", headers={"host": "elsewhere.example"})
    assert refused.status_code == 400
    assert "default-src" in refused.headers["Content-Security-Policy"]


ASKED = """
import django
from django.conf import settings
django.setup()
print(settings.SESSION_COOKIE_NAME, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS)
"""


def test_with_tls_the_cookie_is_this_hosts_alone_and_the_check_for_deployment_is_silent(tmp_path):
    production = {
        "HTTPS": "on",
        "NUM_PROXIES": "1",
        "SECRET_KEY": "0123456789abcdefghij" * 3,
        "ALLOWED_HOSTS": "a.example",
    }
    made = Installation(tmp_path, DATABASE_URL="", REDIS_URL="", **production)
    checked = made.manage("check", "--deploy")
    assert "no issues" in checked.stdout + checked.stderr
    environment = made.environment | {"DJANGO_SETTINGS_MODULE": "webapp.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["__Host-sessionid", "False"]
