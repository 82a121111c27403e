"""One HTTP POST, with a limit on the whole of it: no redirect is followed, and of the answer only the status counts."""

import contextlib
import http.client
import socket
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

from rampart.errors import ChannelError, ConfigError

HOPELESS = (400, 405, 413, 415, 422)
"""The peer will not take this very message, however often it is sent."""


class Poster:
    """Posts to one URL. Each post has a connection of its own and ends within `timeout_s`, whatever the peer does."""

    def __init__(self, url: str, timeout_s: float, ca_file: Path | None, where: str):
        """Take a URL apart; raises ConfigError naming `where`."""
        parts = urlsplit(url)
        try:
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            self._host = ""
        if parts.scheme not in ("http", "https") or not self._host or parts.username:
            raise ConfigError(f"{where}: url", "http://HOST/… or https://HOST/…, without a user in it", url)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout_s, self._context = timeout_s, None
        if parts.scheme == "https":
            try:
                self._context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(f"{where}: ca_file", "certificates in PEM", str(ca_file)) from error

    def post(self, body: bytes, headers: dict[str, str]) -> str:
        """Post; return the peer's answer in words. Raises ChannelError."""
        connection = self._connection()
        timer = threading.Timer(self._timeout_s, _cut, (connection,))
        timer.daemon = True
        timer.start()
        try:
            connection.request("POST", self._target, body, {"Content-Length": str(len(body)), **headers})
            answer = connection.getresponse()
            status, reason = answer.status, " ".join(answer.reason.split())[:60]
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # a connection that is cut under it shows as any of these
            said = "did not answer in time" if not timer.is_alive() else _words(error)
            raise ChannelError(f"{self._host}: {said}") from error
        finally:
            timer.cancel()
            connection.close()
        if 200 <= status < 300:
            return f"{self._host} answered {status}"
        raise ChannelError(f"{self._host} answered {status} {reason}", for_good=status in HOPELESS)

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=self._context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)


def _cut(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:80]
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__
