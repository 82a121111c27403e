"""Mutated real recordings through the decoder: no crash, no hang, no read out of bounds, no phantom record.

    python -m benchmarks.mutation --inputs 10000000 --seed 1

Kernels are compiled with every index checked. Each datagram is decoded twice, between other octets and with no
shape known the second time; every hundredth is held against libasterix, block by block. Writes
`benchmarks/results/mutation.json`.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

RESULT = Path(__file__).resolve().parent / "results" / "mutation.json"
RECORDINGS = Path(__file__).resolve().parents[2] / "shared/data/asterix"
CHUNK = 100_000
LEAST_RECORDS = 40


def main() -> None:
    """Run the campaign and write down what came of it."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--inputs", type=int, default=10_000_000)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--oracle-every", type=int, default=100, help="hold every Nth against libasterix")
    wanted.add_argument("--recordings", type=Path, default=RECORDINGS)
    options = wanted.parse_args()
    # before numba is imported: an index out of bounds becomes an error, and no such kernel lands in the usual cache
    with tempfile.TemporaryDirectory(prefix="rampart-checked-") as cache:
        os.environ |= {"NUMBA_BOUNDSCHECK": "1", "RAMPART_CACHE": cache}
        row = _run(options)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(row, indent=1) + "\n")
    print(json.dumps(row, indent=1))


def _run(options: argparse.Namespace) -> dict:
    """Return what came of the campaign; raises where anything went wrong."""
    from benchmarks.campaign import Campaign, check_bounds_are_checked

    check_bounds_are_checked()
    campaign = Campaign(options.recordings, options.seed)
    campaign.run(CHUNK // 10, options.oracle_every)
    begin_s, slowest_s, decoding_s = time.perf_counter(), 0.0, 0.0
    memory_kib: list[int] = []
    done = CHUNK // 10
    while done < options.inputs:
        chunk = min(CHUNK, options.inputs - done)
        spent_s = campaign.run(chunk, options.oracle_every)
        slowest_s, decoding_s = max(slowest_s, spent_s / chunk), decoding_s + spent_s
        done += chunk
        memory_kib.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        if len(memory_kib) % 10 == 0:
            print(f"   {done:,} inputs, {campaign.held:,} blocks held against libasterix", flush=True)
    return {
        "inputs": done,
        "seed": options.seed,
        "seeds": campaign.seed_count,
        "octets": campaign.octets,
        "inputs of which nothing was refused": campaign.sound,
        "plots": campaign.plots,
        "rejects": campaign.rejects,
        "blocks held against libasterix": campaign.held,
        "of them refused by both": campaign.refused_by_both,
        "phantom or missing records": 0,
        "reads out of bounds": 0,
        "memory_mib_after_first_chunk": round(memory_kib[0] / 1024, 1),
        "memory_mib_at_the_end": round(memory_kib[-1] / 1024, 1),
        "slowest_us_per_input_of_a_chunk": round(1e6 * slowest_s, 2),
        "decoding_s": round(decoding_s, 1),
        "wall_s": round(time.perf_counter() - begin_s, 1),
    }


if __name__ == "__main__":
    main()
