"""A release comes back from where it was published: through clients, programs and file managers that leave traces."""

import os
import shutil
import subprocess
from zipfile import ZipFile

import pytest

from annotation.dataset.format import manifest
from annotation.dataset.verify.files import check_listed_files
from annotation.dataset.verify.verify import verify
from annotation.publishing.archive import archive


@pytest.fixture
def release(sample_release, tmp_path):
    return shutil.copytree(sample_release, tmp_path / "release")


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\x00\x05\x16\x07")


def check(folder):
    """Hold the files of a release against its manifest; the rows take longer."""
    remarks = []
    return list(check_listed_files(folder, manifest.read(folder), remarks)), remarks


def snapshot(release, cache):
    """Lay a release out as `snapshot_download` does: links into a folder of blobs."""
    target = cache / "snapshots" / "4f1c"
    (cache / "blobs").mkdir(parents=True)
    for name, path in manifest.files_below(release).items():
        blob = cache / "blobs" / manifest.sha256_of(path)
        shutil.copy(path, blob)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).symlink_to(os.path.relpath(blob, (target / name).parent))
    return target


LINKS = "files are links, as the Hub's cache lays them out: what they lead to was read"


def test_a_snapshot_of_the_hub_holds_and_a_changed_blob_does_not(release, tmp_path):
    folder = snapshot(release, tmp_path / "cache")
    result = verify(folder)
    assert (result.findings, result.rows_checked) == ([], True)
    assert result.remarks[:1] == [f"{result.files} {LINKS}"]
    (folder / "README.md").resolve().write_text("changed")
    assert check(folder)[0] == ["README.md: its hash is not the one in MANIFEST.sha256"]


TRACES = [
    ((".cache/huggingface/.gitignore", ".cache/huggingface/download/README.md.metadata", ".gitattributes"),
     "3 files (1 of Git, 2 of the Hub's client)"),
    ((".huggingface/download/README.md.metadata",), "1 files (1 of the Hub's client)"),
    ((".git/HEAD", ".git/objects/ab/cd", ".gitattributes"), "3 files (3 of Git)"),
    ((".DS_Store", "data/.DS_Store", "__MACOSX/._README.md", "data/._train-00000-of-00001.parquet", ),
     "4 files (4 of macOS)"),
    (("Thumbs.db", "data/desktop.ini", "data/Thumbs.db"), "3 files (3 of Windows)"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "counts"), TRACES)
def test_what_others_leave_beside_a_release_brings_a_remark_and_no_finding(release, names, counts):
    put(release, *names)
    assert check(release) == ([], [f"passed over, as no part of the release: {counts}"])


def test_traces_among_the_unpacked_images_are_no_images(release):
    put(release, "images/.DS_Store", "images/Thumbs.db", "images/._ab.jpg")
    assert verify(release).findings == []


@pytest.mark.parametrize("name", ["data/train-00001-of-00002.parquet", "notes.md", "data/.hidden", "x/.git/HEAD"])
def test_any_other_file_beside_a_release_is_found(release, name):
    put(release, ".DS_Store", name)
    assert f"{name}: is not in MANIFEST.sha256" in check(release)[0]


def test_a_clone_holds_and_one_with_other_line_ends_says_why_it_does_not(release, tmp_path):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], check=True)

    quiet = ("-q", "-C", str(release))
    git("init", "-q", str(release))
    git(*quiet[1:], "-c", "core.autocrlf=false", "add", ".")
    git(*quiet[1:], "commit", "-qm", "Release")
    shutil.rmtree(tmp_path / "clone", ignore_errors=True)
    git("-c", "core.autocrlf=false", "clone", "-q", str(release), str(tmp_path / "clone"))
    findings, [remark] = check(tmp_path / "clone")
    assert findings == []
    assert "of Git)" in remark
    git("-c", "core.autocrlf=true", "clone", "-q", str(release), str(tmp_path / "windows"))
    findings = verify(tmp_path / "windows").findings
    changed = "its line ends were changed to those of Windows, as Git does: clone with -c core.autocrlf=false"
    assert f"README.md: {changed}" in findings
    assert f"MANIFEST.sha256: {changed}" in findings


def test_a_pointer_of_git_lfs_is_named(release):
    [path] = release.glob("data/train-*.parquet")
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 5\n")
    finding = "is a pointer of Git LFS and not the file: `git lfs pull` fetches it"
    assert check(release)[0] == [f"data/{path.name}: {finding}"]


def test_the_zip_of_zenodo_holds_once_it_is_unpacked(release, tmp_path):
    sizes = {name: path.stat().st_size for name, path in manifest.files_below(release).items()}
    archive(release, sizes, tmp_path / "demo.zip")
    with ZipFile(tmp_path / "demo.zip") as packed:
        packed.extractall(tmp_path / "out")
    put(tmp_path / "out", "__MACOSX/._release")
    assert check(tmp_path / "out" / "release") == ([], [])
    none = "holds no MANIFEST.sha256, so it is not a release"
    assert verify(tmp_path / "out").findings == [f"{tmp_path / 'out'} {none}; release in it does"]
    assert verify(tmp_path / "demo.zip").findings == [
        f"{tmp_path / 'demo.zip'} {none}; the folder of a release is accepted: unpack a zip first"
    ]


def test_a_cache_of_the_hub_says_where_in_it_the_release_lies(release, tmp_path):
    snapshot(release, tmp_path / "cache")
    assert verify(tmp_path / "cache").findings[0].endswith("; snapshots/4f1c in it does")
