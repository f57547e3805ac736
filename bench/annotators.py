"""Judge over HTTP, one person and eight at once, on both engines, against a bare view that stores one row.

Ours and the floor are served by the same server with the same settings on the same engine. A task is one image judged:
its annotation stored and the next image handed out. Work is counted in milliseconds of CPU, as the system keeps it of
the server's processes and of PostgreSQL's. Clients share the machine's cores. Waits are those of whole tasks.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from .__main__ import Figure, Row

IMAGES, PEOPLE = 10_000, 8
TASKS = 200  # Of one person alone, and of all together by eight.
WARM = 5
TICK = os.sysconf("SC_CLK_TCK")
SLUG = f"size-{IMAGES}"
SET_UP = f"""
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from annotation.actions.campaigns.open_campaign import invite_people
from bench.assignment import make_campaign
from tests.harness.factories import make_user
campaign, person = make_campaign({IMAGES})
others = [make_user(f"colleague-{{number}}") for number in range({PEOPLE} - 1)]
invite_people(campaign, others, by=None)
sessions = []
for person in [person, *others]:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    sessions.append((person.pk, session.session_key))
# As both do by themselves, PostgreSQL within a minute.
from django.db import connection
connection.cursor().execute("ANALYZE")
print(json.dumps({{"attributes": list(campaign.rubric.by_key), "sessions": sessions}}))
"""


@dataclass
class Load:
    """What one load took: tasks, seconds of wall, of the server's and of the database's CPU; each task's seconds."""

    tasks: int = 0
    wall: float = 0.0
    server: float = 0.0
    database: float = 0.0
    waits: list[float] = field(default_factory=list)
    images: list[tuple[int, int]] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Return seconds of CPU for a task, the server's and the database's."""
        return (self.server + self.database) / self.tasks

    def line(self) -> str:
        """Say all of it in one line."""
        middle, late = percentiles(self.waits)
        return (
            f"{self.tasks} tasks in {self.wall:.1f} s, {self.tasks / self.wall:.1f} a second; CPU a task "
            f"{self.server / self.tasks * 1e3:.1f} ms in the server, {self.database / self.tasks * 1e3:.1f} ms in the "
            f"database; waits {middle * 1e3:.0f} ms at the median, {late * 1e3:.0f} ms at 95 %, "
            f"{max(self.waits) * 1e3:.0f} ms at most"
        )


def run() -> list[Row | Figure]:
    """Return the figures of both engines; PostgreSQL is found or started as for the tests."""
    from tests.harness.services import services  # noqa: PLC0415  needs psycopg

    rows = measure_engine("SQLite", {"DATABASE_URL": "", "REDIS_URL": ""})
    with services() as environment:
        return rows + measure_engine("PostgreSQL", environment)


def measure_engine(engine: str, environment: dict[str, str]) -> list[Row | Figure]:
    """Return the figures of one engine."""
    from tests.harness.installation import installation  # noqa: PLC0415

    os.environ.update(environment)
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "var") as site:
        facts = json.loads(site.manage("shell", "-v", "0", "-c", SET_UP).stdout.splitlines()[-1])
        alone, together = [
            measure_load(site, "webapp.wsgi:application", judge(facts["attributes"]), facts["sessions"][:people])
            for people in (1, PEOPLE)
        ]
        floor_alone, floor_together = [
            measure_load(site, "bench.floor:application", store_row, facts["sessions"][:people])
            for people in (1, PEOPLE)
        ]
    for name, load in (("1", alone), ("8", together), ("floor, 1", floor_alone), ("floor, 8", floor_together)):
        print(f"{engine}, {name}: {load.line()}", file=sys.stderr)
    middle, late = percentiles(together.waits)
    floor = "a bare view that stores one row"
    pace = together.wall / together.tasks * 1e3
    twice = float(doubles(together.images))
    return [
        Row(f"{engine}: CPU of a task, one person", alone.cpu, floor_alone.cpu, floor, 4),
        Row(f"{engine}: CPU of a task, eight people", together.cpu, floor_together.cpu, floor, 4),
        Row(f"{engine}: waits of eight, at 95 %", late, middle, "the median wait", 4),
        Figure(f"{engine}: eight people, a task every", pace, pace, "ms", 1000 / 60, ""),
        Figure(f"{engine}: images handed out twice", twice, twice, "", 0, ""),
    ]


def percentiles(waits: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    marks = quantiles(waits, n=100, method="inclusive")
    return marks[49], marks[94]


def doubles(images: list[tuple[int, int]]) -> int:
    """Count how often a person was handed an image again."""
    return len(images) - len(set(images))


Task = Callable[["Client"], int]


def measure_load(site: Any, application: str, task: Task, sessions: list[tuple[int, str]]) -> Load:
    """Serve an application and let people do tasks at it, all at once, each in a thread with a line of its own."""
    with serve(site, application) as (port, server):
        clients = [Client(port, person, session) for person, session in sessions]
        load = Load()

        def work(client: Client, tasks: int) -> None:
            for _ in range(tasks):
                start = time.perf_counter()
                image = task(client)
                load.waits.append(time.perf_counter() - start)
                load.images.append((client.person, image))

        def work_all(tasks: int) -> None:
            threads = [threading.Thread(target=work, args=(client, tasks)) for client in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        work_all(WARM)
        load.waits.clear()
        before, start = cpu_seconds(site, server), time.perf_counter()
        work_all(TASKS // len(clients))
        load.wall = time.perf_counter() - start
        after = cpu_seconds(site, server)
        load.tasks = len(load.waits)
        load.server, load.database = after[0] - before[0], after[1] - before[1]
        return load


@contextmanager
def serve(site: Any, application: str) -> Iterator[tuple[int, int]]:
    """Serve an application as `manage.py serve` does; give the port and the number of the server's process."""
    from tests.harness.installation import free_port, wait_until  # noqa: PLC0415
    from webapp.operations.server import processes_for, server_command  # noqa: PLC0415

    port = free_port()
    processes = processes_for(site.environment.get("DATABASE_URL") or "sqlite")
    with site.process(*server_command(application, f"127.0.0.1:{port}", processes=processes)[1:]) as process:
        wait_until(lambda: is_listening(port), f"{application} to listen")
        yield port, process.pid


