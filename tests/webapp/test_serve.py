"""The served product starts from anywhere, says when it cannot, and leaves no process behind."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

from tests.harness.installation import (
    ROOT,
    answers,
    embedded_installation,
    free_port,
    migrate_installation,
    running_process,
    wait_until,
)

# What an organiser sees who asks for something while the queue is down.
WHILE_DOWN = """
import json
from django.contrib.messages import get_messages
from django.test import Client
from annotation.models import Run, Release
from tests.harness.factories import PASSWORD, enrol_staff, make_user
client = Client(SERVER_NAME="localhost")
olga = make_user("olga", is_superuser=True)
enrol_staff()
client.force_login(olga)
def post(where, **data):
    answer = client.post(f"/organiser/queued/{where}/", data)
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
asked = [post("prefills", model="baseline"), post("agreement")]
states = [run.state for run in Run.objects.all()]
resumed = post(f"runs/{Run.objects.get().pk}/resume")
signed_in = Client(SERVER_NAME="localhost").post("/sign-in/", {"username": "olga", "password": PASSWORD}).status_code
state = {"asked": asked, "states": states, "resumed": resumed, "releases": Release.objects.count()}
print(json.dumps(state | {"signed_in": signed_in}))
"""


def children_of(pid):
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    return [child for child, parent in rows if parent == pid]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_first_start_prints_how_the_first_administrator_comes_in(tmp_path):
    site = migrate_installation(embedded_installation(tmp_path / "var"))
    port = free_port()
    with (
        (tmp_path / "output").open("wb") as output,
        running_process(
            [sys.executable, "manage.py", "serve", "--port", str(port)], cwd=ROOT, env=site.environment, stdout=output
        ),
    ):
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/"), "the server to answer")
        [link] = re.findall(r"http://\S+/invitations/\S+/", (tmp_path / "output").read_text())
        assert link.startswith(f"http://127.0.0.1:{port}/")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(link) as page:
            assert "Set up this installation" in page.read().decode()


def test_a_terminated_server_takes_its_children_along_and_starts_from_any_folder(tmp_path):
    site = migrate_installation(embedded_installation(tmp_path / "var"))
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=site.environment)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/"), "the server to answer")
    wait_until(lambda: len(children_of(server.pid)) == 2, "the web server and the worker")
    time.sleep(1)
    children = children_of(server.pid)
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=180)
    wait_until(lambda: not any(map(alive, children)), "the children to end")


def sessions_in(site):
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        return database.execute("SELECT session_key FROM django_session").fetchall()


def test_the_served_product_clears_what_is_over_by_itself(tmp_path):
    site = migrate_installation(embedded_installation(tmp_path / "var"))
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database, database:
        rows = [("ended", "", "2020-01-01 00:00:00"), ("lasting", "", "2999-01-01 00:00:00")]
        database.executemany("INSERT INTO django_session VALUES (?, ?, ?)", rows)
    with site.serve():
        wait_until(lambda: sessions_in(site) == [("lasting",)], "the ended session to be cleared")


def test_a_taken_port_is_one_clear_line(tmp_path):
    site = embedded_installation(tmp_path / "var")
    with socket.create_server(("127.0.0.1", 0)) as busy_socket:
        process = site.manage("serve", "--port", str(busy_socket.getsockname()[1]), check=False)
    assert process.returncode == 1
    assert "cannot be listened on" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_queue_that_is_down_is_one_clear_line_and_the_run_is_given_up(tmp_path):
    site = migrate_installation(embedded_installation(tmp_path / "var", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0"))
    setup = "from tests.harness.factories import make_campaign; make_campaign('queued', images=2)"
    site.manage("shell", "--no-imports", "--command", setup)
    process = site.manage("prefill", "queued", "--model", "fake", "--wait", check=False)
    assert process.returncode == 1
    assert "the queue cannot be reached" in process.stderr
    assert "Traceback" not in process.stderr
    state = json.loads(site.manage("shell", "--no-imports", "--command", WHILE_DOWN).stdout)
    assert state["states"] == ["cancelled"]
    assert all("The queue cannot be reached, so nothing was started" in page for page in state["asked"])
    assert "It goes on by itself once it can" in state["resumed"]
    assert state["releases"] == 0
    assert state["signed_in"] == 302, "nobody needs the queue to sign in"
