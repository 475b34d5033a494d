"""Measure rows side by side and print them: each as an absolute, and as a multiple of an empty trap of the same run."""

import gc
import statistics
import sys
from collections.abc import Callable, Sequence
from operator import truediv
from time import perf_counter
from typing import NamedTuple

Sample = Callable[[], float]
"""Measures once. Return: the result in the row's unit, s, or B for bytes."""

TRAP = "empty trap"
UNITS = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "B": ((1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))}


class Row(NamedTuple):
    """One line of the table. limit: the most that the median may be, in the row's unit, or traps, in empty traps."""

    name: str
    sample: Sample
    unit: str = "s"
    limit: float | None = None
    traps: float | None = None


class Ratio(NamedTuple):
    """A line that compares two rows: above divided by below, round by round.

    The two are measured one right after the other, where the host's processor has not changed its speed yet.
    """

    name: str
    above: str
    below: str
    at_least: float | None = None
    at_most: float | None = None


def timed(call: Callable[[], object], operations: int = 1) -> float:
    """Seconds for one of the operations that call does."""
    start = perf_counter()
    call()
    return (perf_counter() - start) / operations


def measure(rows: Sequence[Row], rounds: int) -> dict[str, list[float]]:
    """The samples of each row, one of each round.

    Each round takes all rows in turn, every other one backwards: a slow moment of the machine meets them all, and none
    always comes after the same other. What a row leaves to the garbage collector, machines above all, is freed before
    the next one.
    """
    samples: dict[str, list[float]] = {row.name: [] for row in rows}
    for number in range(rounds):
        for row in rows if number % 2 == 0 else reversed(rows):
            gc.collect()
            samples[row.name].append(row.sample())
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr)
    print("\r" + " " * 24, end="\r", file=sys.stderr)
    return samples


def amount(value: float, unit: str) -> str:
    """`0.27 µs`, `4.1 MiB`: three digits in the unit that fits."""
    for scale, name in UNITS[unit]:
        if abs(value) >= scale:
            return f"{value / scale:.3g} {name}"
    scale, name = UNITS[unit][-1]
    return f"{value / scale:.3g} {name}"


def is_over(row: Row, value: float, trap: float | None) -> bool:
    """Both limits are exceeded, or the only one that the row has."""
    limits = [] if row.limit is None else [row.limit]
    if row.traps is not None and trap:
        limits.append(row.traps * trap)
    return bool(limits) and all(value > limit for limit in limits)


def row_line(row: Row, value: float, trap: float | None) -> str:
    traps = f"{value / trap:,.1f}" if trap and row.unit == "s" else ""
    limit = " or ".join(([amount(row.limit, row.unit)] if row.limit is not None else [])
                        + ([f"{row.traps:g} traps"] if row.traps is not None else []))
    verdict = "" if not limit else "OVER" if is_over(row, value, trap) else "ok"
    return f"{row.name:44}{amount(value, row.unit):>12}{traps:>12}   {limit:<22}{verdict}".rstrip()


def is_off(ratio: Ratio, value: float) -> bool:
    """Tell whether a ratio misses its bound."""
    return ratio.at_least is not None and value < ratio.at_least or ratio.at_most is not None and value > ratio.at_most


def ratio_line(ratio: Ratio, value: float) -> str:
    bound = f"at least {ratio.at_least:g}" if ratio.at_least is not None else f"at most {ratio.at_most:g}"
    return f"{ratio.name:44}{f'{value:.3g} times':>12}{'':12}   {bound:<22}{'OVER' if is_off(ratio, value) else 'ok'}"


def report(rows: Sequence[Row], ratios: Sequence[Ratio], samples: dict[str, list[float]]) -> tuple[list[str], bool]:
    """The lines of the table, of medians, with a verdict at the end; and whether every limit holds."""
    medians = {name: statistics.median(values) for name, values in samples.items()}
    trap = medians.get(TRAP)
    lines = [f"{'':44}{'median':>12}{'in traps':>12}   limit"]
    lines += [row_line(row, medians[row.name], trap) for row in rows]
    over = [row.name for row in rows if is_over(row, medians[row.name], trap)]
    for ratio in ratios:
        if ratio.above in medians and ratio.below in medians:
            value = statistics.median(map(truediv, samples[ratio.above], samples[ratio.below]))
            lines.append(ratio_line(ratio, value))
            over += [ratio.name] if is_off(ratio, value) else []
    return [*lines, "beyond their limits: " + "; ".join(over) if over else "all are within their limits"], not over
