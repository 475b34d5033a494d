"""Symbols are resolved by the rules of Linux, and what breaks them is logged and refused as Linux does."""

from errno import EBUSY, EINVAL, ENOENT, ENOEXEC
from types import SimpleNamespace

import pytest

from runtime.loader.host import Found
from runtime.loader.refused import Refused

ALLOC, EXEC = 2, 4
WEAK = 2
VERSIONS = "__versions"


def calling(minimal, *names: str, tags: tuple[str, ...] = (), bind: int = 1):
    """A module that calls each of these functions."""
    made = minimal(*tags)
    text = made.section(".text", ALLOC | EXEC, bytes(8 * len(names)), align=16)
    for i, name in enumerate(names):
        made.rela(text, 8 * i, 4, made.symbol(name, bind=bind), -4)
    return made


def refusal(load_bytes, data: bytes, **options: object) -> Refused:
    with pytest.raises(Refused) as caught:
        load_bytes(data, **options)
    return caught.value


def test_the_kernels_exports_are_linked(minimal, finish, load_bytes, machine):
    loading, module = load_bytes(finish(calling(minimal, "_printk")))
    place = module.sections[".text"][0]
    displacement = int.from_bytes(loading.core[:4], "little", signed=True)
    assert place + displacement + 4 == machine.exports["_printk"].virt
    assert module.imports == ["_printk"]


def test_all_unknown_symbols_are_logged_before_the_module_is_refused(minimal, finish, load_bytes, machine):
    error = refusal(load_bytes, finish(calling(minimal, "frobnicate", "_printk", "twiddle")))
    assert error.errno == ENOENT
    assert error.strerror == "unknown symbol frobnicate, twiddle"
    assert machine.lines == [
        (4, "mini: Unknown symbol frobnicate (err -2)"),
        (4, "mini: Unknown symbol twiddle (err -2)"),
    ]


def test_a_weak_symbol_that_nobody_has_is_null(minimal, finish, load_bytes, machine):
    made = minimal()
    data = made.section(".data", 3, bytes(8), align=8)
    made.rela(data, 0, 1, made.symbol("perhaps", bind=WEAK))
    loading, _ = load_bytes(finish(made))
    assert machine.lines == []
    assert loading.core[loading.layout.places[data][1] :][:8] == bytes(8)


def test_gpl_only_symbols_do_not_exist_for_a_proprietary_module(minimal, finish, load_bytes, machine):
    data = finish(calling(minimal, "_printk", "device_create", tags=("license=MIT",)))
    assert machine.abi.exports.find("device_create").gpl
    assert refusal(load_bytes, data).errno == ENOENT
    assert machine.lines == [
        (4, "mini: module license 'MIT' taints kernel."),
        (4, "Disabling lock debugging due to kernel taint"),
        (4, "mini: Unknown symbol device_create (err -2)"),
    ]


def test_use_of_a_gpl_only_symbol_is_noted(minimal, finish, load_bytes):
    assert load_bytes(finish(calling(minimal, "device_create")))[1].using_gplonly_symbols
    assert not load_bytes(finish(calling(minimal, "_printk")))[1].using_gplonly_symbols


def test_a_namespace_must_be_imported(minimal, finish, load_bytes, machine):
    machine.exports["spaced"] = Found(0xFFFFFFFF81000000, namespace="CRYPT")
    error = refusal(load_bytes, finish(calling(minimal, "spaced")))
    assert error.errno == EINVAL
    assert machine.lines == [
        (3, "mini: module uses symbol (spaced) from namespace CRYPT, but does not import it."),
        (4, "mini: Unknown symbol spaced (err -22)"),
    ]
    load_bytes(finish(calling(minimal, "spaced", tags=("import_ns=CRYPT",))))


def with_checksum(minimal, crc: int):
    made = calling(minimal, "_printk")
    made.section(VERSIONS, ALLOC, crc.to_bytes(8, "little") + b"_printk".ljust(56, b"\0"), align=32)
    return made


def test_another_checksum_is_one_warning(minimal, finish, load_bytes, machine):
    _, module = load_bytes(finish(with_checksum(minimal, 0x1234)))
    assert machine.lines == []
    [warning] = module.warnings
    assert "mini: built for Linux 6.1.0-56-amd64; 2 symbols have other checksums in" in warning
    assert "module_layout, _printk" in warning


