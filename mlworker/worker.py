"""The model worker: `celery -A mlworker.worker worker --queues predict`.

It shares with the web application a queue and a folder of images, and nothing else: no Django, no database.
"""

from __future__ import annotations

from celery import Celery

from mlworker.queue.broker import broker_settings

from . import environment

# No fixups: Celery would otherwise set Django up wherever DJANGO_SETTINGS_MODULE happens to be set.
app = Celery("mlworker", fixups=set(), include=["mlworker.tasks", "mlworker.queue.health", "mlworker.queue.commands"])
app.conf.update(
    broker_settings(
        environment.redis_url(),
        environment.var_dir() / "queue",
        key_prefix=environment.key_prefix(),
        longest_batch=environment.longest_batch(),
        unacked="predict.unacked",
    )
)
