"""Alerts as signed CAP 1.2 files: written whole or not at all, read back, and verified byte for byte."""

import contextlib
import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from lxml import etree

from rampart.domain.alert import CANCEL, CLEAR, RAISE
from rampart.domain.event import AlertEvent
from rampart.domain.site import Site, Zone
from rampart.domain.wire import posix_time
from rampart.errors import AlertError, InputError, OutputError
from rampart.serve.cap_form import CAP, fault_of
from rampart.serve.cap_message import (
    MESSAGE_TYPE,
    STATUS,
    Reference,
    cap_polygons,
    cap_time,
    expires_s,
    message_of,
    reference_of,
)
from rampart.serve.keys import AlertKey, fingerprint_of, mode_of, read_certificate, trusted_certificates
from rampart.serve.phrases import known_languages, texts_in
from rampart.serve.signature import check_signature, digest_holds, enveloped

MOST_BYTES = 4_000_000
DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def signed(message: str, key: AlertKey) -> bytes:
    """Return a message as a signed document; raises AlertError where the key is for another mode.

    One line, so that a document has one form only, and every byte of it counts.
    """
    # markup, never a text: what people wrote is escaped
    status = next((status for status in STATUS.values() if f"<status>{status}</status>" in message), None)
    if key.mode is not None and STATUS[key.mode] != status:
        raise AlertError(f"a key for {key.mode} alerts: wanted one for status {status}; nothing is signed")
    return f"{DECLARATION}{enveloped(message, key)}\n".encode()


