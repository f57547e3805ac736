"""Sign the manifest of a release, and check the signature: Ed25519 (RFC 8032), 64 bytes beside the manifest.

The manifest holds the hash of every other file, so whoever signed it vouches for all of them. The signature is in no
hash itself: a release can be signed after it was published, and stays the same release.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from annotation.dataset.format import manifest
from annotation.errors import BadInput

NAME = f"{manifest.NAME}.sig"
ACCEPTED = "an Ed25519 key in PEM is accepted, as `openssl genpkey -algorithm ed25519` makes it"


class KeyRefused(BadInput):
    """A file that holds no key we can use."""


def private_key(path: Path, passphrase: str = "") -> Ed25519PrivateKey:
    """Read the key that signs. Raise KeyRefused naming the file, never quoting it."""
    try:
        key = serialization.load_pem_private_key(_content(path), passphrase.encode() or None)
    # The library raises it for a passphrase that is missing or needless, and ValueError for a wrong one.
    except TypeError as error:
        problem = "no passphrase was given for it" if not passphrase else "it has no passphrase, but one was given"
        raise KeyRefused(f"{path}: {problem}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        problem = "the passphrase is wrong, or it is no private key" if passphrase else "it is no private key"
        raise KeyRefused(f"{path}: {problem}; {ACCEPTED}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused(f"{path}: it is a key of another kind; {ACCEPTED}")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Read the key that checks. Raise KeyRefused naming the file."""
    try:
        key = serialization.load_pem_public_key(_content(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(f"{path}: it is no public key; the one of `openssl pkey -pubout` is accepted") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused(f"{path}: it is a key of another kind; {ACCEPTED}")
    return key


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyRefused(f"{path}: cannot be read: {error.strerror}") from error


def sign(folder: Path, key: Ed25519PrivateKey) -> Path:
    """Write the signature of the manifest in `folder`; the same key always writes the same bytes."""
    path = folder / NAME
    path.write_bytes(key.sign((folder / manifest.NAME).read_bytes()))
    return path


def problem(folder: Path, key: Ed25519PublicKey) -> str:
    """Say why this key did not sign the release in `folder`; empty when it did."""
    try:
        key.verify((folder / NAME).read_bytes(), (folder / manifest.NAME).read_bytes())
    except FileNotFoundError:
        return f"{NAME}: is missing, so nobody signed this release"
    except (OSError, InvalidSignature):
        return f"{NAME}: is not the signature of {manifest.NAME} by this key"
    return ""
