"""Parts of a release: how images are cut, shared among processes, kept through a kill, and joined to the same bytes."""

import multiprocessing
import os
import signal
import time
from functools import partial

import pytest

from annotation.dataset.format import manifest
from annotation.dataset.write import parts
from annotation.dataset.write.folder import assemble
from annotation.dataset.write.parts import SUMMARY, Part, is_done, plan, prepare, read_plan, work
from annotation.dataset.write.shards import write_part
from tests.harness import release_samples as samples
from tests.harness.release_samples import FACTS, RUBRIC, image, write_parts

FORK = multiprocessing.get_context("fork")


def cut(sizes, **limits):
    return [(part.name, part.images) for part in plan(sizes, **limits)]


def test_images_are_cut_by_number_by_size_and_by_split():
    images = [("train", f"{n:02}", 10) for n in range(5)] + [("test", "00", 10)]
    assert cut(images, most_images=2) == [("train-00000", 2), ("train-00001", 2), ("train-00002", 1), ("test-00000", 1)]
    assert cut(images, most_bytes=30) == [("train-00000", 3), ("train-00001", 2), ("test-00000", 1)]
    assert cut([("train", "a", 99), ("train", "b", 1)], most_bytes=30) == [("train-00000", 1), ("train-00001", 1)]
    assert cut([]) == []


@pytest.fixture
def release():
    """Return the parts of a release of twelve images, and how each comes by its own."""
    return samples.planned(
        samples.in_order(*(image(n, "train" if n < 9 else "test") for n in range(12))), most_images=2
    )


def write_slowly(of, note, part, folder, *, seconds=0.02):
    """Write a part, and note on which process did."""
    time.sleep(seconds)
    write_part(folder, part, of(part), RUBRIC, {})
    with note.open("a") as file:
        file.write(f"{os.getpid()} {part.name}\n")


def help_out(folder, of, note, **options):
    work(folder, read_plan(folder), partial(write_slowly, of, note, **options), wait=False)


def bytes_of(folder):
    return {name: path.read_bytes() for name, path in manifest.files_below(folder).items()}


def alone(folder, release):
    folder.mkdir()
    write_parts(folder, FACTS, *release)
    return bytes_of(folder)


def test_eight_processes_share_the_parts_and_the_bytes_are_those_of_one(tmp_path, release):
    todo, of = release
    folder, note = tmp_path / "shared", tmp_path / "note"
    folder.mkdir()
    prepare(folder, todo)
    helpers = [FORK.Process(target=help_out, args=(folder, of, note)) for _ in range(7)]
    for helper in helpers:
        helper.start()
    counts = []
    work(folder, todo, partial(write_slowly, of, note), on_progress=counts.append)
    for helper in helpers:
        helper.join()
    written = [line.split() for line in note.read_text().splitlines()]
    assert sorted(name for _, name in written) == sorted(part.name for part in todo), "each part is written once"
    assert len({process for process, _ in written}) > 2
    assert counts[-1] == len(todo)
    assemble(folder, FACTS, todo)
    assert bytes_of(folder) == alone(tmp_path / "alone", release)


def test_a_part_whose_process_was_killed_is_written_by_another(tmp_path, release):
    todo, of = release
    folder, note = tmp_path / "killed", tmp_path / "note"
    folder.mkdir()
    prepare(folder, todo)
    helper = FORK.Process(target=help_out, args=(folder, of, note), kwargs={"seconds": 60})
    helper.start()
    while not parts.path_of(folder, todo[0]).is_dir():
        time.sleep(0.01)
    os.kill(helper.pid, signal.SIGKILL)
    helper.join()
    work(folder, todo, partial(write_slowly, of, note))
    assert all(is_done(folder, part) for part in todo)
    assemble(folder, FACTS, todo)
    assert bytes_of(folder) == alone(tmp_path / "alone", release)


def test_a_build_that_goes_on_keeps_what_is_done_and_clears_the_rest(tmp_path, release):
    todo, of = release
    folder = tmp_path / "again"
    folder.mkdir()
    prepare(folder, todo, "release 1")
    write_part_of = partial(write_slowly, of, tmp_path / "note", seconds=0)
    work(folder, todo[:2], write_part_of)
    kept = (parts.path_of(folder, todo[0]) / SUMMARY).stat().st_mtime_ns
    (folder / "half.parquet").write_text("left by a kill")
    prepare(folder, todo, "release 1")
    assert [is_done(folder, part) for part in todo[:3]] == [True, True, False]
    assert (parts.path_of(folder, todo[0]) / SUMMARY).stat().st_mtime_ns == kept
    assert not (folder / "half.parquet").exists()
    prepare(folder, todo, "release 2")
    assert not any(is_done(folder, part) for part in todo)


def test_a_helper_that_comes_too_late_finds_nothing_to_do(tmp_path, release):
    todo, of = release
    folder, note = tmp_path / "late", tmp_path / "note"
    folder.mkdir()
    write_parts(folder, FACTS, todo, of)
    before = bytes_of(folder)
    work(folder, todo, partial(write_slowly, of, note), wait=False)
    help_out(folder, of, note)
    assert not note.exists()
    assert bytes_of(folder) == before


def test_a_part_that_fails_leaves_nothing_that_counts_as_done(tmp_path, release):
    todo, of = release
    folder = tmp_path / "failed"
    folder.mkdir()
    prepare(folder, todo)

    def cut_short(part):
        yield of(part)[0]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        work(folder, todo, lambda part, into: write_part(into, part, cut_short(part), RUBRIC, {}))
    assert not is_done(folder, todo[0])
    assert isinstance(todo[0], Part)
