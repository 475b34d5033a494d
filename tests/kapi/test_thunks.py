"""The kernel's pieces of machine code, run in the guest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kapi
from runtime.arch import x86_64 as arch
from runtime.cpu.engine import FAULT, STOPPED, Stop
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import CODE, DATA, DATA_SIZE, STUBS, TOP, Tiny

END = DATA + DATA_SIZE  # the page behind is not mapped
GENERAL = [name for name in arch.REGISTERS[:16] if name != "rsp"]
CALLEE_SAVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
BUFFER = 300


class Guest(Tiny):
    """Calls a thunk by name."""

    def call(self, name: str, rdi: int, rsi: int = 0, rdx: int = 0) -> Stop:
        kept = {register: 0x1111 * index for index, register in enumerate(CALLEE_SAVED)}
        stop = self.run(kapi.code[name].hex(), rdi=rdi, rsi=rsi, rdx=rdx, rax=0x5555, **kept)
        assert {register: self.get(register) for register in kept} == kept
        assert not self.engine.eflags & 0x400, "the direction flag is clear"
        return stop


GUEST = Guest()  # one for all examples


@pytest.fixture
def guest() -> Guest:
    GUEST.mem.fill(DATA, DATA_SIZE, 0)
    return GUEST


def content(size: int) -> bytes:
    return bytes((7 * index + index // 251) % 255 + 1 for index in range(size))


@pytest.mark.parametrize("name", ["memcpy", "__memcpy", "memmove", "__memmove"])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 15, 16, 255, 4097])
def test_a_copy_copies_so_many_bytes_and_returns_where_to(guest: Guest, name: str, size: int) -> None:
    guest.mem.write(DATA + 3, content(5000))
    assert guest.call(name, DATA + 0x4001, DATA + 3, size) == Stop(STOPPED)
    assert guest.mem.read(DATA + 0x4000, size + 2) == b"\0" + content(size) + b"\0"
    assert guest.get("rax") == DATA + 0x4001
    assert guest.mem.read(DATA + 3, 5000) == content(5000)


@given(st.integers(0, BUFFER), st.integers(0, BUFFER), st.integers(0, BUFFER))
@settings(max_examples=150, deadline=None)
def test_memmove_copies_whatever_overlaps(source: int, target: int, size: int) -> None:
    model = bytearray(content(2 * BUFFER))
    GUEST.mem.write(DATA, bytes(model))
    assert GUEST.call("memmove", DATA + target, DATA + source, size) == Stop(STOPPED)
    model[target : target + size] = model[source : source + size]
    assert GUEST.mem.read(DATA, 2 * BUFFER) == model and GUEST.get("rax") == DATA + target


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16, 63, 4100])
@pytest.mark.parametrize("value", [0, 0xAB, 0x1FF, -1])
def test_memset_sets_bytes_to_the_low_byte_of_its_argument(guest: Guest, size: int, value: int) -> None:
    assert guest.call("memset", DATA + 1, value & arch.POINTER_MASK, size) == Stop(STOPPED)
    assert guest.mem.read(DATA, size + 2) == b"\0" + bytes([value & 0xFF]) * size + b"\0"
    assert guest.get("rax") == DATA + 1


@pytest.mark.parametrize("name", ["clear_page_orig", "clear_page_rep", "clear_page_erms"])
def test_a_page_is_cleared_and_nothing_else(guest: Guest, name: str) -> None:
    guest.mem.fill(DATA, 3 * PAGE_SIZE, 0xFF)
    guest.call(name, DATA + PAGE_SIZE)
    assert guest.mem.read(DATA, 3 * PAGE_SIZE) == b"\xff" * PAGE_SIZE + bytes(PAGE_SIZE) + b"\xff" * PAGE_SIZE


def test_a_page_is_copied_and_nothing_else(guest: Guest) -> None:
    guest.mem.write(DATA, content(2 * PAGE_SIZE))
    guest.call("copy_page", DATA + 4 * PAGE_SIZE, DATA)
    assert guest.mem.read(DATA + 4 * PAGE_SIZE, PAGE_SIZE + 1) == content(PAGE_SIZE) + b"\0"


@pytest.mark.parametrize(
    ("name", "rdi", "rsi", "rdx", "cr2", "done"),
    [
        ("memset", END - 16, 1, 100, END, 16),
        ("memcpy", END - 32, DATA, 64, END, 32),
        ("memmove", END - 24, DATA, 64, END, 24),
        ("memcpy", 0, DATA, 8, 0, 0),
        ("memset", 0x10, 0, 3, 0x10, 0),
    ],
)
def test_a_fault_is_at_its_exact_address_with_all_before_it_done(
    guest: Guest, name: str, rdi: int, rsi: int, rdx: int, cr2: int, done: int
) -> None:
    guest.mem.fill(DATA, 64, 1)
    guest.run(kapi.code[name].hex(), rdi=rdi, rsi=rsi, rdx=rdx)
    assert guest.engine.cr2 == cr2 and CODE <= guest.get("rip") < CODE + len(kapi.code[name])
    assert not done or guest.mem.read(rdi, done) == b"\1" * done


def test_the_source_of_a_copy_faults_too(guest: Guest) -> None:
    assert guest.call("memcpy", DATA, END - 8, 16) == Stop(FAULT, arch.PAGE_FAULT)
    assert guest.engine.cr2 == END and not guest.engine.error_code & arch.PF_WRITE


@pytest.mark.parametrize("name", GENERAL)
def test_an_indirect_thunk_jumps_where_its_register_says(guest: Guest, name: str) -> None:
    target = guest.put("cc", CODE + 0x800)
    guest.put(kapi.code[f"__x86_indirect_thunk_{name}"].hex(), CODE + 0x400)
    guest.set(**{"rsp": TOP, **{register: index for index, register in enumerate(GENERAL)}, name: target})
    assert guest.engine.run(CODE + 0x400) == Stop(FAULT, arch.BREAKPOINT)
    assert guest.get("rip") == target + 1 and guest.get("rsp") == TOP


@pytest.mark.parametrize(
    "name", ["__fentry__", "__x86_return_thunk", "__SCT__preempt_schedule", "preempt_schedule_thunk"]
)
def test_what_only_returns_changes_nothing(guest: Guest, name: str) -> None:
    before = {register: 0x100 * index for index, register in enumerate(GENERAL)}
    assert guest.run(kapi.code[name].hex(), **before) == Stop(STOPPED)
    assert {register: guest.get(register) for register in GENERAL} == before
    assert guest.get("rsp") == TOP + 8 and guest.get("rip") == STUBS


def test_every_thunk_is_declared_once_and_is_no_function_as_well() -> None:
    assert not set(kapi.code) & set(kapi.functions)
    assert all(kapi.code.values())
