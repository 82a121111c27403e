"""Keys are made once, for one mode each, and nobody else reads them."""

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from rampart.errors import ConfigError, OutputError
from rampart.serve.keys import (
    fingerprint_of,
    keys_folder,
    mode_of,
    own_key,
    read_certificate,
    read_key,
    trusted_certificates,
)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_pem(key):
    return key.certificate.public_bytes(serialization.Encoding.PEM)


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    first, again = own_key("test", tmp_path), own_key("test", tmp_path)
    assert fingerprint_of(first.certificate) == fingerprint_of(again.certificate)
    assert (tmp_path / "alerts-test.pem").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["alerts-test.pem"]


def test_each_mode_has_its_own(tmp_path):
    keys = {mode: own_key(mode, tmp_path) for mode in ("live", "exercise", "test")}
    assert {mode: key.mode for mode, key in keys.items()} == {mode: mode for mode in keys}
    assert {mode_of(certificate) for certificate in trusted_certificates(tmp_path).values()} == set(keys)


def test_two_processes_at_once_agree_on_one_key(tmp_path):
    code = (
        "import sys; from pathlib import Path; from rampart.serve.keys import own_key, fingerprint_of;"
        "print(fingerprint_of(own_key('test', Path(sys.argv[1])).certificate))"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({run.communicate()[0] for run in runs}) == 1


def test_the_folder_is_the_users_or_the_one_that_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("RAMPART_KEYS", raising=False)
    assert keys_folder().name == "keys"
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path))
    assert keys_folder() == tmp_path


def test_what_is_no_key_is_refused_in_one_line(tmp_path):
    good, other = own_key("test", tmp_path / "a"), own_key("test", tmp_path / "b")
    rsa_key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "key.pem"
    for content, said in [
        (b"garbage", "a private key without a password and its certificate"),
        (pem(good.private_key), "and its certificate"),
        (pem(rsa_key) + certificate_pem(good), "P-256"),
        (pem(ec.generate_private_key(ec.SECP384R1())) + certificate_pem(good), "P-256"),
        (pem(other.private_key) + certificate_pem(good), "the certificate of this very key"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=said) as refusal:
            read_key(path)
        assert "\n" not in str(refusal.value)
    with pytest.raises(ConfigError, match="No such file"):
        read_key(tmp_path / "nowhere")
    path.write_bytes(b"garbage")
    with pytest.raises(ConfigError, match="a certificate in PEM"):
        read_certificate(path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="RAMPART_KEYS"):
        own_key("test", tmp_path / "file" / "keys")


def test_a_certificate_of_somebody_else_names_no_mode(tmp_path):
    key = own_key("test", tmp_path)
    (tmp_path / "strange.pem").write_bytes(b"garbage")
    assert list(trusted_certificates(tmp_path)) == [fingerprint_of(key.certificate)]
    assert trusted_certificates(tmp_path / "nowhere") == {}
