"""Records a second that asterix_decoder reads from a file of blocks; run by a Python that has it. Prints a number."""

import sys
import time
from pathlib import Path

import asterix


def main() -> None:
    octets = Path(sys.argv[1]).read_bytes()
    spent_s = []
    for _ in range(3):
        begin_s = time.process_time()
        records = len(asterix.parse(octets, verbose=False))
        spent_s.append(time.process_time() - begin_s)
    print(records / min(spent_s))


if __name__ == "__main__":
    main()
