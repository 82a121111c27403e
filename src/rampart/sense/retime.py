"""Times of day in ASTERIX moved by a constant, so that a recording can be played as if it happened now."""

from rampart.sense.tables import Item, newest_layout

TIME_ITEMS = {15: "145", 34: "030", 48: "140", 62: "070"}
"""The item with the time of day in 1/128 s, three octets, by category."""
TICKS_PER_S = 128
TICKS_PER_DAY = 86400 * TICKS_PER_S
HEADER_OCTETS = 3


def retimed(payload: bytes, shift_s: float) -> tuple[bytes, int]:
    """Return a datagram with its times of day moved by `shift_s`, and how many of its blocks could not be.

    A block of another category, or damaged, stays as it is.
    """
    octets = bytearray(payload)
    shift = round(shift_s * TICKS_PER_S)
    start = left = 0
    while start + HEADER_OCTETS <= len(octets):
        length = int.from_bytes(octets[start + 1 : start + 3], "big")
        if length < HEADER_OCTETS or start + length > len(octets):
            break
        places = time_places(octets, start, start + length)
        left += places is None
        for place in places or ():
            ticks = int.from_bytes(octets[place : place + 3], "big")
            if ticks < TICKS_PER_DAY:
                octets[place : place + 3] = ((ticks + shift) % TICKS_PER_DAY).to_bytes(3, "big")
        start += length
    return bytes(octets), left


def time_places(octets: bytearray, start: int, end: int) -> list[int] | None:
    """Return where in a block the records' times of day stand; None where it cannot be walked to its end."""
    if octets[start] not in TIME_ITEMS:
        return None
    layout = newest_layout(octets[start])
    by_number = {item.frn: item for item in layout.items}
    places, at = [], start + HEADER_OCTETS
    try:
        while at < end:
            flags, at = _flags(octets, at, end)
            for number in flags:
                item = by_number[number]
                if item.item == TIME_ITEMS[octets[start]]:
                    places.append(at)
                at = _after(octets, item, at, end)
    except (KeyError, IndexError):
        return None
    return places if at == end else None


def _flags(octets: bytearray, at: int, end: int) -> tuple[list[int], int]:
    """Return the numbers of the flags that a field specification sets, from 1, and where it ends."""
    numbers, first = [], 1
    while at < end:
        octet = octets[at]
        numbers += [first + bit for bit in range(7) if octet & (0x80 >> bit)]
        at, first = at + 1, first + 7
        if not octet & 1:
            return numbers, at
    raise IndexError(at)


def _after(octets: bytearray, item: Item, at: int, end: int) -> int:
    """Return where an item ends; raises IndexError beyond the block, KeyError where a flag stands for nothing."""
    match item.kind:
        case "fixed":
            at += item.octets
        case "repeated":
            at += 1 + octets[at] * item.octets
        case "explicit":
            at += max(octets[at], 1)
        case "compound":
            flags, at = _flags(octets, at, end)
            for number in flags:
                sub = item.subitems[number - 1]
                if sub is None:
                    raise KeyError(number)
                at = _after(octets, sub, at, end)
        case "repeated_fx":
            at += item.octets
            while octets[at - 1] & 1:
                at += item.octets
        case _:
            _, at = _flags(octets, at, end)
    if at > end:
        raise IndexError(at)
    return at