def is_listening(port: int) -> bool:
    """Tell whether somebody answers there."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/health/")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


class Client:
    """A person who is signed in, on a connection that is kept."""

    def __init__(self, port: int, person: int, session: str) -> None:
        self.person = person
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        token = "t" * 32
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        self.assignment: dict[str, Any] | None = None

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send JSON and return the answer's."""
        self.connection.request("POST", path, json.dumps(body), self.headers)
        response = self.connection.getresponse()
        text = response.read()
        assert response.status == 200, f"{path}: {response.status} {text[:500]!r}"
        content: dict[str, Any] = json.loads(text)
        return content


def judge(attributes: list[str]) -> Task:
    """Return the task of judging one image: store the annotation, and have the next image."""
    from tests.harness.annotator import make_content_for  # noqa: PLC0415

    def judge_image(client: Client) -> int:
        if client.assignment is None:
            client.assignment = client.post(f"/api/v1/campaigns/{SLUG}/next/", {})["assignment"]
        assignment = client.assignment
        content = make_content_for(attributes, 1) | {"seconds": 60}
        answer = client.post(f"/api/v1/assignments/{assignment['id']}/commit/?next", content)
        following = answer.get("next") or client.post(f"/api/v1/campaigns/{SLUG}/next/", {})
        client.assignment = following["assignment"]
        return int(assignment["image"]["id"])

    return judge_image


def store_row(client: Client) -> int:
    """Have the bare view store a row."""
    return int(client.post(f"/?user={client.person}", {})["stored"])


def cpu_seconds(site: Any, server: int) -> tuple[float, float]:
    """Return the CPU that a server and its children have used, and that PostgreSQL has used for its database."""
    return sum(map(cpu_of, family(server))), sum(map(cpu_of, backends(site.environment.get("DATABASE_URL", ""))))


def family(process: int) -> list[int]:
    """Return a process and all that came from it."""
    children = [
        child for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return [process, *(member for child in children for member in family(int(child)))]


def cpu_of(process: int) -> float:
    """Return the seconds of CPU of a process, of the user's and of the system's time."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def backends(url: str) -> list[int]:
    """Return the processes of a PostgreSQL on this machine that serve a database, but for the one that asks."""
    if not url.startswith("postgres"):
        return []
    import psycopg  # noqa: PLC0415

    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(url))
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [urlsplit(url).path.lstrip("/")],
        )
        return [pid for (pid,) in rows if Path(f"/proc/{pid}").exists()]
