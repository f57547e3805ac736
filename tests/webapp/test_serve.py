"""The served product starts from anywhere, says when it cannot, and leaves no process behind."""

import os
import signal
import socket
import subprocess
import sys
import time

from tests.installation import ROOT, Installation, answers, free_port, wait_until


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


def test_a_terminated_server_takes_its_children_along_and_starts_from_any_folder(tmp_path):
    made = Installation(tmp_path / "var", DATABASE_URL="", REDIS_URL="")
    made.manage("migrate", "--verbosity", "0")
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=made.environment)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/"), "the server to answer")
    wait_until(lambda: len(children_of(server.pid)) == 2, "the web server and the worker")
    time.sleep(1)
    children = children_of(server.pid)
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=40)
    wait_until(lambda: not any(map(alive, children)), "the children to end", seconds=10)


def test_a_taken_port_is_one_clear_line(tmp_path):
    made = Installation(tmp_path / "var", DATABASE_URL="", REDIS_URL="")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = made.manage("serve", "--port", str(taken.getsockname()[1]), check=False)
    assert done.returncode == 1
    assert "cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_queue_that_is_down_is_one_clear_line_and_the_run_is_given_up(tmp_path):
    made = Installation(tmp_path / "var", DATABASE_URL="", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    made.manage("migrate", "--verbosity", "0")
    setup = "from tests.factories import make_campaign; make_campaign('queued', images=2)"
    made.manage("shell", "--no-imports", "--command", setup)
    done = made.manage("prefill", "queued", "--model", "fake", "--wait", check=False)
    assert done.returncode == 1
    assert "the queue cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    state = "from annotation.models import PrefillRun; print(PrefillRun.objects.get().state)"
    assert made.manage("shell", "--no-imports", "--command", state).stdout.split()[-1] == "cancelled"
