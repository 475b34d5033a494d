"""python -m tests.mutation [WORD]: all mutants (whose name has the word), what finds them, and who survives."""

import os
import sys
from collections import Counter

from tests.mutation.mutants import build, clean_modules, findings, mutants
from tests.mutation.reasons import reason


def main(word: str = "") -> int:
    """Print the table. Return: 0 where every survivor has a reason."""
    made = [mutant for source in clean_modules() for mutant in mutants(source) if word in mutant.name]
    modules = build(made, os.cpu_count() or 1)
    kinds: Counter[str] = Counter()
    alive = []
    for mutant, module in zip(made, modules, strict=True):
        found = findings(mutant, module)
        kinds[found[0].partition(":")[0] if found else "nothing"] += 1
        print(f"{mutant}: {found[0] if found else 'NOT FOUND: ' + (reason(mutant) or 'without a reason')}", flush=True)
        if not found:
            alive.append(mutant)
    found_all = len(made) - len(alive)
    print(f"\n{len(made)} mutants, {found_all} found ({found_all / len(made):.1%}): {dict(kinds.most_common())}")
    unexplained = [mutant for mutant in alive if not reason(mutant)]
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
