"""slub_debug=FZPU: red zones, poison and tracking. The expected lines are the real kernel's."""

from tests.runtime.mm.rig import ABI, Rig
from tests.runtime.mm.test_slab import CTOR, construct

C = ABI.const
GFP_KERNEL = C["GFP_KERNEL"]
RULE, DASHES = "=" * 77, "-" * 77


def debug_rig(options: str = "FZPU") -> Rig:
    rig = Rig(cmdline={"slub_debug": options})
    rig.ctx.tainted = lambda: "Tainted: G           OE     "
    rig.ctx.symbol = lambda address: f"m_init+{address:#x}/0x1000 [bad]"
    return rig


def test_a_byte_behind_the_object_is_found_when_it_is_freed() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(40, GFP_KERNEL)
    rig.ctx.mem.write(objp + 64, b"A")
    rig.slab.kfree(objp)
    log = rig.ctx.log
    assert log[:4] == [RULE, "BUG kmalloc-64 (Tainted: G           OE     ): Right Redzone overwritten", DASHES, ""]
    offset = objp % 4096
    assert log[4] == f"0x{objp + 64:x}-0x{objp + 64:x} @offset={offset + 64}. First byte 0x41 instead of 0xcc"
    assert log[5] == "Allocated in m_init+0x1/0x1000 [bad] age=0 cpu=0 pid=1"
    assert f"Redzone  {objp - 64:x}: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................" in log
    assert f"Redzone  {objp + 64:x}: 41 cc cc cc cc cc cc cc                          A......." in log
    assert f"Padding  {objp + 180:x}: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a              ZZZZZZZZZZZZ" in log
    assert log[-2:] == [
        f"FIX kmalloc-64: Restoring Right Redzone 0x{objp + 64:x}-0x{objp + 64:x}=0xcc",
        f"FIX kmalloc-64: Object at 0x{objp:x} not freed",
    ]
    assert rig.ctx.findings == [("out-of-bounds", "object of kmalloc-64: Right Redzone overwritten")]
    assert rig.ctx.details[0]["allocated"] == (1, 2, 3, 4, 5)


def test_a_write_before_the_object_is_found() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.ctx.mem.write(objp - 1, b"A")
    rig.slab.kfree(objp)
    assert "Left Redzone overwritten" in rig.ctx.log[1]


def test_a_write_after_free_is_found_when_the_object_is_next_used() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(40, GFP_KERNEL)
    rig.slab.kfree(objp)
    rig.ctx.mem.write(objp + 3, b"A")
    other = rig.slab.kmalloc(40, GFP_KERNEL)
    log = rig.ctx.log
    assert log[1] == "BUG kmalloc-64 (Tainted: G           OE     ): Poison overwritten"
    assert f"Object   {objp:x}: 6b 6b 6b 41 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkAkkkkkkkkkkkk" in log
    assert any(" objects=16 used=2 " in line for line in log), "one is the kernel's own"
    assert log[-1] == "FIX kmalloc-64: Marking all objects used"
    assert rig.ctx.findings == [("use-after-free", "object of kmalloc-64: Poison overwritten")]
    assert rig.ctx.details[0]["freed"] == (1, 2, 3, 4, 5)
    assert other != objp, "that slab is out of service"


def test_nothing_is_freed_into_a_slab_that_failed_a_check() -> None:
    rig = debug_rig()
    keep, objp = (rig.slab.kmalloc(40, GFP_KERNEL) for _ in range(2))
    rig.slab.kfree(objp)
    rig.ctx.mem.write(objp, b"A")
    rig.slab.kmalloc(40, GFP_KERNEL)
    rig.ctx.log.clear()
    rig.slab.kfree(keep)
    assert rig.ctx.log[1].endswith("Slab disabled since SLUB metadata consistency check failed")
    assert rig.ctx.log[-1] == f"FIX kmalloc-64: Object at 0x{keep:x} not freed"


def test_a_double_free_is_reported_and_harmless() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(40, GFP_KERNEL)
    rig.slab.kfree(objp)
    rig.slab.kfree(objp)
    log = rig.ctx.log
    assert log[1] == "BUG kmalloc-64 (Tainted: G           OE     ): Object already free"
    assert [line for line in log if line.startswith(("Allocated in", "Freed in"))] == [
        "Allocated in m_init+0x1/0x1000 [bad] age=0 cpu=0 pid=1",
        "Freed in m_init+0x1/0x1000 [bad] age=0 cpu=0 pid=1",
    ]
    page = rig.pages.pages.page(rig.pages.pfn_of(objp))
    slab = next(line for line in log if line.startswith("Slab 0x"))
    assert slab.startswith(f"Slab 0x{page:x} objects=16 used=1 fp=0x{objp:x} flags=0x")
    assert slab.endswith("(slab|node=0|zone=1|lastcpupid=0x1fffff)")
    assert f"Object   {objp + 48:x}: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk." in log
    assert log[-1] == f"FIX kmalloc-64: Object at 0x{objp:x} not freed"
    assert rig.ctx.findings[0][0] == "double-free"


