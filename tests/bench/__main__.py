"""python -m tests.bench [ROUNDS]: measure, print the table. Exit status 1 where a limit is exceeded."""

import compileall
import sys

from tests.bench import sweeps
from tests.bench.rows import RATIOS, ROOT, rows
from tests.bench.table import measure, report


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for room in ("runtime", "kapi", "toolchain", "cli"):
        compileall.compile_dir(ROOT / room, quiet=1)
    measured = [*rows(), *sweeps.rows()]
    lines, fine = report(measured, (*RATIOS, *sweeps.RATIOS), measure(measured, rounds))
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