def test_another_checksum_is_refused_where_that_is_asked_for(minimal, finish, load_bytes, machine, abi):
    made = with_checksum(minimal, 0x1234)
    error = refusal(load_bytes, finish(made), strict=True)
    assert error.errno == ENOEXEC
    assert machine.lines == [(4, "mini: no symbol version for module_layout")]


def test_the_checksum_of_a_symbol_is_compared_in_strict_mode(minimal, finish, load_bytes, machine, abi):
    made = calling(minimal, "_printk", "kfree")
    entries = (("module_layout", abi.exports.find("module_layout").crc), ("_printk", 0x1234))
    table = b"".join(crc.to_bytes(8, "little") + name.encode().ljust(56, b"\0") for name, crc in entries)
    made.section(VERSIONS, ALLOC, table, align=32)
    error = refusal(load_bytes, finish(made), strict=True)
    assert error.errno == EINVAL
    assert machine.lines == [
        (4, "mini: disagrees about version of symbol _printk"),
        (4, "mini: Unknown symbol _printk (err -22)"),
        (4, "mini: no symbol version for kfree"),
        (4, "mini: Unknown symbol kfree (err -22)"),
    ]


def test_a_module_without_checksums_taints_as_in_linux(minimal, finish, load_bytes, machine):
    _, module = load_bytes(finish(calling(minimal, "_printk", tags=("bundled=",))))
    assert machine.lines == [
        (4, "mini: module_layout: kernel tainted."),
        (4, "Disabling lock debugging due to kernel taint"),
    ]
    assert module.taints & 2
    assert machine.taint & 2


def other(state: int = 0, taints: int = 0) -> SimpleNamespace:
    return SimpleNamespace(name="other", state=state, taints=taints)


def test_symbols_of_another_module_make_it_used(minimal, finish, load_bytes, machine):
    machine.exports["lent"] = Found(0xFFFFFFFFC0F00000, owner=other())
    _, module = load_bytes(finish(calling(minimal, "lent", "lent", "_printk")))
    assert module.uses == ["other"]


@pytest.mark.parametrize(("state", "errno"), [(1, EBUSY), (2, ENOENT)])
def test_a_module_that_is_not_live_lends_nothing(minimal, finish, load_bytes, machine, state, errno):
    machine.exports["lent"] = Found(0xFFFFFFFFC0F00000, owner=other(state))
    assert refusal(load_bytes, finish(calling(minimal, "lent"))).errno == errno
    waited = (4, "mini: gave up waiting for init of module other.")
    assert (waited in machine.lines) == (state == 1)
    assert machine.lines[-1] == (4, f"mini: Unknown symbol lent (err {-errno})")


def test_the_taint_of_a_proprietary_lender_is_inherited(minimal, finish, load_bytes, machine):
    machine.exports["lent"] = Found(0xFFFFFFFFC0F00000, owner=other(taints=1))
    _, module = load_bytes(finish(calling(minimal, "lent")))
    assert module.taints & 1
    assert machine.lines == [(4, "mini: module uses symbols lent from proprietary module other, inheriting taint.")]


def test_gpl_only_symbols_and_a_proprietary_lender_do_not_go_together(minimal, finish, load_bytes, machine):
    machine.exports["lent"] = Found(0xFFFFFFFFC0F00000, owner=other(taints=1))
    error = refusal(load_bytes, finish(calling(minimal, "device_create", "lent")))
    assert error.errno == ENOENT
    text = "mini: module using GPL-only symbols uses symbols lent from proprietary module other."
    assert machine.lines[0] == (3, text)


@pytest.mark.parametrize(
    ("shndx", "line"),
    [
        (0xFFF2, (4, "mini: please compile with -fno-common")),
        (200, (3, "mini: Symbol odd has an invalid section index 200 (max 5)")),
    ],
)
def test_symbols_of_no_section_are_refused(minimal, finish, load_bytes, machine, shndx, line):
    made = minimal()
    made.symbol("odd", shndx)
    assert refusal(load_bytes, finish(made)).errno == ENOEXEC
    assert machine.lines == [line]


def test_absolute_symbols_keep_their_value(minimal, finish, load_bytes):
    made = minimal()
    data = made.section(".data", 3, bytes(8), align=8)
    made.rela(data, 0, 1, made.symbol("absolute", 0xFFF1, 0x1234))
    loading, _ = load_bytes(finish(made))
    offset = loading.layout.places[data][1]
    assert int.from_bytes(loading.core[offset : offset + 8], "little") == 0x1234
