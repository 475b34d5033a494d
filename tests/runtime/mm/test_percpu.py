"""Per-CPU memory: copies, limits, further chunks, modules' static data."""

from random import Random

import pytest

from runtime.errors import GuestFault
from tests.runtime.mm.rig import ABI, PERCPU, Rig

C = ABI.const
GFP_KERNEL, GFP_ATOMIC = C["GFP_KERNEL"], C["GFP_ATOMIC"]


def test_each_cpu_has_a_cleared_copy_of_its_own(rig: Rig) -> None:
    pointer = rig.percpu.alloc(64, 8)
    copies = rig.percpu.copies(pointer)
    assert copies == [rig.percpu.base(cpu) + pointer for cpu in (0, 1)]
    assert rig.percpu.base(0) == rig.ctx.arch.PAGE_OFFSET + PERCPU
    for cpu, virt in enumerate(copies):
        assert rig.ctx.mem.read(virt, 64) == bytes(64)
        rig.ctx.mem.write(virt, bytes([cpu + 1]) * 64)
        assert rig.percpu.cpu_of(virt) == cpu
    assert rig.ctx.mem.read(copies[0], 64) == b"\1" * 64
    rig.percpu.free(pointer)
    assert rig.percpu.alloc(64, 8) == pointer
    assert rig.ctx.mem.read(copies[1], 64) == bytes(64)


@pytest.mark.parametrize(("size", "alignment"), [(40000, 8), (64, 8192), (64, 12), (0, 8)])
def test_sizes_and_alignments_are_refused_as_the_real_kernel_does(rig: Rig, size: int, alignment: int) -> None:
    said: list[str] = []
    rig.ctx.warn = lambda function, file, line, message: said.append(f"{function} {file}:{line} {message}")
    assert rig.percpu.alloc(size, alignment, GFP_KERNEL | C["__GFP_NOWARN"]) == 0 and said == []
    assert rig.percpu.alloc(size, alignment) == 0
    assert said == [f"pcpu_alloc mm/percpu.c:1758 illegal size ({size}) or align ({alignment}) for percpu allocation"]


def test_sizes_are_rounded_up_to_4_bytes_and_alignments_kept(rig: Rig) -> None:
    first, second = rig.percpu.alloc(1, 1), rig.percpu.alloc(1, 1)
    assert second - first == 4
    assert rig.percpu.alloc(8, 1024) % 1024 == 0
    assert rig.percpu.alloc(32768, 4096) != 0


def test_more_than_the_first_chunk_comes_from_the_vmalloc_range(rig: Rig) -> None:
    pointers = [rig.percpu.alloc(4096, 64) for _ in range(30)]
    far = pointers[-1]
    assert len(rig.percpu.chunks) > 1
    assert rig.vmalloc.is_vmalloc_addr(rig.percpu.address(far, 0))
    assert rig.percpu.address(far, 1) - rig.percpu.address(far, 0) == rig.percpu.unit_size
    rig.ctx.mem.write(rig.percpu.address(far, 1), b"mine")
    assert rig.ctx.mem.read(rig.percpu.address(far, 0), 4) == bytes(4)
    rig.percpu.check()
    for pointer in pointers:
        rig.percpu.free(pointer)
    assert rig.ctx.books.percpu == {} and rig.ctx.findings == []
    assert len(rig.percpu.chunks) == 2, "one empty chunk is kept"


def test_atomic_allocations_use_only_what_is_mapped_already(rig: Rig) -> None:
    taken = []
    while pointer := rig.percpu.alloc(4096, 64, GFP_ATOMIC):
        taken.append(pointer)
    assert len(taken) == 7 and len(rig.percpu.chunks) == 1 and rig.ctx.log == []
    assert rig.percpu.alloc(4096, 64) != 0


def test_scarcity_is_reported_in_linuxs_words(rig: Rig) -> None:
    while rig.percpu.alloc(4096, 64, GFP_ATOMIC):
        pass
    rig.pages.get_pages = lambda *_: None  # type: ignore[method-assign]
    assert rig.percpu.alloc(4096, 64) == 0
    assert rig.ctx.log == ["percpu: allocation failed, size=4096 align=64 atomic=0, failed to populate"]
    for _ in range(20):
        rig.percpu.alloc(4096, 64)
    assert rig.ctx.log[-1] == "percpu: limit reached, disable warning" and len(rig.ctx.log) == 11


def test_an_injected_failure_is_silent(rig: Rig) -> None:
    class Always:
        def fails(self, kind: str, size: int, *_: object) -> bool:
            return (kind, size) == ("percpu", 24)

    rig.ctx.plan = Always()
    assert rig.percpu.alloc(24, 8) == 0 and rig.ctx.log == []


def test_freeing_twice_or_nothing(rig: Rig) -> None:
    pointer = rig.percpu.alloc(8, 8)
    rig.percpu.free(0)
    rig.percpu.free(pointer)
    assert rig.ctx.findings == []
    rig.percpu.free(pointer)
    assert [kind for kind, _ in rig.ctx.findings] == ["invalid-free"]


def test_a_wild_pointer_faults_where_the_real_kernel_does(rig: Rig) -> None:
    with pytest.raises(GuestFault) as fault:
        rig.percpu.free(0x7F12345678)
    assert fault.value.address == 0x20
    assert [kind for kind, _ in rig.ctx.findings] == ["invalid-free"]


def test_a_modules_variables_lie_in_the_reserved_part(rig: Rig) -> None:
    offset = rig.percpu.module_alloc(100, 64)
    rig.percpu.fill(offset, b"initial")
    assert [rig.ctx.mem.read(virt, 7) for virt in rig.percpu.copies(offset)] == [b"initial"] * 2
    assert offset % 64 == 0 and rig.percpu.module_alloc(8192, 8) == 0, "there are only 8 KiB"
    rig.percpu.module_free(offset)
    assert rig.percpu.module_alloc(8192, 8) == offset


def test_the_kernels_own_variables_leave_room_for_the_canary(rig: Rig) -> None:
    first = rig.percpu.static_alloc(8, 8)
    assert first >= 48, "the canary is at 40"
    assert rig.percpu.static_alloc(4, 4) == first + 8


def test_much_use_leaves_no_overlap(rig: Rig) -> None:
    random, live = Random(9), []
    for _ in range(400):
        if live and random.random() < 0.45:
            rig.percpu.free(live.pop(random.randrange(len(live))))
        else:
            live.append(rig.percpu.alloc(random.randrange(1, 3000), random.choice((1, 8, 64, 256))))
        rig.percpu.check()
    assert len(set(live)) == len(live) == len(rig.ctx.books.percpu)