def test_a_double_free_into_an_empty_slab_is_noticed_by_its_count(rig: Rig) -> None:
    address = rig.slab.create("boxes", 40, 0, C["SLAB_POISON"], 0)
    objp = rig.slab.kmem_cache_alloc(address, GFP_KERNEL)
    rig.slab.kmem_cache_free(address, objp)
    rig.slab.kmem_cache_free(address, objp)
    assert rig.ctx.log[1:3] == ["BUG boxes (Not tainted): Slab has 0 allocated objects but 1 are to be freed", ""]
    assert rig.ctx.log[-1] == f"FIX boxes: Object at 0x{objp:016x} not freed"


def test_a_pointer_into_an_object_is_an_invalid_object_pointer() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(40, GFP_KERNEL)
    rig.slab.kfree(objp + 8)
    assert rig.ctx.log[1].endswith(f"): Invalid object pointer 0x{objp + 8:x}")
    assert rig.ctx.log[-1] == f"FIX kmalloc-64: Object at 0x{objp + 8:x} not freed"


def test_objects_that_remain_are_listed_with_who_allocated_them() -> None:
    rig = debug_rig()
    address = rig.slab.create("aa_one", 100, 0, 0, 0)
    objp = rig.slab.kmem_cache_alloc(address, GFP_KERNEL)
    rig.slab.destroy(address)
    log = rig.ctx.log
    assert log[1].endswith("Objects remaining in aa_one on __kmem_cache_shutdown()")
    assert " objects=21 used=1 " in next(line for line in log if line.startswith("Slab 0x"))
    at = log.index(f"Object 0x{objp:x} @offset={objp % 4096}")
    assert log[at + 1] == "Allocated in m_init+0x1/0x1000 [bad] age=0 cpu=0 pid=1"


def test_poisoned_objects_are_not_cleared_but_for_gfp_zero() -> None:
    rig = debug_rig()
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    assert rig.ctx.mem.read(objp, 64) == b"\x6b" * 63 + b"\xa5"
    zeroed = rig.slab.kmalloc(64, GFP_KERNEL | C["__GFP_ZERO"])
    assert rig.ctx.mem.read(zeroed, 64) == bytes(64)


def test_red_zones_alone_leave_the_contents_to_init_on_alloc() -> None:
    rig = debug_rig("FZ")
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    assert rig.ctx.mem.read(objp, 64) == bytes(64)
    assert rig.ctx.mem.read(objp + 64, 8) == b"\xcc" * 8


def test_a_constructor_works_with_debugging_too() -> None:
    rig = debug_rig()
    address = rig.slab.create("built", 100, 0, 0, CTOR)
    objp, seen = construct(rig.slab, address)
    cache = rig.slab.cache_at(address)
    assert cache is not None and objp in seen and len(seen) == cache.objects
    rig.slab.kmem_cache_free(address, objp)
    assert construct(rig.slab, address)[1] == []
    assert rig.ctx.findings == []


def test_flags_of_a_cache_debug_that_cache_alone(rig: Rig) -> None:
    address = rig.slab.create("zoned", 100, 0, C["SLAB_RED_ZONE"] | C["SLAB_CONSISTENCY_CHECKS"], 0)
    objp = rig.slab.kmem_cache_alloc(address, GFP_KERNEL)
    rig.ctx.mem.write(objp + 100, b"x")
    rig.slab.kmem_cache_free(address, objp)
    assert "BUG zoned (Not tainted): Right Redzone overwritten" in rig.ctx.log
    plain = rig.slab.kmalloc(100, GFP_KERNEL)
    rig.ctx.mem.write(plain + 128, b"x")
    rig.slab.kfree(plain)
    assert len(rig.ctx.findings) == 1


def test_much_use_leaves_every_red_zone_intact() -> None:
    rig = debug_rig()
    live = []
    for step in range(400):
        size = (8, 40, 100, 500, 2000)[step % 5]
        objp = rig.slab.kmalloc(size, GFP_KERNEL)
        rig.ctx.mem.fill(objp, size, step & 0xFF)
        live.append(objp)
        if step % 3 == 0:
            rig.slab.kfree(live.pop(step % len(live)))
    for objp in live:
        rig.slab.kfree(objp)
    assert rig.ctx.findings == [] and rig.ctx.log == []
