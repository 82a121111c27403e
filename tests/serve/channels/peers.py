"""Real peers for channels: a broker, a TAK server, started as processes of their own on loopback."""

import datetime
import importlib.util
import ipaddress
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def free_tcp_port() -> int:
    """Return a port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, within_s: float = 10.0) -> None:
    """Wait until something accepts connections."""
    latest_s = time.monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            assert process.poll() is None, "the peer has ended"
            assert time.monotonic() < latest_s, "the peer does not listen"
            time.sleep(0.01)


class Broker:
    """A mosquitto that keeps nothing over its end."""

    def __init__(self, folder: Path, *lines: str):
        self.port = free_tcp_port()
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._config.write_text("\n".join([f"listener {self.port} 127.0.0.1", "user root", *lines, ""]))
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5.0)


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 and its key; return their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "peer.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    (folder / "peer.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "peer.pem", folder / "peer.key"


# taky asks setuptools for its own version, in a way that setuptools 82 has dropped; nothing else of it is changed
START_TAKY = """
import importlib.metadata as installed, sys, types
old = types.ModuleType("pkg_resources")
old.DistributionNotFound, old.get_distribution = installed.PackageNotFoundError, installed.distribution
sys.modules["pkg_resources"] = old
from taky.cot.__main__ import main
main()
"""
needs_taky = pytest.mark.skipif(importlib.util.find_spec("taky") is None, reason="taky is not installed")


class TakServer:
    """A taky on loopback, with or without TLS."""

    def __init__(self, folder: Path, tls: tuple[Path, Path] | None = None):
        self.port = free_tcp_port()
        ssl = "enabled = false"
        if tls is not None:
            ssl = f"enabled = true\nclient_cert_required = false\nca = {tls[0]}\ncert = {tls[0]}\nkey = {tls[1]}"
        config = folder / "taky.conf"
        config.write_text(
            f"[taky]\nhostname = taky\nbind_ip = 127.0.0.1\npublic_ip = 127.0.0.1\nredis = false\nroot_dir = {folder}\n"
            f"[cot_server]\nport = {self.port}\n[ssl]\n{ssl}\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", START_TAKY, "-c", str(config)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_port(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5.0)
