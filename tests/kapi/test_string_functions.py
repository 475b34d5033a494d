"""String functions against the real kernel's: results, and every byte that they write."""

import re
from typing import NamedTuple

import pytest

from tests.kapi.harness import WORD, Machine
from tests.runtime.printk import cases

SOURCE = cases.DATA.parent / "string" / "string_functions.c"
LOG = SOURCE.with_suffix(".log")
LINE = re.compile(r"<6> #(\d+) (.*)$")
REAL = {int(m[1]): m[2] for line in LOG.read_text().splitlines() if (m := LINE.match(line))}
STATEMENT = re.compile(r"\b([SDCV])\(((?:\"(?:[^\"\\]|\\.)*\"|'\\?.'|[^\"'();])*)\);")
SIZE = 64


def parse(text: str) -> list[cases.Argument]:
    """As cases.arguments(), but an int is widened as to a parameter with a type; sums are added up."""
    parts = [part.strip() for part in re.findall(r"(?:\"(?:[^\"\\]|\\.)*\"|'.'|[^,\"'])+", text)]
    return [widened(cases.arguments(part)) for part in parts]


def widened(terms: list[cases.Argument]) -> cases.Argument:
    if not isinstance(terms[0], int):
        return terms[0]
    values = [term for term in terms if isinstance(term, int)]
    return sum((value & 0xFFFFFFFF ^ 1 << 31) - (1 << 31) if value >> 32 == 0xDEAD else value for value in values)


class Call(NamedTuple):
    """A call in the module. src: what the last S() has put there, at the call number first; dst: None, or what D() has
    put there.
    """

    line: int
    function: str
    src: bytes
    first: int
    dst: bytes | None
    arguments: list[cases.Argument]


def calls() -> list[Call]:
    """All of them, in the order in which they run."""
    found: list[Call] = []
    src, first, dst = b"", 0, None
    for number, line in enumerate(SOURCE.read_text().splitlines(), 1):
        for macro, text in STATEMENT.findall(line) if line.startswith("\t") else ():
            head, *arguments = parse(text)
            if macro == "S":
                assert isinstance(head, bytes)
                src, first = head, len(found)
            elif macro == "D":
                assert isinstance(head, bytes)
                dst = head
            else:
                found.append(Call(number, str(head), src, first, dst, arguments))
                dst = None
    return found


class Scene:
    """The module's variables."""

    def __init__(self) -> None:
        self.machine = machine = Machine()
        put, word = machine.guest.put, (0x5555555555555555).to_bytes(8, "little")
        self.dst, _, self.src = put(b"~" * SIZE), put(bytes(8)), put(bytes(SIZE))
        self.names = {
            "dst": self.dst,
            "src": self.src,
            "out": put(word),
            "more": put(word),
            "ptr": put(self.src.to_bytes(8, "little")),
        }
        strings = [machine.guest.string(text) if text else 0 for text in (b"zero", b"one", b"two\n", b"", b"four")]
        self.names["list"] = put(b"".join(string.to_bytes(8, "little") for string in strings))

    def place(self, value: int) -> str:
        value &= WORD
        for name in ("dst", "src"):
            if self.names[name] <= value <= self.names[name] + SIZE:
                return f"{name}+{value - self.names[name]}"
        return str(value - (1 << 64) if value >> 63 else value)

    def report(self, result: int | None) -> str:
        read, u64, names = self.machine.mem.read, self.machine.mem.u64, self.names
        dst, src = read(self.dst, SIZE).rstrip(b"~").hex(), read(self.src, SIZE).rstrip(b"\0").hex()
        places = " ".join(self.place(u64(names[name])) for name in ("out", "more", "ptr"))
        return f"{self.place(result or 0)} [{dst}] [{src}] {places}"


def run(call: Call, src: bytes) -> tuple[str, bytes]:
    """What the module logs of one call, and src after it."""
    scene = Scene()
    mem = scene.machine.mem
    mem.write(scene.src, src.ljust(SIZE, b"\0"))
    if call.dst is not None:
        mem.write(scene.dst, call.dst + b"\0")
    values = [scene.names[arg] if isinstance(arg, str) else arg for arg in call.arguments]
    return scene.report(scene.machine.call(call.function, *values)), mem.read(scene.src, SIZE)


CALLS = calls()


def test_the_module_has_a_call_for_each_line_of_the_log() -> None:
    assert len(CALLS) > 350 and [call.line for call in CALLS] == list(REAL)


@pytest.mark.parametrize("index", range(len(CALLS)), ids=lambda index: f"{CALLS[index].function}-{CALLS[index].line}")
def test_a_function_returns_and_writes_what_the_real_one_does(index: int) -> None:
    call = CALLS[index]
    src = call.src
    for before in CALLS[call.first : index]:
        src = run(before, src)[1]
    assert run(call, src)[0] == REAL[call.line]
