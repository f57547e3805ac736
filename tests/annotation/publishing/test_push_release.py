import json

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.releases.withdraw import withdraw_image
from annotation.models import Event, Image

pytestmark = pytest.mark.django_db
TOKEN = "hf_secret_of_olga"


@pytest.fixture
def hub_with_token(hub_server, settings):
    """An installation that knows the Hub and has a token."""
    settings.HF_ENDPOINT, settings.HF_TOKEN = hub_server.url, TOKEN
    return hub_server


def command(capsys, *options):
    call_command("push_release", "portraits", "1.0.0", "--repo", "olga/portraits", "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_without_send_it_says_what_would_go_and_nothing_leaves(released, hub_with_token, capsys):
    stated = command(capsys)
    assert (stated["release"], stated["sent"], stated["commit"]) == ("portraits-1.0.0", False, None)
    assert stated["files"] > 10
    assert hub_with_token.created_repositories == []
    assert not Event.objects.filter(verb="release.pushed").exists()


def test_with_send_it_arrives_and_the_log_says_where_it_went(released, hub_with_token, capsys):
    assert command(capsys, "--send")["commit"] == "c" * 40
    assert hub_with_token.tags.keys() == {"1.0.0"}
    details = {"version": "1.0.0", "repository": "olga/portraits", "commit": "c" * 40}
    assert Event.objects.get(verb="release.pushed").details == details


def test_a_release_that_holds_what_was_withdrawn_is_not_sent(released, hub_with_token):
    withdraw_image(Image.objects.get(), by=None, reason="consent")
    with pytest.raises(CommandError, match="holds what was withdrawn since"):
        call_command("push_release", "portraits", "1.0.0", "--repo", "olga/portraits", "--send")
    assert hub_with_token.created_repositories == []


def test_a_version_that_is_not_there_is_refused_naming_those_that_are(released, hub_with_token):
    with pytest.raises(CommandError, match=r"no release '2\.0\.0'; there are: 1\.0\.0"):
        call_command("push_release", "portraits", "2.0.0", "--repo", "olga/portraits")


def test_a_missing_token_is_named_by_its_variable(released, hub_with_token, settings):
    settings.HF_TOKEN = ""
    with pytest.raises(CommandError, match="HF_TOKEN is not set"):
        call_command("push_release", "portraits", "1.0.0", "--repo", "olga/portraits", "--send")
