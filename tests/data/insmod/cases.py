"""Reads results.txt (its head says what it contains), for tests to be parametrised with."""
import os
from collections.abc import Iterator
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))


class Step(NamedTuple):
    command: str            # "insmod", "rmmod", "lsmod" or "cat"
    target: str             # module or file: "plain", "plain:crc_wrong"; "" for lsmod
    args: str               # insmod's parameter string, byte for byte
    result: str             # "0" or an errno, "" for lsmod and cat
    log: list[str]          # "<level> text"
    output: list[str]       # what lsmod and cat read


class Case(NamedTuple):
    name: str
    sentence: str
    steps: list[Step]


def lines_of(path: str) -> Iterator[str]:
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n")


def step_of(line: str) -> Step:
    command, _, rest = line.partition(" ")
    target, _, args = rest.partition(" ")
    return Step(command, target, args, "", [], [])


def read(path: str = os.path.join(HERE, "results.txt")) -> list[Case]:
    cases: list[Case] = []
    for line in lines_of(path):
        mark, _, rest = line.partition(" ")
        if mark == "case":
            name, _, sentence = rest.partition(": ")
            cases.append(Case(name, sentence, []))
        elif mark == "=":
            steps = cases[-1].steps
            steps[-1] = steps[-1]._replace(result=rest)
        elif mark == "|":
            cases[-1].steps[-1].output.append(rest)
        elif mark.startswith("<"):
            cases[-1].steps[-1].log.append(line)
        else:
            cases[-1].steps.append(step_of(line))
    return cases
