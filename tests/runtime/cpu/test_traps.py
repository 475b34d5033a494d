"""The binder: what a kernel function gets for its parameters, and what the guest gets back."""

from typing import Annotated, Any

import pytest

from runtime import c
from runtime.arch import x86_64 as arch
from runtime.c import CType, Stepped, VaList, bool_, int_, long_, s8, s16, size_t, u8, u16, unsigned_long, void_p
from runtime.cpu.traps import STUB_SIZE, Binder, Stubs, ctype_of, is_stepped, s64
from runtime.cpu.varargs import MemoryVarArgs
from runtime.errors import Call, GuestFault
from runtime.undo import Undo
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import DATA, NOWHERE, STUBS, TOP, Tiny

RAW = 0x8899AABB_F1E2D3C4
ALL = [value for value in vars(c).values() if isinstance(getattr(value, "__metadata__", [0])[0], CType)]
BY_NAME = {repr(annotation.__metadata__[0]): annotation for annotation in ALL}


class Bound:
    """A guest with one kernel function, which it calls with any arguments."""

    def __init__(self, guest: Tiny) -> None:
        self.guest, self.seen, self.stepped = guest, list[Any](), list[Any]()
        self.stubs = Stubs(STUBS, PAGE_SIZE, guest.undo)
        self.end = self.stubs.add(guest.engine.stop)
        self.binder = Binder(guest.engine, guest.mem, self, lambda value, mask: self.stepped.append((value, mask)))
        guest.trap = lambda: self.stubs.table[guest.r[arch.RIP]]()

    def call(self, function: Any, *arguments: int, rax: int = 0x5555_5555_5555_5555) -> int:
        """Call it from the guest; rax afterwards."""
        guest, stub = self.guest, self.stubs.add(self.binder.bind(function))
        for register, argument in zip(arch.ARGUMENTS, arguments, strict=False):
            guest.r[register] = argument
        for index, argument in enumerate(arguments[6:]):
            guest.mem.put64(TOP - 0x200 + 8 * index, argument)
        guest.set(rsp=TOP - 0x200, rbx=stub, rbp=self.end, rax=rax)
        guest.engine.run(guest.put("ffd3 ffd5"))  # call *%rbx; call *%rbp
        assert guest.get("rsp") == TOP - 0x208, "the stack is as it was"
        return guest.get("rax")


@pytest.fixture
def bound(guest: Tiny) -> Bound:
    return Bound(guest)


def cut(value: int, ctype: CType) -> int:
    bits = 8 * ctype.size
    value &= (1 << bits) - 1
    return value - (1 << bits) if ctype.signed and value >> bits - 1 else value


@pytest.mark.parametrize("name", BY_NAME)
def test_every_c_type_arrives_with_its_width_and_sign(bound: Bound, name: str) -> None:
    annotation = BY_NAME[name]
    ctype = annotation.__metadata__[0]

    def function(k, a, b, c, d, e, f, g, h):  # type: ignore[no-untyped-def]
        k.seen.append((a, b, c, d, e, f, g, h))

    names = "abcdefgh"
    function.__annotations__ = {"k": Any, **dict.fromkeys(names, annotation), "return": None}
    raw = [RAW + 0x0101010101010101 * index & arch.POINTER_MASK for index in range(8)]
    bound.call(function, *raw)
    assert bound.seen == [tuple(cut(value, ctype) for value in raw)]


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("value", [0, 1, -1, 0x1234_5678_9ABC_DEF0])
def test_every_result_is_cut_to_its_width(bound: Bound, name: str, value: int) -> None:
    def function(k):  # type: ignore[no-untyped-def]
        return value

    function.__annotations__ = {"k": Any, "return": BY_NAME[name]}
    size = BY_NAME[name].__metadata__[0].size
    assert bound.call(function) == value & (1 << 8 * size) - 1


def test_widths_and_signs_may_be_mixed(bound: Bound) -> None:
    def function(k: Any, a: s8, b: u16, c: int_, d: size_t, e: long_, f: u8, g: s16, h: bool_, i: void_p) -> int_:
        k.seen.append((a, b, c, d, e, f, g, h, i))
        return -22

    raw = -3, 0x12345, -5, -6, -7, 0x1FF, -8, 0x101, -9
    rax = bound.call(function, *(value & arch.POINTER_MASK for value in raw))
    assert bound.seen == [(-3, 0x2345, -5, arch.POINTER_MASK - 5, -7, 0xFF, -8, 1, arch.POINTER_MASK - 8)]
    assert rax == 0xFFFFFFEA


def test_a_void_function_leaves_rax(bound: Bound) -> None:
    def function(k: Any) -> None:
        k.seen.append("called")

    assert bound.call(function, rax=0x1234) == 0x1234 and bound.seen == ["called"]


def test_true_is_one(bound: Bound) -> None:
    def function(k: Any) -> bool_:
        return True

    assert bound.call(function) == 1


