"""Build the folder of a release from its record, by as many processes as help; resume where a killed build was."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from math import ceil
from multiprocessing import get_context
from pathlib import Path

import django
from django.conf import settings

from annotation.dataset.contents.benchmarks import lists_in
from annotation.dataset.contents.leakage import Benchmark
from annotation.dataset.format.frozen import FrozenRelease
from annotation.dataset.format.manifest import NAME as MANIFEST
from annotation.dataset.format.manifest import sha256_of
from annotation.dataset.write import parts
from annotation.dataset.write.folder import FORMAT, Written, assemble, part_writer
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Release
from annotation.phrases import phrase as _

from .contents import contents_of
from .read_records import parts_of, read_records
from .release_report import report_on
from .state_facts import state_facts


def build(
    release: Release,
    folder: Path,
    *,
    processes: int = 1,
    on_start: Callable[[], object] = lambda: None,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Written:
    """Write the files of a release record into a folder: the same record gives the same bytes, whoever helps.

    The report of agreement inside is on the very answers of the release: the newest one where that is so, else a new
    one. Parts that an earlier build of the same record finished there stay. So many `processes` of this machine take
    part, beside whoever calls `help_to_build` once `on_start` was called. `on_progress` is called with how many parts
    of how many are done. Raise Conflict when the rows are no longer those the record was published with, ReleaseRefused
    when an image is unusable.
    """
    contents = contents_of(release)
    report_on(release, contents)
    facts = state_facts(release, contents)
    previous, benchmarks = _previous_folder(contents.frozen), _benchmarks(release)
    planned = parts_of(contents)
    parts.prepare(folder, planned, json.dumps([release.pk, release.event_head, FORMAT, facts.engine], sort_keys=True))
    on_progress(sum(parts.is_done(folder, part) for part in planned), len(planned))
    on_start()
    shared = ceil(sum(part.images for part in planned) / contents.frozen.part_images)
    with _helped(release, folder, min(processes, shared) - 1):
        write = part_writer(facts, partial(read_records, contents))
        parts.work(folder, planned, write, on_progress=lambda done: on_progress(done, len(planned)))
    written = assemble(folder, facts, planned, previous=previous, benchmarks=benchmarks)
    if release.content_hash not in ("", written.content_sha256):
        raise Conflict(_("the rows of release %(release)s have changed since it was published", release=release))
    return written


def help_to_build(release_id: int, folder: Path) -> None:
    """Write parts of a release that another process builds in a folder, as long as some are left that nobody is at."""
    planned = parts.planned(folder)
    if planned:
        release = Release.objects.get(pk=release_id)
        contents = contents_of(release)
        write = part_writer(state_facts(release, contents), partial(read_records, contents))
        parts.work(folder, planned, write, wait=False)


@contextmanager
def _helped(release: Release, folder: Path, helpers: int) -> Iterator[None]:
    """Let further processes of this machine help meanwhile; what one could not do, this process sees for itself."""
    with ExitStack() as stack:
        if helpers > 0:
            spawned = ProcessPoolExecutor(helpers, mp_context=get_context("spawn"), initializer=django.setup)
            pool = stack.enter_context(spawned)
            for _each in range(helpers):
                pool.submit(help_to_build, release.pk, folder)
        yield


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Give the folder beside the final one to build in, held by a lock that ends with this process, however it ends.

    So what a killed build leaves never has the final name, and the next build goes on with it. Raise ReleaseRefused
    when another process is at it, or the folder cannot be made.
    """
    place = parts.unfinished(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_RDONLY)
    except OSError as error:
        raise ReleaseRefused(
            _("%(folder)s cannot be written to: %(problem)s", folder=folder.parent, problem=error.strerror)
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseRefused(
                _("%(name)s is being built right now; wait until that is done", name=folder.name)
            ) from None
        try:
            yield place
        except Exception:
            shutil.rmtree(place, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def _previous_folder(frozen: FrozenRelease) -> Path | None:
    """Return the folder of the release before. Raise ReleaseRefused when it is not as it was published.

    What changed can only be stated against the very files that were published.
    """
    previous = frozen.previous
    if previous is None:
        return None
    folder = Path(previous.folder)
    try:
        unchanged = sha256_of(folder / MANIFEST) == previous.manifest_sha256
    except OSError:
        unchanged = False
    if not unchanged:
        raise ReleaseRefused(
            _(
                "release %(version)s is no longer in %(folder)s as it was published; put it back, so that what changed "
                "since can be told",
                version=previous.version,
                folder=folder,
            )
        )
    return folder


def _benchmarks(release: Release) -> list[Benchmark]:
    """Return the lists of fingerprints the record names. Raise Conflict when one is no longer as it was."""
    lists = {benchmark.title: benchmark for benchmark in lists_in(settings.BENCHMARKS_DIR)}
    named = release.frozen.benchmarks
    for entry in named:
        if entry.title not in lists or lists[entry.title].sha256 != entry.sha256:
            raise Conflict(
                _(
                    "the list %(title)s.csv in %(folder)s is not as it was for %(release)s",
                    title=entry.title,
                    folder=settings.BENCHMARKS_DIR,
                    release=release,
                )
            )
    return [lists[entry.title] for entry in named]
