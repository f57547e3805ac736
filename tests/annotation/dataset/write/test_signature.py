import json
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.core.management import CommandError, call_command

from annotation.dataset.verify.verify import verify
from annotation.dataset.write import signature
from tests.harness.release_samples import write


@pytest.fixture
def release(tmp_path):
    write(tmp_path / "release", agreement={})
    return tmp_path / "release"


@pytest.fixture
def keys(tmp_path):
    """Olga's private and public key, as files."""
    return key_files(tmp_path, "olga", Ed25519PrivateKey.generate())


def key_files(folder, name, key, passphrase=b""):
    way = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, way))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def checked(release, capsys, *options):
    """Return what verify_release prints as JSON, whether it holds or not."""
    with suppress(CommandError):
        call_command("verify_release", str(release), *options, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_signed_release_still_holds_and_names_who_signed_it(release, keys, capsys):
    call_command("sign_release", str(release), "--key", str(keys[0]))
    assert verify(release).findings == []
    capsys.readouterr()
    stated = checked(release, capsys, "--key", str(keys[1]))
    assert (stated["holds"], stated["signed"], stated["signature_checked"]) == (True, True, True)


def test_the_same_key_always_writes_the_same_signature(release, keys):
    key = signature.private_key(keys[0])
    first = signature.sign(release, key).read_bytes()
    assert (signature.sign(release, key).read_bytes(), len(first)) == (first, 64)


def test_a_rewritten_manifest_is_found_by_the_signature(release, keys, capsys):
    signature.sign(release, signature.private_key(keys[0]))
    manifest = release / "MANIFEST.sha256"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert signature.problem(release, signature.public_key(keys[1])).startswith("MANIFEST.sha256.sig: is not the")


def test_the_key_of_somebody_else_did_not_sign_it(release, keys, tmp_path, capsys):
    signature.sign(release, signature.private_key(keys[0]))
    _, mallorys = key_files(tmp_path, "mallory", Ed25519PrivateKey.generate())
    stated = checked(release, capsys, "--key", str(mallorys))
    assert stated["findings"] == ["MANIFEST.sha256.sig: is not the signature of MANIFEST.sha256 by this key"]


def test_an_unsigned_release_does_not_hold_against_a_key(release, keys, capsys):
    assert checked(release, capsys)["holds"]
    stated = checked(release, capsys, "--key", str(keys[1]))
    assert stated["findings"] == ["MANIFEST.sha256.sig: is missing, so nobody signed this release"]


def test_a_release_that_does_not_hold_is_not_signed(release, keys):
    (release / "LICENSES.csv").write_bytes(b"")
    with pytest.raises(CommandError, match=r"not signed: LICENSES\.csv"):
        call_command("sign_release", str(release), "--key", str(keys[0]))
    assert not (release / signature.NAME).exists()


def test_a_passphrase_comes_from_the_environment_and_is_never_quoted(release, tmp_path, settings):
    private, public = key_files(tmp_path, "olga", Ed25519PrivateKey.generate(), b"opensesame")
    with pytest.raises(CommandError, match="no passphrase was given"):
        call_command("sign_release", str(release), "--key", str(private))
    settings.RELEASE_KEY_PASSPHRASE = "closesesame"
    with pytest.raises(CommandError, match="the passphrase is wrong") as refused:
        call_command("sign_release", str(release), "--key", str(private))
    assert "closesesame" not in str(refused.value)
    settings.RELEASE_KEY_PASSPHRASE = "opensesame"
    call_command("sign_release", str(release), "--key", str(private))
    assert signature.problem(release, signature.public_key(public)) == ""


def test_files_that_hold_no_ed25519_key_are_refused_with_what_is_accepted(tmp_path, keys):
    private, public = key_files(tmp_path, "rsa", generate_private_key(65537, 2048))
    with pytest.raises(signature.KeyRefused, match="another kind; an Ed25519 key in PEM is accepted"):
        signature.private_key(private)
    with pytest.raises(signature.KeyRefused, match="another kind"):
        signature.public_key(public)
    with pytest.raises(signature.KeyRefused, match=r"olga\.pem: it is no public key"):
        signature.public_key(keys[0])
    with pytest.raises(signature.KeyRefused, match="cannot be read: No such file"):
        signature.private_key(tmp_path / "nothing.pem")
