"""What fences catch, and what they leave alone: tests/data/fences/trespass.c does one thing for each value of `how`."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import cli.ourside
from cli.sidebyside import lines
from runtime import Finding, Machine
from runtime.errors import Killed
from tests.runtime.test_rewind import Backwards
from toolchain.guest import Outcome
from toolchain.scenario import of_module

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "tests/data/fences/trespass.c"
TEXT = SOURCE.read_text()
CASES = re.findall(r"\bCASE\((\w+)\),", TEXT)

# how -> (does it fault with fences on the right, and on the left?, kind, message from its second word on, stacks)
FAULT, FREE, EXIT, NOT = "fault", "at free", "at exit", "not"
HITS = {
    "write_right": (FAULT, FREE, "out-of-bounds", "memory just behind an object of 64 bytes of kmalloc-64"),
    "read_right": (FAULT, NOT, "out-of-bounds", "memory 6 bytes right of an object of 64 bytes of kmalloc-64"),
    "write_left": (FREE, FAULT, "out-of-bounds", "memory 1 byte left of an object of 64 bytes of kmalloc-64"),
    "read_left": (NOT, FAULT, "out-of-bounds", "memory 8 bytes left of an object of 64 bytes of kmalloc-64"),
    "slack": (FREE, FREE, "out-of-bounds", ""),
    "slack_kept": (EXIT, EXIT, "out-of-bounds", ""),
    "write_freed": (FAULT, FAULT, "use-after-free", "byte 3 of a freed object of 64 bytes of kmalloc-64"),
    "read_freed": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 64 bytes of kmalloc-64"),
    "copy_freed": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 64 bytes of kmalloc-64"),
    "print_freed": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 6 bytes of kmalloc-8"),
    "copy_over": (FAULT, FREE, "out-of-bounds", "memory just behind an object of 16 bytes of kmalloc-16"),
    "large_right": (FAULT, FREE, "out-of-bounds", "memory just behind an object of 20000 bytes of kmalloc()"),
    "large_freed": (FAULT, FAULT, "use-after-free", "byte 9000 of a freed object of 20000 bytes of kmalloc()"),
    "large_slack": (FREE, FREE, "out-of-bounds", ""),
    "page_right": (FAULT, FAULT, "out-of-bounds", "memory just behind an object of 8192 bytes of alloc_pages()"),
    "page_left": (FAULT, FAULT, "out-of-bounds", "memory 1 byte left of an object of 4096 bytes of alloc_pages()"),
    "page_exact": (FAULT, FAULT, "out-of-bounds", "memory just behind an object of 12288 bytes of alloc_pages()"),
    "page_freed": (FAULT, FAULT, "use-after-free", "byte 100 of a freed object of 4096 bytes of alloc_pages()"),
    "vmalloc_right": (FAULT, FAULT, "out-of-bounds", "memory just behind an object of 4096 bytes of vmalloc()"),
    "vmalloc_left": (FAULT, FAULT, "out-of-bounds", "memory 2 bytes left of an object of 4096 bytes of vmalloc()"),
    "vmalloc_slack": (FREE, FREE, "out-of-bounds", ""),
    "vmalloc_freed": (FAULT, FAULT, "use-after-free", "byte 5 of a freed object of 100 bytes of vmalloc()"),
    "grown": (FAULT, EXIT, "out-of-bounds", "memory 2 bytes right of an object of 30 bytes of kmalloc-32"),
    "grown_old": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 20 bytes of kmalloc-32"),
    "percpu_right": (FAULT, EXIT, "out-of-bounds", "memory just behind an object of 4 bytes of alloc_percpu()"),
    "percpu_freed": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 4 bytes of alloc_percpu()"),
    "ctor_freed": (FAULT, FAULT, "use-after-free", "byte 12 of a freed object of 96 bytes of trespass_nodes"),
    "ctor_right": (FAULT, EXIT, "out-of-bounds", "memory just behind an object of 96 bytes of trespass_nodes"),
    "rcu_freed": (FAULT, FAULT, "use-after-free", "byte 0 of a freed object of 40 bytes of trespass_safe"),
}
# What is freed wrong: kind, message. With fences the stacks of who allocated and freed it are known.
WRONG_FREES = {
    "interior": ("invalid-free", "free of an address 8 bytes into an object of kmalloc-64"),
    "twice": ("double-free", "object of kmalloc-64 is freed, but it is free already"),
    "large_twice": ("double-free", "object of kmalloc() is freed, but it is free already"),
    "page_twice": ("double-free", "free_pages() of pages that are free already"),
    "page_kfree": ("mismatched-free", "kfree() of pages of alloc_pages()"),
    "percpu_twice": ("double-free", "free_percpu() of what is free already"),
    "wrong_cache": ("mismatched-free", "kmem_cache_free() to trespass_third of an object of trespass_other"),
}

# Modules that print what is otherwise with fences.
KSIZE = "prints ksize(), which is the requested size"
DIFFERENT = {
    "cache_merging": "caches are not merged",
    "gfp_zones": KSIZE,
    "kmalloc_array": KSIZE,
    "kmalloc_nothing": KSIZE,
    "kmalloc_sizes": KSIZE,
    "kmem_strings": KSIZE,
    "krealloc_resize": KSIZE + "; what grows, moves",
    "ksize_classes": KSIZE,
    "page_compound": KSIZE,
    "page_flags": "an object of kmalloc(4096) is a slab of one page, not one of eight",
    "page_tables_walk": KSIZE,
    "percpu_places": "per-CPU objects do not lie next to each other",
    "slab_align": "on the left each object begins a page",
    "slab_merge": "caches are not merged",
    "snprintf_results": KSIZE,
    "vmalloc_variants": "kmalloc(100000) ends at a page: it does not begin at one, and nothing promises that it does",
}
MODULES = [path for path in sorted((ROOT / "modules").glob("*/*.c")) if path.parent.name != "bugs"]


@pytest.fixture(scope="module")
def trespass(build_ko: Callable[[Path], Path]) -> bytes:
    return build_ko(SOURCE).read_bytes()


def run(data: bytes, how: str, side: str, **options: object) -> tuple[Machine, list[Finding], bool]:
    """insmod and rmmod. Return: the machine, what was found besides leaks, and whether the module was killed."""
    machine = Machine(fences=side, **options)  # type: ignore[arg-type]
    killed = False
    try:
        machine.insmod(data, how=how)
        machine.rmmod("trespass")
    except Killed:
        killed = True
    return machine, [found for found in machine.findings if found.kind != "leak"], killed


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("how", sorted(HITS))
def test_a_trespass_is_found(trespass: bytes, how: str, side: str) -> None:
    where, kind, text = HITS[how][side == "left"], HITS[how][2], HITS[how][3]
    machine, found, killed = run(trespass, how, side)
    assert killed == (where == FAULT)
    if where == NOT:
        assert not found
        return
    assert [finding.kind for finding in found] == [kind]
    first = found[0]
    assert first.size > 0 and first.allocated, "the object and who allocated it are known"
    assert bool(first.freed) == (kind == "use-after-free")
    assert bool(first.at) == (where != EXIT)
    if where == FAULT:
        assert first.message.endswith(text)
        assert first.pc
        frames = machine.frames([first.pc], 0) + machine.frames(first.at)
        here = next(frame for frame in frames if frame["file"] and frame["file"].endswith("trespass.c"))
        assert here["symbol"].startswith(how)
    else:
        assert "written" in first.message and "object of" in first.message


@pytest.mark.parametrize("how", sorted(WRONG_FREES))
def test_a_wrong_free_is_found_as_without_fences_and_with_its_stacks(trespass: bytes, how: str) -> None:
    kind, message = WRONG_FREES[how]
    found = run(trespass, how, "right")[1][0]
    assert (found.kind, found.message) == (kind, message)
    assert found.allocated and found.at
    assert bool(found.freed) == (kind == "double-free")


def test_a_free_of_a_cache_tells_where_it_was_destroyed(trespass: bytes) -> None:
    machine, found, _ = run(trespass, "destroyed", "right")
    assert (found[0].kind, found[0].message) == ("double-free", "object of kmem_cache is freed, but it is free already")
    lines_of = [machine.frames(stack)[0]["line"] for stack in (found[0].freed, found[0].at)]
    source = TEXT.splitlines()
    assert [source[line - 1].strip() for line in lines_of] == ["kmem_cache_destroy(gone);", "kfree(gone);"]


def test_slack_bytes_are_counted_from_the_end_of_the_object(trespass: bytes) -> None:
    assert run(trespass, "slack", "right")[1][0].message == (
        "1 byte was written 1 byte right of an object of 100 bytes of kmalloc-128"
    )
    assert run(trespass, "slack_kept", "right")[1][0].message == (
        "3 bytes were written just behind an object of 100 bytes of kmalloc-128"
    )
    assert run(trespass, "write_left", "right")[1][0].message == (
        "1 byte was written just before an object of 64 bytes of kmalloc-64"
    )


def test_init_memory_that_is_freed_is_named_without_fences_too(trespass: bytes) -> None:
    for side in ("", "right"):
        machine, found, killed = run(trespass, "init_freed", side)
        assert killed
        assert [(finding.kind, finding.message) for finding in found] == [
            ("use-after-free", "read of early+0x0, which was __init of trespass and is freed")
        ]
        assert machine.frames([found[0].pc], 0)[0]["symbol"] == "init_freed"


def test_a_freed_vmalloc_area_is_named_without_fences_too(trespass: bytes) -> None:
    found = run(trespass, "vmalloc_freed", "")[1]
    assert [(finding.kind, finding.message) for finding in found] == [
        ("use-after-free", "read of byte 5 of a freed object of 4096 bytes of vmalloc()")
    ]


OPTIONS = [{}, {"rewindable": True}, {"cmdline": "slub_debug=FZPU"}, {"nodes": 2}, {"memory": "5G"}]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("side", ["right", "left"])
def test_what_is_right_stays_right(trespass: bytes, side: str, options: dict[str, object]) -> None:
    machine, found, killed = run(trespass, "nothing", side, **options)
    assert not killed and not found and not machine.findings
    assert [record.text for record in machine.dmesg()][-2:] == ["count 1, head 1", "done"]
    machine.kernel.mm.fences.check()
    machine.kernel.slab.check()
    machine.kernel.pages.check()


def test_readers_of_rcu_keep_what_is_freed(trespass: bytes) -> None:
    assert "still there: 1" in [record.text for record in run(trespass, "rcu_freed", "right")[0].dmesg()]


def test_a_constructor_sees_the_address_that_the_module_gets(trespass: bytes) -> None:
    assert "self 1, number 5" in [record.text for record in run(trespass, "ctor_freed", "right")[0].dmesg()]


@pytest.mark.parametrize("how", ["nothing", "write_freed", "ctor_right", "percpu_freed", "page_exact", "slack_kept"])
def test_a_machine_that_is_taken_back_ends_the_same(trespass: bytes, how: str) -> None:
    machine = Machine(memory="32M", fences="right", rewindable=True)
    start, ends = machine.mark(), []
    for _ in range(3):
        with suppress(Killed):
            machine.insmod(trespass, how=how)
            machine.rmmod("trespass")
        k = machine.kernel
        k.mm.fences.check()
        books = [sorted(book) for book in (k.mm.books.slab, k.mm.books.pages, k.mm.books.percpu, k.mm.books.freed)]
        ends.append((machine.dmesg(), [repr(found) for found in machine.findings], books))
        machine.rewind(start)
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("how", ["nothing", "rcu_freed", "grown_old"])
def test_every_trap_can_be_taken_back(trespass: bytes, how: str) -> None:
    def perform(backwards: bool) -> tuple[object, ...]:
        machine = Machine(memory="32M", fences="right", rewindable=True)
        watcher = Backwards(machine) if backwards else None
        with suppress(Killed):
            machine.insmod(trespass, how=how)
        assert watcher is None or watcher.times > 3
        k = machine.kernel
        k.mm.fences.check()
        books = sorted(k.mm.books.slab), sorted(k.mm.books.freed)
        return machine.dmesg(), [repr(found) for found in machine.findings], books

    assert perform(False) == perform(True)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("source", MODULES, ids=lambda path: path.stem)
def test_a_module_does_the_same_with_fences(
    source: Path, side: str, build_ko: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = of_module(source)
    built = scenario._replace(modules={name: build_ko(path) for name, path in scenario.modules.items()})

    def perform(fences: str) -> tuple[list[str], set[str]]:
        found: set[str] = set()
        monkeypatch.setattr(cli.ourside, "Machine", lambda *args, **more: Machine(*args, fences=fences, **more))
        outcomes, _ = cli.ourside.perform(
            built, strict=False, examine=lambda machine: found.update(finding.kind for finding in machine.findings)
        )
        return logged(outcomes), found

    (log, kinds), (fenced_log, fenced_kinds) = perform(""), perform(side)
    if source.stem not in DIFFERENT:
        assert fenced_log == log
    elif source.stem != "kmalloc_sizes":  # which goes from one ksize() to the next
        assert len(fenced_log) == len(log)
    assert "out-of-bounds" in kinds or "out-of-bounds" not in fenced_kinds
    assert "use-after-free" in kinds or "use-after-free" not in fenced_kinds
    assert bool(kinds) == bool(fenced_kinds)


def test_vfree_of_pages_that_vmap_was_given_takes_their_fences() -> None:
    with Machine(fences="right") as machine:
        pages, vmalloc, fences = machine.kernel.pages, machine.kernel.vmalloc, machine.kernel.mm.fences
        pfns = [pages.alloc_pages(pages.gfp.KERNEL) for _ in range(2)]
        for pfn in pfns:
            pages.pages.fill_range(pfn, 1)  # their struct pages look as those of single pages do
        virt = vmalloc.vmap(pfns, owned=True)
        assert vmalloc.to_pfn(virt) == pfns[0] >= fences.first_pfn
        vmalloc.vfree(virt)
        lists = [held for zone in pages.nodes.populated for pcp in zone.pcp for held in pcp.lists if held]
        assert max(map(max, lists)) < fences.first_pfn


def logged(outcomes: list[Outcome]) -> list[str]:
    return [line for outcome in outcomes for line in lines(outcome, portable=True)]


@pytest.mark.parametrize("name", ["seven", "n" * 31, "n" * 32, "n" * 300])
@pytest.mark.parametrize("flags", [0, 1 << 23])  # SLAB_NOLEAKTRACE: never merged
def test_a_cache_that_linux_would_merge_has_a_name_and_an_address_of_its_own(name: str, flags: int) -> None:
    with Machine(fences="right") as machine:
        slab, mem, name_at = machine.kernel.slab, machine.kernel.mem, machine.kernel.abi.offset("kmem_cache", "name")
        caches = [slab.create(name, 48, 8, flags, 0) for _ in range(3)]
        assert len(set(caches)) == 3
        assert [mem.cstr(mem.u64(cache + name_at)) for cache in caches] == [name.encode()] * 3
        for cache in caches:
            slab.kmem_cache_free(cache, slab.kmem_cache_alloc(cache, slab.gfp.KERNEL))
            slab.destroy(cache)
        slab.check()
        assert not machine.findings


def test_the_slabs_of_a_cache_that_linux_would_merge_are_those_that_it_would_share() -> None:
    said = []
    for options in ({}, {"fences": "right"}):
        with Machine(**options) as machine:  # type: ignore[arg-type]
            slab = machine.kernel.slab
            cache = slab.create("seven", 48, 8, 0, 0)
            objects = [slab.kmem_cache_alloc(cache, slab.gfp.KERNEL) for _ in range(200)]
            full = machine.proc("slabinfo"), machine.kernel.pages.counts()
            for objp in objects:
                slab.kmem_cache_free(cache, objp)
            slab.destroy(cache)
            slab.check()
            said.append((*full, machine.proc("slabinfo"), machine.kernel.pages.counts()))
            assert not machine.findings
    assert said[0] == said[1]


def test_a_cache_that_linux_would_merge_is_not_destroyed_before_its_objects() -> None:
    with Machine(fences="right", rewindable=True) as machine:
        slab = machine.kernel.slab
        for _ in range(2):
            start = machine.mark()
            cache, other = slab.create("seven", 48, 8, 0, 0), slab.create("other", 48, 8, 0, 0)
            objp = slab.kmem_cache_alloc(cache, slab.gfp.KERNEL)
            slab.kmem_cache_free(other, slab.kmem_cache_alloc(other, slab.gfp.KERNEL))
            slab.destroy(other)
            assert not machine.findings
            slab.destroy(cache)
            assert [found.message for found in machine.findings] == [
                "kmem_cache_destroy() of seven, which still has objects"
            ]
            slab.kmem_cache_free(cache, objp)
            slab.check()
            machine.rewind(start)


def test_every_case_of_the_module_is_expected() -> None:
    assert set(CASES) | {"init_freed"} == set(HITS) | set(WRONG_FREES) | {"destroyed", "nothing", "init_freed"}
