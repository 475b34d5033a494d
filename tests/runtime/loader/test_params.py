"""Parameters are set and shown as the kernel does it, each by the type that its ops tell."""

from errno import EINVAL, ENOMEM, ENOSPC, ERANGE, EROFS
from types import SimpleNamespace

import pytest

from runtime.errors import Unsupported
from runtime.loader.param_types import GuestSet, find_param, read_params
from runtime.loader.params import Parameters, free_parameters, setter
from runtime.loader.refused import Refused
from runtime.undo import Undo

HEAP = 0xFFFF888000100000


class FlatMemory:
    """Guest memory as a few mapped pieces."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, bytearray]] = []

    def map(self, virt: int, image: bytearray) -> None:
        self.pieces.append((virt, image))

    def _at(self, virt: int) -> tuple[bytearray, int]:
        return next((image, virt - base) for base, image in self.pieces if base <= virt < base + len(image))

    def read(self, virt: int, size: int) -> bytes:
        image, at = self._at(virt)
        return bytes(image[at : at + size])

    def write(self, virt: int, data: bytes) -> None:
        image, at = self._at(virt)
        image[at : at + len(data)] = data

    def cstr(self, virt: int, limit: int | None = None) -> bytes:
        image, at = self._at(virt)
        return bytes(image[at : image.index(0, at)])[:limit]

    def __getattr__(self, name: str):
        size = int(name.lstrip("put")) // 8
        if name.startswith("put"):
            return lambda virt, value: self.write(virt, value.to_bytes(size, "little"))
        return lambda virt: int.from_bytes(self.read(virt, size), "little")


class Slab:
    def __init__(self) -> None:
        self.next, self.live, self.empty = HEAP, set(), False

    def kmalloc(self, size: int, flags: int) -> int:
        if self.empty:
            return 0
        self.next += 2048
        self.live.add(self.next)
        return self.next

    def kfree(self, virt: int) -> None:
        self.live.remove(virt)


@pytest.fixture
def kernel(sample, machine, abi):
    loading, _ = sample
    machine.lines.clear()
    mem = FlatMemory()
    mem.map(0xFFFFFFFFC0000000, loading.core)
    mem.map(0xFFFFFFFFC0800000, loading.init)
    mem.map(HEAP, bytearray(1 << 20))
    return SimpleNamespace(mem=mem, abi=abi, modules=machine, slab=Slab(), undo=Undo(False))


@pytest.fixture
def put(sample, kernel, machine):
    """Set all that an argument string says; answers the module's error, or None."""

    def run(text: str) -> int | None:
        parameters = Parameters(sample[1], kernel, text)
        try:
            assert parameters.advance(0) is None
        except Refused as error:
            return error.errno
        return None

    return run


@pytest.fixture
def show(sample, kernel):
    params = read_params(kernel.mem, kernel.abi, sample[1].sections["__param"])
    return lambda name: setter(kernel, sample[1]).text(find_param(params, name))


def test_the_parameters_of_a_module_are_read_from_its_section(sample, kernel):
    params = read_params(kernel.mem, kernel.abi, sample[1].sections["__param"])
    assert {p.name: p.perm for p in params} == {
        "list": 0o644, "flag": 0o444, "text": 0o444, "line": 0o644, "once": 0, "twice": 0o644,
    }  # fmt: skip
    assert read_params(kernel.mem, kernel.abi, None) == []


def test_initial_values_are_shown_as_sysfs_shows_them(show):
    assert [show(name) for name in ("flag", "text", "line", "once", "list")] == ["N\n", "default\n", "abc\n", "3\n", ""]


def test_values_are_set_and_shown(put, show, machine):
    assert put('flag once=-5 text="two words" line=xyz list=1,0x10,010') is None
    assert [show(name) for name in ("flag", "text", "line", "once", "list")] == [
        "Y\n", "two words\n", "xyz\n", "-5\n", "1,16,8\n",
    ]  # fmt: skip
    assert machine.lines == []


@pytest.mark.parametrize(
    ("text", "errno", "lines"),
    [
        ("once=abc", EINVAL, [(3, "sample: `abc' invalid for parameter `once'")]),
        ("once=5000000000", ERANGE, [(3, "sample: `5000000000' invalid for parameter `once'")]),
        ("once", EINVAL, [(3, "sample: `' invalid for parameter `once'")]),
        ("flag=maybe", EINVAL, [(3, "sample: `maybe' invalid for parameter `flag'")]),
        ("list=1,x", EINVAL, [(3, "sample: `1' invalid for parameter `list'")]),
        (
            "list=1,2,3,4,5",
            EINVAL,
            [(3, "list: can only take 4 arguments"), (3, "sample: `1' invalid for parameter `list'")],
        ),
        (
            "line=12345678",
            ENOSPC,
            [(3, "line: string doesn't fit in 7 chars."), (3, "sample: `12345678' too large for parameter `line'")],
        ),
    ],
)
def test_a_bad_value_is_logged_and_refuses_the_load(put, machine, text, errno, lines):
    assert put(text) == errno
    assert machine.lines == lines


def test_a_string_of_more_than_a_thousand_characters_is_too_large(put, machine):
    assert put("text=" + "x" * 1025) == ENOSPC
    assert machine.lines[0] == (3, "text: string parameter too long")
    assert put("text=" + "x" * 1024) is None


