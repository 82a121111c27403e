"""Answers the screens of the public page: small files, the newest state of a zone, a stream of it; reads nothing."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from importlib.resources import files
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from rampart.channelkeys import PageKeys
from rampart.domain.site import Site
from rampart.errors import ConfigError
from rampart.serve.phrases import known_languages, texts_in

SILENT_S = 2.5
"""Where no beat has come for so long, no state is given out: the screens say that they cannot warn."""
STOP_WITHIN_S = 2.0
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
KINDS = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}


class PageServer:
    """One thread that serves; `show` hands it what is new and returns at once.

    Every screen has room for one state, the newest: a screen that takes nothing is left behind, and holds up nobody.
    """

    def __init__(self, keys: PageKeys, where: str, site: Site):
        """Take the address; raises ConfigError."""
        self._keys, self._site = keys, site
        self._socket = _listening(keys, where)
        self.port: int = self._socket.getsockname()[1]
        self._files = {name: (files("rampart.serve") / "static" / name).read_bytes() for name in KINDS}
        self._states: dict[str, bytes] = {}
        self._shown_s = 0.0
        self._screens: set[Screen] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def clients(self) -> int:
        """How many screens hold a stream open."""
        return len(self._screens)

    @property
    def fault(self) -> str | None:
        """What is wrong with the server, in words; None where nothing is."""
        if self._thread is not None and not self._thread.is_alive():
            return "the thread that serves the pages has ended"
        return None

    def start(self) -> None:
        """Begin to answer; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="public page", daemon=True)
            self._thread.start()

    def show(self, states: dict[str, bytes], whole: bool = False) -> None:
        """Take the newest states by zone; with `whole` these are all zones."""
        self._states = states if whole else {**self._states, **states}
        self._shown_s = time.monotonic()
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake, frozenset(states))

    def stop(self) -> None:
        """End the streams and the thread, and give the address back."""
        if self._server is not None and self._loop is not None:
            self._server.should_exit = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake, frozenset())
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)
        self._socket.close()

    def _serve(self) -> None:
        routes = [
            Route("/", self._page),
            Route("/z/{zone}", self._page),
            Route("/{name}", self._file),
            Route("/z/{zone}/state", self._state),
            Route("/z/{zone}/events", self._events),
            Route("/api/zones", self._zones),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=self._keys.most_clients,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        asyncio.run(self._run(self._server))

    async def _run(self, server: uvicorn.Server) -> None:
        self._loop = asyncio.get_running_loop()
        await server.serve(sockets=[self._socket])

    def _wake(self, zones: frozenset[str]) -> None:
        """Tell the screens of these zones that there is something new; without zones, that all is over."""
        for screen in self._screens:
            if not zones or screen.zone in zones:
                screen.news.set()

    def _newest(self, zone: str) -> bytes | None:
        """Return a zone's state; None where it is not known, or where nobody has said anything for too long."""
        return self._states.get(zone) if time.monotonic() - self._shown_s < SILENT_S else None

    async def _page(self, request: Request) -> Response:
        """Answer with the page, the words of all languages in it: it can speak when nobody answers any more."""
        zone = request.path_params.get("zone", "")
        if zone and self._states and zone not in self._states:
            return Response("There is no such place here.", 404, HEADERS, "text/plain")
        words = {language: texts_in(language) for language in known_languages()}
        facts = {
            "zone": zone,
            "site": self._site.name,
            "mode": self._site.mode,
            "words": {
                language: {"name": texts.name, "direction": texts.direction, "seconds": texts.seconds, **texts.page}
                for language, texts in words.items()
                if texts is not None
            },
        }  # fmt: skip
        told = json.dumps(facts, ensure_ascii=False).replace("&", "&amp;").replace('"', "&quot;")
        page = self._files["page.html"].decode().replace("{{facts}}", told.replace("<", "&lt;"))
        return Response(page.encode(), 200, HEADERS, "text/html")

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in KINDS or name == "page.html":
            return Response("", 404, HEADERS)
        return Response(self._files[name], 200, HEADERS, KINDS[name])

    async def _state(self, request: Request) -> Response:
        state = self._newest(request.path_params["zone"])
        if state is None:
            return Response("", 503, HEADERS)
        return Response(_timed(state), 200, HEADERS, "application/json")

    async def _zones(self, request: Request) -> Response:
        """Answer with the list of places: each zone's path, names and stage."""
        if time.monotonic() - self._shown_s >= SILENT_S:
            return Response("", 503, HEADERS)
        listed = []
        for zone, state in self._states.items():
            told = json.loads(state)
            kept = {key: told[key] for key in ("zone", "stage", "names", "mode", "system")}
            listed.append({"path": f"/z/{quote(zone, safe='')}", **kept})
        return Response(json.dumps(listed, ensure_ascii=False).encode(), 200, HEADERS, "application/json")

    async def _events(self, request: Request) -> Response:
        if self._newest(request.path_params["zone"]) is None:
            return Response("", 503, HEADERS)
        return StreamingResponse(
            self._stream(request.path_params["zone"]), 200, HEADERS, media_type="text/event-stream"
        )

    async def _stream(self, zone: str) -> AsyncIterator[bytes]:
        """Yield the newest state at each piece of news; silence where there is none to give."""
        screen = Screen(zone)
        self._screens.add(screen)
        try:
            yield b"retry: 1000\n\n"
            while self._server is not None and not self._server.should_exit:
                if (state := self._newest(zone)) is not None:
                    yield b"data: " + _timed(state) + b"\n\n"
                await screen.news.wait()
                screen.news.clear()
        finally:
            self._screens.discard(screen)


class Screen:
    """One open stream: its zone, and whether there is something that it has not been told."""

    def __init__(self, zone: str):
        self.zone = zone
        self.news = asyncio.Event()


def _timed(state: bytes) -> bytes:
    """Return a state with the time at which it is sent, by which a screen sets its clock."""
    return b'{"sent_s":%.3f,%s' % (time.time(), state[1:])


def _listening(keys: PageKeys, where: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in keys.listen else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((keys.listen, keys.port))
        opened.listen(512)
    except OSError as error:
        opened.close()
        wanted = f"an address of this machine and a port that is free ({error.strerror or error})"
        raise ConfigError(f"{where}: listen, port", wanted, f"{keys.listen}:{keys.port}") from error
    opened.setblocking(False)
    return opened
