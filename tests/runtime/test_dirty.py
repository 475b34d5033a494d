"""The pages that the guest wrote are found alike by native code and by Python."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import native
from runtime.arch import x86_64 as arch
from runtime.dirty import Dirty
from runtime.units import PAGE_SHIFT, PAGE_SIZE, MiB
from tests.runtime.tiny import Tiny

AREA = 0xFFFFC90000000000
CLEAN = arch.KERNEL & ~arch.PTE_DIRTY
FRAMES = 0x63000, 0x63063000, 0x200000, 0x6363636000  # bytes of the addresses look like low bytes of dirty entries, too
ENTRIES = st.builds(
    lambda frame, flags: frame | flags if flags else 0,
    st.sampled_from(FRAMES),
    st.sampled_from((0, CLEAN, arch.KERNEL, arch.KERNEL_RO, arch.KERNEL_ROX, arch.KERNEL_RO | arch.PTE_DIRTY)),
)  # fmt: skip
TABLE = st.dictionaries(st.integers(0, 511), ENTRIES, max_size=8)


class Space:
    """A few last-level tables; one that is filled in by somebody else, one below a directory entry without A."""

    def __init__(self, tables: list[dict[int, int]], used: list[bool]) -> None:
        self.guest = guest = Tiny(journal=True)
        self.phys = [guest.tables.leaf_table(AREA + number * 2 * MiB) for number in range(len(tables))]
        last = guest.tables.leaves.pop()
        guest.tables.filled[last] = guest.ram.u64[last]
        for phys, entries in zip(self.phys, tables, strict=True):
            for index, entry in entries.items():
                guest.ram.put64(phys + index * 8, entry)
        for at, was_used in zip((*guest.tables.leaves[-len(tables) + 1 :], last), used, strict=True):
            if not was_used:
                guest.ram.put64(at * 8, guest.ram.u64[at] & ~arch.PTE_ACCESSED)

    def contents(self) -> list[bytes]:
        ram, tables = self.guest.ram, self.guest.tables
        entries = [ram.u64[at] for at in (*tables.filled, *tables.leaves)]
        return [*(ram.read(phys, PAGE_SIZE) for phys in self.phys), repr(entries).encode()]


def search(tables: list[dict[int, int]], used: list[bool], host: bool) -> tuple[set[int], list[bytes], set[int]]:
    """What is found, what the tables hold then, and what is found at once after that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "is_here", lambda: host)
        space = Space(tables, used)
        dirty = Dirty(space.guest.ram, space.guest.tables)
        space.guest.ram.written.clear()
        first, contents = dirty.changed(), space.contents()
        return first, contents, dirty.changed()


@pytest.mark.skipif(not native.is_here(), reason="the host is not x86-64")
@given(st.lists(TABLE, min_size=2, max_size=3).flatmap(
    lambda tables: st.tuples(st.just(tables), st.lists(st.booleans(), min_size=len(tables), max_size=len(tables)))
))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_native_code_finds_what_python_finds(drawn: tuple[list[dict[int, int]], list[bool]]) -> None:
    assert search(*drawn, host=True) == search(*drawn, host=False)


@pytest.mark.parametrize("host", [True, False])
def test_dirty_pages_of_used_tables_are_found_once(host: bool) -> None:
    if host and not native.is_here():
        pytest.skip("the host is not x86-64")
    full = {index: index << 24 | arch.KERNEL for index in range(512)}
    tables = [full, {3: 0x63000 | CLEAN, 511: 0x63063000 | arch.KERNEL}, {0: 0x200000 | arch.KERNEL}]
    first, contents, second = search(tables, [True, True, False], host)
    assert first & {0x63, 0x63063, 0x200} == {0x63063} and {index << 24 >> PAGE_SHIFT for index in full} <= first
    assert not second
    assert not any(entry & arch.PTE_DIRTY for entry in contents[0][::8]) and contents[2][0] & arch.PTE_DIRTY


@pytest.mark.parametrize("host", [True, False])
def test_a_table_made_later_is_searched(host: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if host and not native.is_here():
        pytest.skip("the host is not x86-64")
    monkeypatch.setattr(native, "is_here", lambda: host)
    guest = Tiny(journal=True)
    dirty = Dirty(guest.ram, guest.tables)
    for number, frame in enumerate((0x280000, 0x290000)):
        guest.tables.map_page(AREA + number * 2 * MiB, frame, arch.KERNEL)
        assert frame >> PAGE_SHIFT in dirty.changed()
