"""A module goes through all the steps of loading, and its image is complete."""

import random
import struct
from errno import ENOEXEC
from pathlib import Path

import pytest

from runtime.loader.host import Found
from runtime.loader.module import COMING, Loading
from runtime.loader.refused import Refused
from runtime.loader.text_scan import TRAP

CORE, INIT, PERCPU = 0xFFFFFFFFC0000000, 0xFFFFFFFFC0800000, 0x1F000
VERMAGIC = "6.1.0-56-amd64 SMP preempt mod_unload modversions "


def field(loading: Loading, member: str, size: int = 8) -> int:
    at = loading.module.virt - CORE + loading.abi.offset("module", member)
    return int.from_bytes(loading.core[at : at + size], "little")


def test_a_module_built_by_kbuild_loads_strictly(sample_ko, load_bytes, machine):
    _, module = load_bytes(sample_ko, strict=True)
    assert (module.name, module.state, module.info.license) == ("sample", COMING, "GPL")
    assert machine.lines == [(4, "sample: loading out-of-tree module taints kernel.")]
    assert machine.taint == module.taints == 1 << 12
    assert {"_printk", "__fentry__", "param_ops_bool"} <= set(module.imports)
    assert (module.uses, module.signed) == ([], False)


def test_only_the_first_out_of_tree_module_is_logged(sample_ko, load_bytes, machine):
    load_bytes(sample_ko)
    load_bytes(sample_ko)
    assert len(machine.lines) == 1


@pytest.mark.parametrize(
    ("tags", "lines", "taint"),
    [
        (("intree=Y",), [], 0),
        (
            ("staging=Y",),
            ["module is from the staging directory, the quality is unknown, you have been warned."],
            1 << 10,
        ),
        (("license=MIT",), ["module license 'MIT' taints kernel."], 1),
        (("license=",), ["module license 'unspecified' taints kernel."], 1),
        (("test=Y",), ["loading test module taints kernel."], 1 << 18),
        (("intree=",), ["loading out-of-tree module taints kernel."], 1 << 12),
    ],
)
def test_what_a_module_says_of_itself_is_logged_and_taints(minimal, finish, load_bytes, machine, tags, lines, taint):
    _, module = load_bytes(finish(minimal(*tags)))
    assert [line for _, line in machine.lines if "lock debugging" not in line] == [f"mini: {line}" for line in lines]
    assert module.taints == machine.taint == taint


def test_struct_module_holds_what_the_kernel_writes_there(sample):
    loading, module = sample
    assert field(loading, "state", 4) == COMING
    assert field(loading, "refcnt", 4) == 2
    assert module.kallsyms.lookup(module.virt)[0] == "__this_module"
    assert module.kallsyms.lookup(module.init) == ("sample_init", 0, 0x1000)
    assert field(loading, "num_kp", 4) == 6
    assert field(loading, "kp") == module.sections["__param"][0]
    assert field(loading, "num_syms", 4) == 1
    assert field(loading, "num_gpl_syms", 4) == 2
    assert field(loading, "percpu") == PERCPU
    assert field(loading, "percpu_size", 4) == 16
    assert field(loading, "core_layout.base") == CORE
    assert field(loading, "core_layout.size", 4) == loading.layout.core.size
    assert field(loading, "init_layout.base") == INIT
    assert field(loading, "init_layout.text_size", 4) == 0x1000
    assert field(loading, "extable") == module.sections["__ex_table"][0]
    assert field(loading, "num_exentries", 4) == 1
    assert field(loading, "num_bugs", 4) == module.sections["__bug_table"][1] // 12
    assert field(loading, "source_list") == module.virt + loading.abi.offset("module", "source_list")
    assert field(loading, "taints") == 1 << 12


def test_exports_carry_address_checksum_licence_and_namespace(sample):
    _, module = sample
    assert set(module.exports) == {"early", "variable", "realigned"}
    for name, export in module.exports.items():
        assert export.virt == module.kallsyms.address(name)
        assert export.crc
        assert export.gpl == (name != "early")
        assert export.namespace == ("SAMPLES" if name == "realigned" else "")


def test_a_name_that_is_exported_already_is_refused(sample_ko, load_bytes, machine):
    _, first = load_bytes(sample_ko)
    machine.exports["early"] = Found(first.exports["early"].virt, owner=first)
    with pytest.raises(Refused) as caught:
        load_bytes(sample_ko)
    assert caught.value.errno == ENOEXEC
    assert caught.value.log == ((3, "sample: exports duplicate symbol early (owned by sample)"),)


def test_per_cpu_variables_are_offsets_and_their_template_is_not_relocated(sample):
    loading, module = sample
    assert loading.percpu == (16, 8)
    assert sorted(struct.unpack("<4I", loading.percpu_template)) == [0, 0, 0, 42]
    assert ".data..percpu" not in module.sections
    assert module.kallsyms.address("number") is None
    assert any(address < 1 << 20 for address, _ in module.core_kallsyms.items())
    assert any("1 initial values of per-CPU variables are addresses" in warning for warning in module.warnings)