@pytest.mark.parametrize("fixed", range(8))
def test_variadic_arguments_follow_the_fixed_ones(bound: Bound, fixed: int) -> None:
    names = [f"a{index}" for index in range(fixed)]
    scope: dict[str, Any] = {}
    values = ", ".join([*names, *["va.u64()"] * 4])
    exec(f"def function({', '.join(['k', *names, 'va'])}):\n k.seen += [{values}]", scope)
    function = scope["function"]
    function.__annotations__ = {"k": Any, **dict.fromkeys(names, unsigned_long), "va": VaList, "return": None}
    arguments = list(range(100, 100 + fixed + 4))
    bound.call(function, *arguments)
    assert bound.seen == arguments


def test_variadic_arguments_are_taken_in_the_type_that_is_asked_for(bound: Bound) -> None:
    def function(k: Any, first: int_, va: VaList) -> None:
        k.seen += [va.i32(), va.u32(), va.i64(), va.u64(), va.i32(), va.i64(), va.u32()]

    raw = RAW, -1, -1, -1, -1, RAW, -2, -3
    bound.call(function, *(value & arch.POINTER_MASK for value in raw))
    assert bound.seen == [-1, 0xFFFFFFFF, -1, arch.POINTER_MASK, cut(RAW, CType("", 4, True)), -2, 0xFFFFFFFD]


def test_a_va_list_in_memory_goes_from_the_saved_registers_to_the_stack(guest: Tiny) -> None:
    area, overflow = DATA + 0x100, DATA + 0x200
    guest.mem.put32(DATA, 32)  # gp_offset: two of six registers are left
    guest.mem.put64(DATA + 8, overflow)
    guest.mem.put64(DATA + 16, area)
    for index in range(6):
        guest.mem.put64(area + 8 * index, index)
        guest.mem.put64(overflow + 8 * index, -10 - index)
    taken = MemoryVarArgs(guest.mem, DATA)
    assert [taken.u64(), taken.i32(), taken.i64(), taken.u32()] == [4, 5, -10, 0xFFFFFFF5]
    assert MemoryVarArgs(guest.mem, DATA).i32() == -12  # the guest's own list has moved on
    assert guest.mem.u32(DATA) == 48


def test_a_stepped_result_may_be_a_number_or_something_to_do(bound: Bound) -> None:
    answers: list[Any] = [7, -1, None, Call(0x1000), True]

    def function(k: Any) -> Stepped[int_]:
        return answers.pop(0)

    assert [bound.call(function) for _ in range(2)] == [7, 0xFFFFFFFF]
    assert bound.call(function, rax=9) == 9
    bound.call(function)
    bound.call(function)
    assert [(type(value), mask) for value, mask in bound.stepped] == [(Call, 0xFFFFFFFF), (bool, 0xFFFFFFFF)]


def test_a_stepped_function_may_be_void(bound: Bound) -> None:
    def function(k: Any) -> Stepped[None]:
        return None

    assert bound.call(function, rax=3) == 3


def test_a_missing_stack_is_the_guests_fault(guest: Tiny, bound: Bound) -> None:
    def function(k: Any, a: int_, b: int_, c: int_, d: int_, e: int_, f: int_, g: long_) -> None:
        k.seen.append(g)

    trap = bound.binder.bind(function)
    guest.set(rsp=NOWHERE)
    with pytest.raises(GuestFault) as caught:
        trap()
    assert caught.value.address == NOWHERE + 8


def test_a_bound_function_keeps_its_name_for_tracebacks(bound: Bound) -> None:
    def kmalloc(k: Any) -> void_p:
        return 0

    assert bound.binder.bind(kmalloc).__name__ == "kmalloc"


def test_what_is_no_c_type_is_refused() -> None:
    for wrong in (int, str, Annotated[int, "x"], Any):
        with pytest.raises(TypeError):
            ctype_of(wrong)
    assert ctype_of(None) is None
    assert repr(ctype_of(Stepped[int_])) == "int" and ctype_of(Stepped[None]) is None


def test_only_a_stepped_result_is_stepped() -> None:
    assert is_stepped(Stepped[int_]) and is_stepped(Stepped[None])
    assert not is_stepped(int_) and not is_stepped(None)


@pytest.mark.parametrize("value", [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_long_is_read_as_c_reads_it(value: int) -> None:
    assert s64(value) == int.from_bytes(value.to_bytes(8, "little"), "little", signed=True)


def test_stubs_lie_side_by_side_and_end() -> None:
    stubs = Stubs(STUBS, 3 * STUB_SIZE, Undo(False))
    made = [stubs.add(list) for _ in range(3)]
    assert made == [STUBS, STUBS + 16, STUBS + 32] and stubs.table == dict.fromkeys(made, list)
    with pytest.raises(MemoryError):
        stubs.add(list)
