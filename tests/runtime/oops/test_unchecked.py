"""Who is named when a module uses the NULL that a failed call gave it, and whether it is said that nobody looked."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from runtime import Machine
from runtime.check.findings import Finding
from runtime.errors import Killed
from runtime.oops.unchecked import as_null

SOURCE = Path(__file__).with_name("unchecked.c")
NOT_CHECKED = " and was not checked"

# which: (function, the first words, does the code between call and fault look at the result?)
FAULTS = {
    1: ("used_at_once", "write to NULL + 0x8", False),
    2: ("used_after_other_calls", "write to NULL", False),
    3: ("used_by_its_caller", "write to NULL", False),
    4: ("used_by_a_callee", "write to NULL + 0x8", False),
    5: ("used_by_the_kernel", "strscpy(): write to NULL + 0x10", False),
    6: ("used_by_a_string_instruction", "write to NULL", False),
    7: ("kept_in_memory", "write to NULL", False),
    8: ("kept_for_another", "write to NULL", True),  # by a function that does not know
    9: ("checked_but_another_is_used", "read of NULL", True),
    10: ("checked_and_used_nonetheless", "write to NULL", True),
    11: ("checked_together", "read of NULL", True),
}


@pytest.fixture(scope="module")
def fault(build_ko: Callable[[Path], Path]) -> Callable[..., dict]:
    """The one finding of a run, as --json has it."""
    ko = build_ko(SOURCE)

    def run(which: int, *plans: str) -> dict:
        with Machine(fail=plans) as machine:
            with suppress(Killed):
                machine.insmod(ko, which=which)
                machine.rmmod("unchecked")
            finding, = machine.findings
            told = finding.as_dict(machine.frames)
            assert finding.failed == (machine.plan.failures[-1].stack if machine.plan else ())
            return told

    return run


def line_of(function: str) -> int:
    """Where it asks for memory."""
    lines = SOURCE.read_text().splitlines()
    marked = [number for number, line in enumerate(lines, 1) if f"/* {function} */" in line]
    return marked[0] if marked else 1 + lines.index("\tstruct box *box = make();")  # its last call is a jump


@pytest.mark.parametrize("which", FAULTS)
def test_the_call_that_had_failed_is_named_and_what_is_known_of_a_check(fault: Callable, which: int) -> None:
    function, words, checked = FAULTS[which]
    told = fault(which, "kmalloc nth=1")
    assert told["kind"] == "null-deref"
    assert told["message"] == (f"{words}; kmalloc() at unchecked.c:{line_of(function)} had returned NULL"
                               + NOT_CHECKED * (not checked))  # fmt: skip
    assert told["failed"][0]["symbol"] == function


def test_of_several_failures_the_last_is_named(fault: Callable) -> None:
    told = fault(11, "kmalloc nth=1", "kmalloc nth=2")
    assert f"unchecked.c:{line_of('checked_together') + 1} had returned NULL" in told["message"]


def test_a_pointer_that_no_failure_gave_is_nobodys(build_ko: Callable[[Path], Path]) -> None:
    """init is interrupted, and goes on; the NULL that it uses then is its own."""
    source = SOURCE.with_name("own_null.c")
    with Machine(fail="mutex_lock_interruptible") as machine:
        with pytest.raises(Killed):
            machine.insmod(build_ko(source))
        finding, = machine.findings
        assert finding.as_dict(machine.frames)["message"] == "write to NULL + 0x8"
        assert finding.failed == machine.plan.failures[0].stack


def test_address_16_is_a_member_of_null_where_null_is_known_to_have_been_used() -> None:
    zero = "write to ZERO_SIZE_PTR (what kmalloc(0) gives)"
    assert as_null("page-fault", zero) == ("null-deref", "write to NULL + 0x10")
    assert as_null("null-deref", "write to NULL") == ("null-deref", "write to NULL")


def test_an_error_pointer_is_named_as_what_the_call_had_returned() -> None:
    finding = Finding("page-fault", "read of ERR_PTR(-EBUSY) + 0x8", unchecked=(-16, 0x100, (0x200,), True))

    def frames(addresses: list[int], back: int, known: int | None) -> list[dict]:
        names = {0x100: ("class_create", None, 0), 0x200: ("foo_init", "/src/foo.c", 42)}
        return [{"symbol": names[at][0], "offset": 0, "module": "", "file": names[at][1], "line": names[at][2]}
                for at in addresses]  # fmt: skip

    assert finding.as_dict(frames)["message"] == (
        "read of ERR_PTR(-EBUSY) + 0x8; class_create() at foo.c:42 had returned ERR_PTR(-EBUSY) and was not checked")