class AlertFiles:
    """Writes each decision as `NNNN-ALERT-ACTION.xml` into one folder, in order."""

    def __init__(self, folder: Path, site: Site, key: AlertKey):
        """Make the folder; raises OutputError where it cannot be written."""
        self.folder, self.site, self.key = folder, site, key
        self._zones = {zone.id: zone for zone in site.zones}
        for language in known_languages():
            # a fault in a file of texts is found now, not under an alarm
            texts_in(language)
        self._earlier: dict[str, list[Reference]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(str(folder), f"a folder that can be written ({error.strerror})") from error
        numbers = [re.match(r"(\d+)-", path.name) for path in folder.glob("*.xml")]
        self._count = max((int(number[1]) for number in numbers if number), default=0)

    def add_zones(self, zones: tuple[Zone, ...]) -> None:
        """Learn a new version of the zones; those that are gone stay known, for what is still open there."""
        self._zones |= {zone.id: zone for zone in zones}

    def write(self, event: AlertEvent) -> Path:
        """Sign one decision, write it, read it back, and return its path.

        Raises AlertError, with nothing written, where the zone or its area is missing or what would be sent
        is not what was meant; OutputError where the disk refuses.
        """
        zone = self._zones.get(event.zone)
        if zone is None:
            raise AlertError(
                f"alert {event.alert}: zone {event.zone!r} is not known; without an area nothing is sent"
            )
        if event.mode != self.site.mode:
            raise AlertError(
                f"alert {event.alert}: of mode {event.mode}: wanted {self.site.mode}; nothing is sent"
            )
        earlier = [] if event.action == RAISE else self._earlier.get(event.alert, [])
        content = signed(message_of(event, zone, self.site, earlier), self.key)
        _check_read_back(content, zone, event, self.site, earlier)
        path = self.folder / f"{self._count + 1:04d}-{name_of(event)}.xml"
        _write_whole(path, content)
        self._count += 1
        if _read(path) != content:
            raise AlertError(f"alert {event.alert}: {path}: the disk gives back other bytes than were signed")
        self.remember(event)
        return path

    def remember(self, event: AlertEvent) -> None:
        """Note a decision that was sent before, so that the next message of its warning can refer to it."""
        earlier = [] if event.action == RAISE else self._earlier.get(event.alert, [])
        self._earlier[event.alert] = [*earlier, reference_of(event, self.site)]
        if event.action in (CLEAR, CANCEL):
            del self._earlier[event.alert]


def name_of(event: AlertEvent) -> str:
    """Return the name of a decision's file after its number, without the ending."""
    return f"{_file_name(event.alert)}-{event.action}"


def verify_alert(path: Path, certificate: Path | None = None) -> str:
    """Return in words what a signed alert says and who signed it.

    Trusted are the certificates in the keys folder, or `certificate` alone where it is given. The dates of a
    certificate are not held against the alert's, which are those of its attack. Raises InputError where there
    is no such file, AlertError where it must not be believed: every byte counts.
    """
    content = _read(path)
    try:
        root = _parsed(content)
        trusted = _trusted(certificate)
        signer = check_signature(root, trusted)
        if fault := fault_of(root):
            raise AlertError(f"the form is wrong: {fault}")
        if content != _serialised(root):
            raise AlertError("bytes that Rampart does not write")
        status, mode = root.findtext(f"{{{CAP}}}status"), mode_of(signer)
        if mode is not None and STATUS[mode] != status:
            raise AlertError(f"status {status}, signed with a key for {mode} alerts")
    except AlertError as error:
        raise AlertError(f"{path}: not to be trusted: {error}") from error
    return _report(path, root, signer)


def _trusted(certificate: Path | None) -> dict[str, x509.Certificate]:
    if certificate is None:
        return trusted_certificates()
    given = read_certificate(certificate)
    return {fingerprint_of(given): given}


def _report(path: Path, root: etree._Element, signer: x509.Certificate) -> str:
    def says(name: str) -> str:
        return root.findtext(f".//{{{CAP}}}{name}") or ""

    return "\n".join(
        [
            f"{path}: valid: signed by {signer.subject.rfc4514_string()}, and unchanged since",
            f"  {says('status')}, {says('msgType')}, {says('sent')}: {says('headline')}",
            f"  {says('identifier')}, area {says('areaDesc')}, expires {says('expires')}",
            f"  certificate {fingerprint_of(signer)}",
        ]
    )


def _check_read_back(
    content: bytes, zone: Zone, event: AlertEvent, site: Site, earlier: list[Reference]
) -> None:
    """Raise AlertError unless the finished document has the right form and says, throughout, what was decided."""
    root = _parsed(content)
    own = reference_of(event, site)
    head = {
        "identifier": own.identifier,
        "sender": own.sender,
        "sent": own.sent,
        "status": STATUS[event.mode],
        "msgType": MESSAGE_TYPE[event.action],
        "references": " ".join(map(str, earlier)) or None,
    }
    body = {"effective": own.sent, "expires": cap_time(expires_s(event, site))}
    if event.impact_time is not None:
        body["onset"] = cap_time(posix_time(event.impact_time))
    infos = root.findall(f"{{{CAP}}}info")
    fault = fault_of(root) or _differing(root, head) or (None if infos else "it says nothing")
    for info in infos:
        fault = fault or _differing(info, body) or _elsewhere(info, cap_polygons(zone))
    if not fault and not digest_holds(root):
        fault = "its signature is not of what it says"
    if fault:
        raise AlertError(f"alert {event.alert}: {fault}; nothing is sent")


def _differing(element: etree._Element, meant: Mapping[str, str | None]) -> str | None:
    """Return a fault where an element's own fields, each of which stands once at most, say something else."""
    said = {child.tag: child.text for child in element}
    wrong = next((name for name, text in meant.items() if said.get(f"{{{CAP}}}{name}") != text), None)
    return wrong and f"its {wrong} is not what was decided"


def _elsewhere(info: etree._Element, polygons: list[str]) -> str | None:
    """Return a fault where an area is not the one of these polygons."""
    for area in info.iterchildren(f"{{{CAP}}}area"):
        if [polygon.text for polygon in area.iterchildren(f"{{{CAP}}}polygon")] != polygons:
            return "its area is not the zone's"
    return None


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(str(path), f"an alert of at most {MOST_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), f"a readable file ({error.strerror})") from error


def _parsed(content: bytes) -> etree._Element:
    """Return the root of a document without a DOCTYPE: no entity is ever looked up; raises AlertError."""
    try:
        root = etree.fromstring(content, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise AlertError(f"no XML ({' '.join(str(error).split())[:80]})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise AlertError("a document type, which may smuggle entities in")
    return root


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _file_name(alert: str) -> str:
    """Return an alert's id as a part of a file's name, on any disk."""
    return re.sub(r"[^\w.-]+", "_", alert)[:120]


def _write_whole(path: Path, content: bytes) -> None:
    draft = f"{path.parent}/.{path.name}.partial"
    try:
        with open(draft, "wb", buffering=0) as file:
            written = file.write(content)
        if written != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise OutputError(str(path), f"a place that can be written ({error.strerror})") from error
