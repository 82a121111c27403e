"""What operators do at the command line: ask, release, and wait for the desk's answer."""

import json
import os
import time
from pathlib import Path
from typing import Any

from rampart.errors import InputError, OutputError, RequestError
from rampart.serve.desk import WAITS
from rampart.serve.operators import Paper, new_id, signed_paper, unlock, verified

ANSWER_WITHIN_S = 5.0


def ask(folder: Path, by: str, passphrase: str, verb: str, **wishes: Any) -> str:
    """Put a request before the server that runs in `folder`; return its answer. Raises RampartError."""
    desk = _desk(folder)
    now_s = time.time()
    unknown = set(wishes.get("zones", ())) - set(desk["zones"])
    if unknown:
        raise InputError("--zone", f"a zone of {desk['site']}", min(unknown))
    paper = Paper(new_id(now_s), verb, by, now_s, desk["site"], desk["mode"], **wishes)
    _hand_in(folder, f"{paper.id}.json", signed_paper(paper, unlock(by, passphrase)))
    return _answer(folder, paper.id)


def release(folder: Path, by: str, passphrase: str, request: str) -> str:
    """Release another operator's request; return the server's answer. Raises RampartError."""
    desk = _desk(folder)
    try:
        asked = verified((folder / "requests" / f"{request}.json").read_bytes())
    except OSError as error:
        raise InputError("request", "the id of a request that waits", request) from error
    paper = Paper(
        request, "release", by, time.time(), desk["site"], desk["mode"], request_sha256=asked.sha256
    )
    (folder / "requests" / f"{request}.answer").unlink(missing_ok=True)
    _hand_in(folder, f"{request}.release.json", signed_paper(paper, unlock(by, passphrase)))
    return _answer(folder, request, asked_again=True)


def _desk(folder: Path) -> dict[str, Any]:
    path = folder / "requests" / "desk.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("--dir", "the folder of a running `rampart serve`", str(folder)) from error


def _hand_in(folder: Path, name: str, content: bytes) -> None:
    path = folder / "requests" / name
    draft = path.with_name(f".{name}.partial")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError as error:
        raise OutputError(str(path), f"a place that can be written ({error.strerror})") from error


def _answer(folder: Path, request: str, asked_again: bool = False) -> str:
    """Wait for the answer; raises RequestError where it is a refusal or none comes."""
    path = folder / "requests" / f"{request}.answer"
    latest_s = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < latest_s:
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            time.sleep(0.05)
            continue
        words = f"request {request}: {told['outcome']}: {told['words']}"
        if told["outcome"] == "refused" or (asked_again and told["outcome"] == WAITS):
            raise RequestError(words)
        return words
    raise RequestError(f"request {request}: no answer: is `rampart serve` running in {folder}?")
