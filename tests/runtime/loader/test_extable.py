"""The exception table is sorted by the instruction's address, and each entry still means the same."""

import struct

from runtime.loader.extable import sort_extable


def absolute(image: bytes, offset: int) -> list[tuple[int, int, int]]:
    entries = struct.iter_unpack("<iii", image[offset:])
    return [(offset + 12 * i + a, offset + 12 * i + 4 + b, data) for i, (a, b, data) in enumerate(entries)]


def test_entries_keep_their_meaning_when_they_move():
    image = bytearray(struct.pack("<8x9i", 500, 900, 1, 300, 800, 2, 400, 700, 3))
    before = absolute(image, 8)
    sort_extable(image, 8, 36)
    assert absolute(image, 8) == sorted(before)
    assert [data for _, _, data in absolute(image, 8)] == [2, 3, 1]
    assert image[:8] == bytes(8)


def test_a_sorted_table_is_left_alone():
    image = bytearray(struct.pack("<6i", 100, 900, 1, 100, 800, 2))
    before = bytes(image)
    sort_extable(image, 0, 24)
    assert image == before


def test_the_table_of_a_real_module_points_into_its_text(sample):
    loading, module = sample
    virt, size = module.sections["__ex_table"]
    at = virt - module.core_base
    [(insn, fixup, _)] = struct.iter_unpack("<iii", loading.core[at : at + size])
    assert module.contains_text(virt + insn)
    assert module.contains_text(virt + 4 + fixup)
