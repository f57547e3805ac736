"""The files of releases, one by one or all in a zip."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from zipstream import ZipStream

from annotation.models import Release, Withdrawal
from webapp.access import SignedInRequest
from webapp.audit.access import viewers

# Embedded in the main view alone, and where somebody unpacked it.
PICTURES = ("data/", "images/")


@require_safe
@viewers
def files(request: SignedInRequest, slug: str, version: str) -> HttpResponse:
    """List the files of a release with their sizes."""
    return _show_files(request, find_release(request, slug, version))


def _show_files(request: SignedInRequest, release: Release, status: int = 200) -> HttpResponse:
    """Show the page of a release, which also says what to do where its files are missing."""
    rows = [{"path": name, "size": path.stat().st_size} for name, path in files_of(release).items()]
    context = {
        "release": release,
        "pictures_withheld": holds_erased_images(release),
        "campaign": release.campaign,
        "files": rows,
        "total": sum(row["size"] for row in rows if isinstance(row["size"], int)),
        "here": "releases",
    }
    return render(request, "audit/releases/files.html", context, status=status)


@require_safe
@viewers
def download(request: SignedInRequest, slug: str, version: str) -> HttpResponse | StreamingHttpResponse:
    """Send a release as one zip, while it is read."""
    release = find_release(request, slug, version)
    name = f"{slug}-{version}"
    # Stored, as the files are compressed already; so the length is known before the first byte.
    archive = ZipStream(sized=True)
    paths = files_of(release)
    if not paths:
        return _show_files(request, release, status=404)
    for inside, path in paths.items():
        archive.add_path(path, f"{name}/{inside}")
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=f"{name}.zip"),
        "Content-Length": str(len(archive)),
    }
    return StreamingHttpResponse(archive, content_type="application/zip", headers=headers)


@require_safe
@viewers
def file(request: SignedInRequest, slug: str, version: str, path: str) -> HttpResponse | FileResponse:
    """Send one file of a release. Only names that are on its list are known."""
    # Looked up, never joined to the folder: a path with dots in it would lead out of the release.
    release = find_release(request, slug, version)
    paths = files_of(release)
    if not paths:
        return _show_files(request, release, status=404)
    file_path = paths.get(path)
    if file_path is None:
        raise Http404
    # As a download: what a release holds must never be shown, or run, as a page of ours.
    return FileResponse(file_path.open("rb"), as_attachment=True, filename=file_path.name)


def find_release(request: SignedInRequest, slug: str, version: str) -> Release:
    """Return a completely written release this person may download, else raise Http404."""
    releases = Release.objects.visible_to(request.user).done().select_related("campaign", "report", "requested_by")
    return get_object_or_404(releases, campaign__slug=slug, version=version)


def files_of(release: Release) -> dict[str, Path]:
    """Map the name of each file, relative to the release's folder, to where it lies; links are left out.

    It is empty where the folder is missing or is not the one that was published, and without pictures where one of
    them was erased since.
    """
    # Where another release lies in its place, that is not what is asked for.
    if not release.has_files:
        return {}
    folder = release.path
    # A link could lead to any file that the server can read.
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    if not holds_erased_images(release):
        return files
    return {name: path for name, path in files.items() if not name.startswith(PICTURES)}


def holds_erased_images(release: Release) -> bool:
    """Tell whether an image in the release was erased since, so that its pictures are not handed out any more."""
    return release.withdrawals.filter(image__isnull=False, reason__in=Withdrawal.ERASING).exists()
