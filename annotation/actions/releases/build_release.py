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

from annotation.dataset.contents.benchmarks import lists_as_stated
from annotation.dataset.read.previous import published_folder
from annotation.dataset.write import parts
from annotation.dataset.write.folder import FORMAT, ReleaseHashes, assemble, part_writer
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Release
from annotation.phrases import phrase as _

from .contents import contents_of
from .read_records import parts_of, read_records
from .release_report import attach_report
from .state_facts import state_facts


def build_release(
    release: Release,
    folder: Path,
    *,
    processes: int = 1,
    on_start: Callable[[], object] = lambda: None,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> ReleaseHashes:
    """Write the files of a release record into a folder: the same record gives the same bytes, whoever helps.

    The report of agreement inside is on the very answers of the release: the newest one where that is so, else a new
    one. Parts that an earlier build of the same record finished there stay. So many `processes` of this machine take
    part, beside whoever calls `help_to_build` once `on_start` was called. `on_progress` is called with how many parts
    of how many are done. Raise Conflict when the rows are no longer those the record was published with, ReleaseRefused
    when an image is unusable.
    """
    contents = contents_of(release)
    # First, as the facts state the figures of the report.
    attach_report(release, contents)
    facts = state_facts(release, contents)
    previous = published_folder(contents.frozen.previous, Path(settings.RELEASES_DIR))
    benchmarks = lists_as_stated(settings.BENCHMARKS_DIR, contents.frozen.benchmarks, str(release))
    all_parts = parts_of(contents)
    # Parts by another engine or of another record must not be mixed into one release.
    parts.prepare(folder, all_parts, json.dumps([release.pk, release.event_head, FORMAT, facts.engine], sort_keys=True))
    on_progress(sum(parts.is_done(folder, part) for part in all_parts), len(all_parts))
    # Only now is there anything that a helper could claim.
    on_start()
    # More processes than parts would start up for nothing.
    most_processes = ceil(sum(part.images for part in all_parts) / contents.frozen.part_images)
    with _with_helpers(release, folder, min(processes, most_processes) - 1):
        write = part_writer(facts, partial(read_records, contents))
        parts.work(folder, all_parts, write, on_progress=lambda done: on_progress(done, len(all_parts)))
    result = assemble(folder, facts, all_parts, previous=previous, benchmarks=benchmarks)
    if release.content_hash not in ("", result.content_sha256):
        raise Conflict(_("the rows of release %(release)s have changed since it was published", release=release))
    return result


def help_to_build(release_id: int, folder: Path) -> None:
    """Write parts of a release that another process builds in a folder, as long as some are left that nobody is at."""
    all_parts = parts.read_plan(folder)
    if all_parts:
        release = Release.objects.get(pk=release_id)
        contents = contents_of(release)
        write = part_writer(state_facts(release, contents), partial(read_records, contents))
        parts.work(folder, all_parts, write, wait=False)


@contextmanager
def _with_helpers(release: Release, folder: Path, helpers: int) -> Iterator[None]:
    """Let further processes of this machine help meanwhile; what one could not do, this process sees for itself."""
    with ExitStack() as stack:
        if helpers > 0:
            # A forked process would share our connection to the database.
            executor = ProcessPoolExecutor(helpers, mp_context=get_context("spawn"), initializer=django.setup)
            pool = stack.enter_context(executor)
            for _each in range(helpers):
                pool.submit(help_to_build, release.pk, folder)
        yield


@contextmanager
def lock_build_folder(folder: Path) -> Iterator[Path]:
    """Give the folder beside the final one to build in, held by a lock that ends with this process, however it ends.

    So what a killed build leaves never has the final name, and the next build goes on with it. Raise ReleaseRefused
    when another process is at it, or the folder cannot be made.
    """
    place = parts.build_folder(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        # The folder itself is locked, since a build clears away any file it finds there.
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
        # A kill raises nothing, so only a build that failed for a reason of its own loses its parts.
        except Exception:
            shutil.rmtree(place, ignore_errors=True)
            raise
    finally:
        os.close(handle)
