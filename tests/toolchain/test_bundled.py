"""Building with the bundled headers: any compiler, no kernel, and the ABI of the distribution's modules."""

import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.abi import load
from tests.release import as_built_for_ours
from tests.toolchain.conftest import installed_compilers, short
from tests.toolchain.elf_facts import Facts
from toolchain import build, bundled
from toolchain.abi_probe import Probe
from toolchain.bundled import generated_headers, module_flags
from toolchain.cache import BuildError
from toolchain.compilers import Compiler, find_compiler
from toolchain.generated import HEADERS
from toolchain.kbuild import build as kbuild
from toolchain.wishes import WISH_FILE, Wishes

Write = Callable[[str, str], Path]
ABI = load()
MODULES = Path(__file__).resolve().parents[2] / "modules"

# Debian's modules know seven types; PC64 and NONE stand in sections that bundled modules do not have.
COMMON_RELOCATIONS = {"64", "PC32", "PLT32", "32S"}
# What kbuild adds to every function, and what its inline functions ask at run time that the bundled ones need not.
ONLY_KBUILD = {
    "__fentry__",
    "__x86_return_thunk",
    "hugetlb_optimize_vmemmap_key",
    "devmap_managed_key",
    "boot_cpu_data",
    "__put_devmap_managed_page_refs",
    "__dynamic_pr_debug",
    "__stack_chk_fail",
    "fortify_panic",
}

MODULE = """
#include <linux/module.h>
static int __init {0}_init(void) {{ pr_info("in\\n"); return 0; }}
static void __exit {0}_exit(void) {{ }}
module_init({0}_init);
module_exit({0}_exit);
MODULE_LICENSE("GPL");
"""


@pytest.fixture(params=installed_compilers(), ids=short)
def each_compiler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CC", request.param)
    return str(request.param)


# Modules of the project whose headers are all bundled. The others need kbuild.
SUPPORTED = """
    kmalloc_test lowlevel slab_test current_task err_pointers export_provider export_user gfp_context gfp_failure
    gfp_flags gfp_scope gfp_zones hex_dump highmem_test init_on_alloc kmalloc_array kmalloc_list kmalloc_sizes
    kmalloc_zero kmap_lowmem kmem_strings krealloc_resize kstrto_edges kvmalloc_sizes locks_basic mempool_reserve
    page_address page_compound page_exact page_flags page_refcount param_defaults param_types percpu_array
    percpu_counter percpu_dynamic percpu_test printk_formats printk_levels printk_ratelimit rbtree_sorted
    refcount_object slab_align slab_bulk slab_ctor slab_debug_flags slab_merge sort_search string_functions vmap_pages
    vmalloc_beside_kmalloc vmalloc_variants zeroed_pages jiffies_convert module_self page_bulk misc_device misc_numbers
    char_numbers proc_entries debugfs_entries
"""


def bundled_modules() -> list[Path]:
    paths = {path.stem: path for path in MODULES.rglob("*.c")}
    return [paths[name] for name in SUPPORTED.split()]


def test_layouts_and_constants_are_those_of_the_kernel(each_compiler: str, tmp_path: Path) -> None:
    flags = module_flags(find_compiler(), generated_headers(ABI), "probe")
    probe = Probe([*find_compiler().command, *flags], tmp_path, tmp_path, Wishes(WISH_FILE.read_text()))
    seen = probe.run()
    assert {"page", "module", "task_struct", "kernel_param", "mutex", "list_head", "bug_entry"} <= seen.structs.keys()
    assert {"GFP_KERNEL", "PAGE_SIZE", "SLAB_POISON", "ENOMEM", "HZ"} <= seen.constants.keys()
    for name, layout in seen.structs.items():
        size, members = ABI.struct(name)
        assert layout["size"] == size, name
        for member, place in layout["members"].items():
            assert member.startswith("abi_") or tuple(members[member]) == tuple(place), f"{name}.{member}"
    assert {name: ABI.const[name] for name in seen.constants} == seen.constants


def test_a_module_has_what_a_loader_looks_for(each_compiler: str, own_cache: Path, write: Write) -> None:
    facts = Facts(build(write("look-for.c", MODULE.format("mine")), bundled=True))
    magic = f"{ABI.kernel} SMP preempt mod_unload modversions "
    assert facts.modinfo() == {"license": "GPL", "depends": "", "name": "look_for", "vermagic": magic, "retpoline": "Y"}
    versions = {
        name.rstrip(b"\0").decode(): crc for crc, name in struct.iter_unpack("<Q56s", facts.sections["__versions"])
    }
    assert versions.keys() == {"module_layout", "_printk"}
    assert versions["_printk"] == ABI.exports.find("_printk").crc
    this_module = facts.sections[".gnu.linkonce.this_module"]
    assert len(this_module) == ABI.sizeof("module")
    name = ABI.offset("module", "name")
    assert this_module[name : name + 9] == b"look_for\0"
    assert {"mine_init", "init_module", "mine_exit", "cleanup_module", "__this_module"} <= facts.names
    init_reloc, exit_reloc = struct.iter_unpack("<QQq", facts.sections[".rela.gnu.linkonce.this_module"])
    assert (init_reloc[0], exit_reloc[0]) == (ABI.offset("module", "init"), ABI.offset("module", "exit"))
    assert ".debug_frame" in facts.sections
    assert ".eh_frame" not in facts.sections


