"""Damaged and unusual modules get the errno and the log lines that the real kernel gave them (tests/data/insmod)."""

import errno
import importlib.util
import re
from pathlib import Path

import pytest

from runtime.loader.refused import Refused
from tests.release import as_built_for_ours

DATA = Path(__file__).parents[2] / "data/insmod"
# struct module of another size loads in Linux, and is used all the same; here it is refused.
DIFFERENT = {"struct_module_smaller", "struct_module_larger"}


def cases() -> dict[str, tuple[str, list[tuple[int, str]]]]:
    """variant -> (result, log lines), of the cases that load one variant of plain.c on a fresh machine."""
    found = {}
    for block in (DATA / "results.txt").read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        steps = [line for line in lines if line.startswith(("insmod", "rmmod"))]
        if steps[:1] and re.fullmatch(r"insmod plain:\w+", steps[0]):
            first = lines[lines.index(steps[0]) + 1 :]
            log = [re.match(r"<(\d)> (.*)", line) for line in first if line[0] == "<"]
            end = next((i for i, m in enumerate(log) if m[2] == "plain: init"), len(log))
            found[steps[0].split(":")[1]] = first[0][2:], [(int(m[1]), m[2]) for m in log[:end]]
    return found


CASES = cases()


def corrupt(name: str, data: bytes) -> bytes:
    spec = importlib.util.spec_from_file_location("corrupt", DATA / "corrupt.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.VARIANTS[name](data)


@pytest.fixture(scope="module")
def plain(build_ko) -> bytes:
    return as_built_for_ours(build_ko(DATA / "plain.c").read_bytes())


def comparable(line: tuple[int, str]) -> tuple[int, str]:
    """Leave out what depends on addresses, on the number of sections and on the release."""
    text = re.sub(r"(val|loc) (0x)?[0-9a-f<>ptr]+", r"\1 X", line[1])
    text = re.sub(r"\d+\.\d+\.\d+-\d+-amd64", "RELEASE", text)
    return line[0], re.sub(r"\b(len|section|index|max|e_shnum) ?\(?\d+\)?|: \d+ \|\| e_shstrndx \(\d+\)", r"\1 N", text)


@pytest.mark.parametrize("variant", sorted(set(CASES) - DIFFERENT))
def test_a_variant_of_a_module_is_answered_as_by_the_real_kernel(variant, plain, load_bytes, machine):
    result, expected = CASES[variant]
    try:
        load_bytes(corrupt(variant, plain), strict=True)
        code = "0"
    except Refused as refusal:
        machine.lines += refusal.log
        code = errno.errorcode[refusal.errno]
    # The machine logs this one, between the steps.
    expected = [line for line in expected if "module verification failed" not in line[1]]
    assert code == result
    assert [comparable(line) for line in machine.lines] == [comparable(line) for line in expected]


@pytest.mark.parametrize("variant", sorted(DIFFERENT))
def test_struct_module_must_have_the_size_of_ours(variant, plain, load_bytes):
    with pytest.raises(Refused, match="struct module has"):
        load_bytes(corrupt(variant, plain))


def test_there_are_cases_to_compare_with():
    assert len(CASES) > 40
