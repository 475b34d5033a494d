"""insmod and rmmod answer with the errno, and log the lines, that the real kernel does: tests/data/insmod."""

import re
import shutil
import subprocess
import sys
from errno import errorcode
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from runtime import Machine
from runtime.errors import InsmodError
from tests.release import as_built_for_ours
from toolchain import kbuild

DATA = Path(__file__).parent / "data" / "insmod"
sys.path.insert(0, str(DATA))

import cases  # noqa: E402
import corrupt  # noqa: E402

CASES = cases.read()
ADDRESS = re.compile(r"0x[0-9a-f]{16}")
POINTER = re.compile(r"(?<![\w.])(?:0x)?(?:ff[0-9a-f]{14}|ff[0-9a-f]{8})(?!\w)")
STACK = re.compile(
    r"CPU: |Hardware name: |Call Trace:|Modules linked in:| <TASK>| </TASK>| \S+\+0x[0-9a-f]+/0x[0-9a-f]+( \[\w+\])?$"
)


@pytest.fixture(scope="module")
def modules() -> dict[str, bytes]:
    """All of the directory, built by one kbuild;

    modpost only warns of the symbols that some of them miss on purpose.
    """
    headers = kbuild.find_headers()
    if headers is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    with TemporaryDirectory(
        prefix="k"
    ) as place:  # a short name: it is in __FILE__, and long strings have a section of their own
        return _built(Path(place), headers)


def _built(place: Path, headers: Path) -> dict[str, bytes]:
    for source in DATA.glob("*.c"):
        shutil.copy(source, place)
    (place / "Kbuild").write_text("".join(f"obj-m += {source.stem}.o\n" for source in DATA.glob("*.c")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KBUILD_MODPOST_WARN", "1")
        built = kbuild.build(place, headers)
    for path in built:
        subprocess.run(["strip", "--strip-debug", path], check=True)
    return {path.stem: as_built_for_ours(path.read_bytes()) for path in built}


def perform(machine: Machine, step: cases.Step, modules: dict[str, bytes]) -> tuple[str, list[str]]:
    """(errno's name or "0", what was read)."""
    name, _, variant = step.target.partition(":")
    try:
        if step.command == "insmod":
            data = modules[name]
            machine.insmod(corrupt.VARIANTS[variant](data) if variant else data, step.args)
        elif step.command == "rmmod":
            machine.rmmod(name)
        elif step.command == "cat":
            return "", machine.proc(step.target).splitlines()
        else:
            return "", ADDRESS.sub("ADDRESS", machine.proc("modules")).splitlines()
    except InsmodError as error:
        return errorcode.get(error.errno or 0, str(error.errno)), []
    return "0", []


def logged(machine: Machine, since: int) -> list[str]:
    lines = []
    for record in machine.dmesg()[since:]:
        if not record.open:
            lines += [f"<{record.level}> {line}".rstrip() for line in record.text.split("\n")]
    return [POINTER.sub("<ptr>", line) for line in lines if not STACK.match(line[4:])]


# What we do otherwise, and why.
DIFFERENT = {
    "variant-struct-module-smaller": "refused: members of struct module would be read from wrong places",
    "variant-struct-module-larger": "refused: members of struct module would be read from wrong places",
    "param-dyndbg": "unsupported: dynamic debug cannot be switched on",
    "param-dyndbg-flags": "unsupported: dynamic debug cannot be switched on",
    "param-dyndbg-bad": "unsupported: dynamic debug cannot be switched on",
    "param-files": "unsupported: files of /sys/module",
}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_answers_as_linux_does(case: cases.Case, modules: dict[str, bytes], request: pytest.FixtureRequest) -> None:
    if case.name in DIFFERENT:
        request.applymarker(pytest.mark.xfail(reason=DIFFERENT[case.name], strict=True))
    machine = Machine(memory="1G", strict=True)
    for step in case.steps:
        before = len([record for record in machine.dmesg() if not record.open])
        result, output = perform(machine, step, modules)
        what = f"{step.command} {step.target} {step.args}"
        assert (what, result) == (what, step.result)
        assert [line.rstrip() for line in logged(machine, before)] == [line.rstrip() for line in step.log]
        assert output == step.output