def test_all_arguments_are_tried_and_the_last_error_counts(put, show, machine):
    assert put("once=abc flag=1 list=9999999999") == ERANGE
    assert show("flag") == "Y\n"
    assert len(machine.lines) == 2


def test_an_unknown_parameter_is_a_warning(put, machine):
    assert put("zz=1 flag") is None
    assert machine.lines == [(4, "sample: unknown parameter 'zz' ignored")]


def test_what_follows_two_dashes_is_ignored_with_a_warning(put, show, machine):
    assert put("flag -- once=9") is None
    assert machine.lines == [(4, "sample: parameters 'once=9' after `--' ignored")]
    assert show("once") == "3\n"


def test_dashes_and_underscores_are_the_same(put, machine):
    assert put("async-probe=1") is None or machine.lines


def test_dynamic_debug_is_a_gap_that_is_named(put):
    with pytest.raises(Unsupported, match="dyndbg"):
        put("dyndbg=+p")


def test_a_string_is_a_copy_that_is_freed_when_it_is_replaced_and_at_the_end(put, sample, kernel):
    put("text=one text=two")
    assert len(kernel.slab.live) == 2  # the value, and the argument string
    free_parameters(kernel, sample[1])
    assert kernel.slab.live == set()


def test_no_memory_for_a_string_is_no_memory(sample, kernel, machine):
    parameters = Parameters(sample[1], kernel, "text=one")
    kernel.slab.empty = True
    with pytest.raises(Refused) as caught:
        parameters.advance(0)
    assert caught.value.errno == ENOMEM
    with pytest.raises(Refused) as caught:
        Parameters(sample[1], kernel, "text=one")
    assert caught.value.errno == ENOMEM


def test_a_set_function_of_the_module_is_called_between_the_others(sample, kernel, show):
    module = sample[1]
    parameters = Parameters(module, kernel, "once=1 twice=21 flag")
    fn, value, param = parameters.advance(0)
    assert module.kallsyms.lookup(fn)[0] == "set_twice"
    assert kernel.mem.cstr(value) == b"21"
    assert show("flag") == "N\n"
    found = read_params(kernel.mem, kernel.abi, module.sections["__param"])
    assert param == find_param(found, "twice").virt
    assert parameters.advance(0) is None
    assert show("flag") == "Y\n"


def test_the_error_of_a_set_function_of_the_module_counts(sample, kernel, machine):
    parameters = Parameters(sample[1], kernel, "twice=x flag")
    parameters.advance(0)
    with pytest.raises(Refused) as caught:
        parameters.advance(-EINVAL)
    assert caught.value.errno == EINVAL
    assert machine.lines == [(3, "sample: `x' invalid for parameter `twice'")]


def test_a_bare_name_needs_ops_that_allow_it(sample, kernel):
    found = read_params(kernel.mem, kernel.abi, sample[1].sections["__param"])
    set_parameter = setter(kernel, sample[1]).set_parameter
    assert set_parameter(find_param(found, "twice"), None) == -EINVAL
    assert isinstance(set_parameter(find_param(found, "twice"), b"1"), GuestSet)


def test_an_unsafe_parameter_taints(sample, kernel, machine):
    [param] = [p for p in read_params(kernel.mem, kernel.abi, sample[1].sections["__param"]) if p.name == "flag"]
    param.flags = 1
    machine.taint = 0
    assert setter(kernel, sample[1]).set_parameter(param, b"1") == 0
    assert machine.lines == [(5, "Setting dangerous option flag - tainting kernel")]
    assert machine.taint == 1 << 6


@pytest.mark.parametrize(
    ("kind", "text", "stored", "shown"),
    [
        ("byte", b"200", 200, "200\n"),
        ("short", b"-2", 0xFFFE, "-2\n"),
        ("ushort", b"65535", 0xFFFF, "65535\n"),
        ("hexint", b"31", 31, "0x00001f\n"),
        ("ulong", b"0xffffffffffffffff", (1 << 64) - 1, "18446744073709551615\n"),
        ("long", b"-1", (1 << 64) - 1, "-1\n"),
        ("invbool", b"y", 0, "Y\n"),
        ("bint", b"y", 1, "1\n"),
        ("bool_enable_only", b"1", 1, "Y\n"),
    ],
)
def test_each_kind_is_stored_and_shown_by_its_own_rules(sample, kernel, kind, text, stored, shown):
    tool, arg = setter(kernel, sample[1]), HEAP + 512
    assert tool.set_kind(kind, SimpleNamespace(name="p", arg=arg), text) == 0
    assert kernel.mem.u64(arg) == stored
    assert tool.kind_text(kind, arg) == shown


def test_a_switch_that_can_only_be_set_stays_set(sample, kernel):
    tool, param = setter(kernel, sample[1]), SimpleNamespace(name="p", arg=HEAP + 512)
    assert tool.set_kind("bool_enable_only", param, b"0") == 0
    assert tool.set_kind("bool_enable_only", param, b"1") == 0
    assert tool.set_kind("bool_enable_only", param, b"0") == -EROFS
    assert tool.kind_text("bool_enable_only", param.arg) == "Y\n"
