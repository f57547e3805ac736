"""Configure the application's queue: the domain's tasks, and the way to the model worker."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import before_task_publish
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery(
    "webapp",
    include=["mlworker.queue.health", "mlworker.queue.commands"],
    task_cls="annotation.tasks.proofs:ProvenTask",
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["annotation", "mlworker"])


@before_task_publish.connect  # type: ignore[untyped-decorator, unused-ignore]
def prove(sender: str, headers: dict[str, Any], body: Any, **_signal: Any) -> None:
    """Prove that a message is of this installation, which alone may call its tasks."""
    # Here, as the tasks need the settings, which load this module.
    from annotation.tasks.proofs import prove_message  # noqa: PLC0415

    prove_message(sender, headers, body)


class LookAfterWork(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of the worker that has work looked after in time, without a clock process.

    Runs and reports every few seconds, and what is kept no longer than needed once a day.
    """

    requires = ("celery.worker.components:Timer",)
    LONGEST_INTERVAL = 10
    TASKS = ("annotation.keep_runs_going", "annotation.keep_reports_fresh")
    DAILY_TASKS = ("annotation.clean_up",)
    DAY = 24 * 60 * 60

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.timers: list[Any] = []

    def start(self, parent: Any) -> None:
        """Begin with the worker, if it does the application's work."""
        # Workers that serve models alone have no database, and could do nothing about runs and reports.
        if app.conf.task_default_queue not in app.amqp.queues.consume_from:
            return
        interval = min(self.LONGEST_INTERVAL, settings.PREFILL_RESEND_AFTER / 2)
        rounds = ((self.TASKS, interval, self.LONGEST_INTERVAL), (self.DAILY_TASKS, self.DAY, self.DAY))
        for names, seconds, expires in rounds:
            # At once as well: what a killed worker left has waited long enough.
            self.ask(names, expires)
            self.timers.append(parent.timer.call_repeatedly(seconds, self.ask, (names, expires)))

    def stop(self, parent: Any) -> None:
        """End with the worker."""
        while self.timers:
            self.timers.pop().cancel()

    def ask(self, names: tuple[str, ...], expires: float) -> None:
        """Queue one round, which nobody need make up for once the next is due."""
        try:
            for name in names:
                # Rounds do not pile up while all workers are busy, and no retry holds up the worker's own timer.
                app.tasks[name].apply_async(expires=expires, retry=False)
        except OperationalError:
            pass  # The queue is away; the worker says so itself, and the next round asks again.


app.steps["worker"].add(LookAfterWork)
