"""A seeded mutator of ASTERIX datagrams, and the loop that holds the decoder against every one of them."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.reading import read_datagram
from rampart.sense.walk import LENGTH

GUARD = 4096
"""So many octets stand before and behind a datagram, of no meaning, and must change nothing."""
MOST_OCTETS = 4096
MOST_CHANGES = 4
PLOTS, REJECTS, SOUND_INPUTS, OCTETS = range(4)
"""What a campaign counts: plots, rejects, datagrams of which nothing was refused, and their octets."""
DIFFERED, NOT_FINITE, OUT_OF_PLACE = range(1, 4)
"""What may go wrong: an octet outside, or a shape met before, changed the result; a plot is no number; a
reject's place lies outside the datagram."""


class Kept(NamedTuple):
    """Room for datagrams one after the other: `octets (n,)`, and where each ends: `ends (m,)`."""

    octets: np.ndarray
    ends: np.ndarray


class Seeds(NamedTuple):
    """Datagrams one after the other: `octets (n,)`, and where each begins, the end of all last: `starts (m + 1,)`."""

    octets: np.ndarray
    starts: np.ndarray


def seeds_of(datagrams: list[bytes]) -> Seeds:
    """Return datagrams as seeds; those that are longer than may be are cut."""
    datagrams = [datagram[: MOST_OCTETS // 2] for datagram in datagrams]
    starts = np.cumsum([0, *(len(datagram) for datagram in datagrams)])
    return Seeds(np.frombuffer(b"".join(datagrams), np.uint8), starts.astype(np.int64))


@kernel
def drawn(state, limit):
    """Return a number below `limit`; `state (1,)` uint64 moves on. SplitMix64."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(z >> np.uint64(33)) % limit


@kernel
def mutate(seeds, state, out_octets):
    """Fill `out_octets (MOST_OCTETS,)` with a mutated seed; return its length.

    Bits are turned over, octets set (mostly to the ends of their range), cut out, put in and doubled, lengths of
    blocks changed, another seed is put behind, the end is cut off.
    """
    size = _copied(seeds, state, out_octets, 0)
    if drawn(state, 4) == 0:
        size = _copied(seeds, state, out_octets, size)
    for _ in range(drawn(state, MOST_CHANGES + 1)):
        if size == 0:
            break
        at, how = drawn(state, size), drawn(state, 9)
        run = min(1 + drawn(state, 4), size - at)
        if how <= 1:
            out_octets[at] ^= np.uint8(1 << drawn(state, 8))
        elif how == 2:
            out_octets[at] = np.uint8(drawn(state, 256))
        elif how == 3:
            ends = drawn(state, 4)
            out_octets[at] = np.uint8(0 if ends == 0 else 255 if ends == 1 else 1 if ends == 2 else 128)
        elif how == 4:
            for i in range(at, size - run):
                out_octets[i] = out_octets[i + run]
            size -= run
        elif how == 5 and size + run <= MOST_OCTETS:
            for i in range(size - 1, at - 1, -1):
                out_octets[i + run] = out_octets[i]
            for i in range(at, at + run if drawn(state, 2) else at):
                out_octets[i] = np.uint8(drawn(state, 256))
            size += run
        elif how == 6:
            length = drawn(state, 2 * size)
            out_octets[min(1, size - 1)], out_octets[min(2, size - 1)] = (
                np.uint8(length >> 8),
                np.uint8(length & 255),
            )
        elif how == 7:
            size = at
        else:
            # the field specification of the first record, where most goes wrong
            out_octets[min(3 + drawn(state, 4), size - 1)] = np.uint8(drawn(state, 256))
    if drawn(state, 2) == 0 and size > 2 and size < 65536:
        # the length is right again, so that the change is met inside
        out_octets[1], out_octets[2] = np.uint8(size >> 8), np.uint8(size & 255)
    return size


@kernel
def _copied(seeds, state, out_octets, size):
    """Put a seed behind the first `size` octets; return how many there are now."""
    chosen = drawn(state, len(seeds.starts) - 1)
    begin, end = seeds.starts[chosen], seeds.starts[chosen + 1]
    end = min(end, begin + MOST_OCTETS - size)
    for i in range(begin, end):
        out_octets[size + i - begin] = seeds.octets[i]
    return size + end - begin


@kernel
def campaign(seeds, state, inputs, reference_time_s, tables, buffer, first, second, kept_every, out_kept):
    """Decode so many mutated seeds, each twice; return (fault, kept, counts).

    The second time all octets around the datagram are others, and no shape is known: the result must be the
    same. Every `kept_every`th datagram goes to `out_kept`, to be held against another decoder. The fault is 0, or
    what went wrong with the datagram that then stays in `buffer` from GUARD. `counts (4,)`.
    """
    counts, kept, room = np.zeros(4, np.int64), 0, 0
    times_first, times_second = np.empty(MOST_OCTETS), np.empty(MOST_OCTETS)
    for number in range(inputs):
        size = mutate(seeds, state, buffer[GUARD:])
        octets = buffer[GUARD : GUARD + size]
        _surround(buffer, size, np.uint8(drawn(state, 256)))
        plots, rejects, times, newest_s = read_datagram(
            octets, reference_time_s, False, tables, first, times_first
        )
        _surround(buffer, size, np.uint8(drawn(state, 256)))
        for row in range(second.plans.plan.shape[0]):
            second.plans.plan[row, LENGTH] = 0
        again = read_datagram(octets, reference_time_s, False, tables, second, times_second)
        for k in range(times):
            if times_first[k] != times_second[k]:
                return DIFFERED, kept, counts
        if again != (plots, rejects, times, newest_s) or _differ(first, second, plots, rejects):
            return DIFFERED, kept, counts
        for plot in range(plots):
            sound = np.isfinite(first.time_s[plot]) and first.radar[plot] >= 0
            for k in range(4):
                sound &= first.sigma[plot, k] > 0.0 and (k > 1 or np.isfinite(first.measurement[plot, k]))
            if not sound:
                return NOT_FINITE, kept, counts
        for reject in range(rejects):
            if not 0 <= first.reject[reject, 2] <= first.reject[reject, 3] <= size:
                return OUT_OF_PLACE, kept, counts
        counts[PLOTS] += plots
        counts[REJECTS] += rejects
        counts[SOUND_INPUTS] += rejects == 0
        counts[OCTETS] += size
        if number % kept_every == 0 and kept < len(out_kept.ends):
            for i in range(size):
                out_kept.octets[room + i] = octets[i]
            room += size
            out_kept.ends[kept] = room
            kept += 1
    return 0, kept, counts


@kernel
def _surround(buffer, size, octet):
    """Fill what stands around a datagram of `size` octets."""
    for i in range(64):
        buffer[GUARD - 1 - i] = octet
        buffer[GUARD + size + i] = octet


@kernel
def _differ(first, second, plots, rejects):
    """Return whether two results are not the same, octet for octet; absent numbers are the same."""
    for plot in range(plots):
        same = first.time_s[plot] == second.time_s[plot] and first.radar[plot] == second.radar[plot]
        same &= _alike(first.snr_db[plot], second.snr_db[plot])
        for k in range(4):
            same &= _alike(first.measurement[plot, k], second.measurement[plot, k])
            same &= _alike(first.sigma[plot, k], second.sigma[plot, k])
        if not same:
            return True
    for reject in range(rejects):
        for k in range(4):
            if first.reject[reject, k] != second.reject[reject, k]:
                return True
    for radar in range(len(first.heard)):
        if first.heard[radar] != second.heard[radar]:
            return True
    return False


@kernel
def _alike(a, b):
    return a == b or (np.isnan(a) and np.isnan(b))