def test_a_clock_read_becomes_a_trap_that_is_not_bug(sample):
    loading, module = sample
    [(virt, patch)] = module.patches.items()
    assert (patch.kind, patch.length) == ("rdtsc", 2)
    image, base = (loading.init, INIT) if virt >= INIT else (loading.core, CORE)
    assert image[virt - base : virt - base + 2] == TRAP != b"\x0f\x0b"


def test_addresses_lead_to_source_lines_and_sections(sample):
    _, module = sample
    name, line, path = module.line(module.kallsyms.address("early"))
    source = Path(path).read_text().splitlines()
    assert name.endswith("sample.c")
    assert "early(int n" in source[line - 2]
    section, offset = module.section_of(module.init + 3)
    assert (section.name, offset) == (".init.text", 3)
    assert module.line(0xFFFFFFFF81000000) is None


def test_memory_and_text_are_known_by_address(sample):
    loading, module = sample
    assert module.contains_text(module.init)
    assert module.contains(module.virt)
    assert not module.contains_text(module.virt)
    assert not module.contains(CORE + loading.layout.core.size)
    module.free_init()
    assert not module.contains(module.init)
    assert not module.contains_text(module.init)


def test_a_report_can_name_an_init_function_that_is_long_gone(sample):
    _, module = sample
    before = module.line(module.init), module.inlined(module.init)
    module.free_init()
    assert (module.line(module.init), module.inlined(module.init)) == before
    assert module.names.lookup(module.init)[0] == "sample_init"
    assert module.was_at(module.init)
    assert not module.was_at(INIT - 1)


def test_struct_module_of_another_size_is_refused(minimal, finish, load_bytes):
    with pytest.raises(Refused, match="whose struct module has 960 bytes; that of 6"):
        load_bytes(finish(minimal(this_size=960)))


def test_a_file_without_struct_module_is_refused_as_linux_does(maker, load_bytes):
    maker.section(".modinfo", 2, b"name=odd\0")
    maker.tables()
    with pytest.raises(Refused) as caught:
        load_bytes(maker.bytes())
    assert caught.value.log == ((4, "odd: No module found in object"),)


def test_struct_module_names_the_module_whatever_its_tag_says(minimal, finish, load_bytes):
    assert load_bytes(finish(minimal("name=outer", name="inner")))[1].name == "inner"


def test_a_taint_of_the_machine_between_the_steps_is_kept(minimal, finish, machine):
    loading = Loading(finish(minimal()), machine, machine.abi, VERMAGIC)
    loading.module.taints |= 1 << 13
    loading.place(CORE, INIT, 0)
    assert loading.finish().taints == 1 << 13


def test_a_bundled_module_needs_neither_checksums_nor_retpolines(minimal, finish, load_bytes, machine):
    load_bytes(finish(minimal("retpoline=", "bundled=Y")))
    assert machine.lines == []


def test_relocations_tell_which_elements_of_a_variable_a_module_refers_to(minimal, finish, load_bytes):
    made = minimal()
    text, data = made.section(".text", 6, bytes(32)), made.section(".data", 3, bytes(8))
    caches, other = made.symbol("kmalloc_caches"), made.symbol("page_offset_base")
    made.rela(text, 0, 2, caches, 56 - 4)  # 2: R_X86_64_PC32, 11: R_X86_64_32S, 1: R_X86_64_64
    made.rela(text, 8, 2, other, 8 - 4)
    made.rela(text, 16, 11, caches, 16)
    made.rela(text, 24, 2, caches, 56 - 4)
    made.rela(data, 0, 1, caches, 32)
    loading, _ = load_bytes(finish(made))
    assert loading.offsets_in("kmalloc_caches") == [16, 56]
    assert loading.offsets_in("vmemmap_base") == []


def mutated(data: bytes, pick: random.Random) -> bytes:
    """Damage a file: bits, pieces cut off, section headers changed."""
    out = bytearray(data)
    kind = pick.randrange(4)
    if kind == 0:
        return bytes(out[: pick.randrange(len(out))])
    table, count = struct.unpack_from("<Q", out, 40)[0], struct.unpack_from("<H", out, 60)[0]
    for _ in range(pick.randint(1, 4)):
        if kind == 1:
            out[pick.randrange(len(out))] ^= 1 << pick.randrange(8)
        elif kind == 2:
            out[pick.randrange(64)] = pick.randrange(256)
        else:
            at = table + 64 * pick.randrange(count) + pick.choice((0, 4, 8, 24, 32, 40, 44, 48, 56))
            value = pick.choice((0, 1, 7, 0xFFFF, 0x7FFFFFFF, pick.getrandbits(32), pick.randrange(len(out))))
            struct.pack_into("<I", out, at, value & 0xFFFFFFFF)
    return bytes(out)


def test_damaged_modules_are_refused_or_load_and_nothing_else_comes_out(sample_ko, machine):
    pick, refused = random.Random(6), 0
    for _ in range(400):
        try:
            loading = Loading(mutated(sample_ko, pick), machine, machine.abi, VERMAGIC)
            if loading.layout.core.size + loading.layout.init.size < 16 << 20:
                loading.place(CORE, INIT, PERCPU)
                module = loading.finish()
                module.line(module.init)
                module.kallsyms.lookup(module.init)
        except Refused as error:
            refused += 1
            assert error.strerror
            assert "\n" not in error.strerror
    assert 150 < refused < 400