def test_a_module_without_init_is_a_module(each_compiler: str, own_cache: Path, write: Write) -> None:
    text = (
        '#include <linux/module.h>\nint shared(void) { return 1; }\nEXPORT_SYMBOL_GPL(shared);\nMODULE_LICENSE("GPL");'
    )
    facts = Facts(build(write("library.c", text), bundled=True))
    assert len(facts.sections["__ksymtab_gpl"]) == 12
    assert b"shared\0" in facts.sections["__ksymtab_strings"]
    assert facts.imports == {"init_module", "cleanup_module"}  # weak: NULL


def test_bug_and_warn_leave_an_entry_with_line_and_flags(each_compiler: str, own_cache: Path, write: Write) -> None:
    text = MODULE.format("bug") + 'void f(int x, int y)\n{\n\tif (WARN(x, "x"))\n\t\tBUG();\n\tWARN_ON_ONCE(y);\n}\n'
    facts = Facts(build(write("bug.c", text), bundled=True))
    entries = [struct.unpack_from("<HH", facts.sections["__bug_table"], at + 8) for at in (0, 12, 24)]
    const = ABI.const
    taint = const["TAINT_WARN"] << 8 | const["BUGFLAG_WARNING"]
    assert sorted(entries) == [(10, taint | const["BUGFLAG_NO_CUT_HERE"]), (11, 0), (12, taint | const["BUGFLAG_ONCE"])]
    assert "__warn_printk" in facts.imports


def test_every_module_that_can_be_is_built_and_imports_what_linux_exports(each_compiler: str) -> None:
    paths = bundled_modules()
    for path in paths:
        facts = Facts(build(path, bundled=True))
        assert facts.relocations <= COMMON_RELOCATIONS, path.name
        known = {name for name in facts.imports if ABI.exports.find(name)}
        assert facts.imports - known <= {"init_module", "cleanup_module"} | exported_by(paths), path.name


def exported_by(paths: list[Path]) -> set[str]:
    return {
        line.split("(")[1].split(")")[0]
        for path in paths
        for line in path.read_text().splitlines()
        if line.startswith("EXPORT_SYMBOL")
    }


@pytest.mark.parametrize("name", ["kmalloc_test", "lowlevel", "slab_test"])
def test_the_lectures_modules_import_the_same_as_from_kbuild(
    name: str, each_compiler: str, headers: Path, tmp_path: Path
) -> None:
    source, same_release = MODULES / "lecture" / f"{name}.c", tmp_path / f"{name}.ko"
    same_release.write_bytes(as_built_for_ours(kbuild(source, headers)[0].read_bytes()))
    ours, kernels = Facts(build(source, bundled=True)), Facts(same_release)
    assert ours.imports == kernels.imports - ONLY_KBUILD
    assert ours.modinfo() == kernels.modinfo()


def test_an_error_names_the_users_file_and_not_the_wrapper(each_compiler: str, own_cache: Path, write: Write) -> None:
    source = write("broken.c", MODULE.format("broken") + "int f(void) { return nonsense; }\n")
    with pytest.raises(BuildError) as caught:
        build(source, bundled=True)
    assert f"{source}:8:22: error:" in caught.value.output
    assert ".mod.c" not in caught.value.output


def test_a_function_that_is_not_declared_is_an_error(each_compiler: str, own_cache: Path, write: Write) -> None:
    with pytest.raises(BuildError, match="no_such_function"):
        build(write("undeclared.c", MODULE.format("u") + "int f(void) { return no_such_function(); }\n"), bundled=True)


def test_the_same_source_is_the_same_file(each_compiler: str, own_cache: Path, write: Write, tmp_path: Path) -> None:
    source = write("same.c", MODULE.format("same"))
    first = build(source, bundled=True)
    data = first.read_bytes()
    first.unlink()
    assert build(source, bundled=True, output=tmp_path / "copy.ko").read_bytes() == data


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="needs kbuild"):
        bundled.build(tmp_path)


def test_every_declared_function_and_variable_is_exported_by_linux(compiler: Compiler, tmp_path: Path) -> None:
    names = [str(path.relative_to(HEADERS)) for path in sorted(HEADERS.rglob("*.h")) if path.name != "footer.h"]
    source = tmp_path / "all.c"
    source.write_text("".join(f"#include <{name}>\n" for name in names))
    flags = module_flags(compiler, generated_headers(ABI), "all")
    done = subprocess.run(
        [*compiler.command, *flags, "-E", "-P", str(source)], text=True, capture_output=True, check=True
    )
    declared = declarations(done.stdout)
    assert len(declared) > 300
    assert (
        sorted(
            name for name in declared - {"init_module", "cleanup_module", "__this_module"} if not ABI.exports.find(name)
        )
        == []
    )


def declarations(text: str) -> set[str]:
    """What preprocessed C declares and does not define: the names that the assembler would see."""
    found = set()
    while (shorter := re.sub(r"\{[^{}]*\}", ";", text)) != text:
        text = shorter
    for statement in text.split(";"):
        statement = re.sub(r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)", " ", statement).strip()
        renamed = re.search(r'__asm__\("(\w+)"\)', statement)
        called = re.search(r"(\w+)\s*\(", statement)
        if renamed:
            found.add(renamed[1])
        elif statement.startswith("extern"):
            found |= set(re.findall(r"(\w+)(?:\[[^]]*\])*(?=,|$)", statement))
        elif called and not re.match(r"static|typedef|_Static_assert|struct \w+$|register", statement):
            found.add(called[1])
    return found
