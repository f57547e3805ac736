"""Push a release to a dataset repository of the Hugging Face Hub: one commit, tagged with the version."""

from __future__ import annotations

import re

from httpx2 import HTTPError  # The Hub's client speaks by it and lets its errors through.
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from .parcel import Parcel, PublishingRefused

NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
REPOSITORY = re.compile(f"{NAME}/{NAME}", re.ASCII)


def checked_repository(repository: str) -> str:
    """Return the name of a repository. Raise PublishingRefused when it is none."""
    if not REPOSITORY.fullmatch(repository):
        raise PublishingRefused(f"repository {repository!r} is not understood; OWNER/NAME is accepted")
    return repository


def push(parcel: Parcel, repository: str, *, token: str, endpoint: str, private: bool = True) -> str:
    """Make the repository hold the files of the release and no others, tag that with the version; return the commit.

    A tag is never moved. Whoever calls again after a failure goes on: files that arrived are not sent twice. Raise
    PublishingRefused naming what the Hub answered; the token is in no message.
    """
    hub = HfApi(endpoint=endpoint, token=token)
    try:
        hub.create_repo(checked_repository(repository), repo_type="dataset", private=private, exist_ok=True)
        if parcel.version in {tag.name for tag in hub.list_repo_refs(repository, repo_type="dataset").tags}:
            raise PublishingRefused(f"{repository} has version {parcel.version} already; a version is pushed once")
        # By the manifest's names: whatever else lies in the folder was never part of the release.
        commit = hub.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=parcel.folder,
            allow_patterns=list(parcel.sizes),
            delete_patterns="*",
            commit_message=f"Release {parcel.version}",
            commit_description=f"SHA-256 of the manifest: {parcel.manifest_sha256}",
        )
        # Last: a tag says that all of it arrived.
        hub.create_tag(repository, tag=parcel.version, revision=commit.oid, repo_type="dataset")
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise PublishingRefused(f"the Hub refuses {repository} with {status}: {error.server_message}") from error
    except OfflineModeIsEnabled as error:
        raise PublishingRefused("the Hub is not asked: HF_HUB_OFFLINE is set in the environment") from error
    except (HTTPError, OSError) as error:
        raise PublishingRefused(f"the Hub cannot be reached: {type(error).__name__}") from error
    return str(commit.oid)
