"""The committed ABI of Linux 6.1, and what it promises to those who ask it."""

import time

import pytest

from runtime.abi import load

ABI = load()


def test_struct_page_is_sixty_four_bytes_and_its_unions_are_flattened() -> None:
    assert ABI.sizeof("page") == 64
    assert ABI.offset("page", "flags") == 0
    assert ABI.offset("page", "lru") == ABI.offset("page", "compound_head") == ABI.offset("page", "buddy_list") == 8


def test_a_path_leads_into_nested_structures() -> None:
    assert ABI.offset("page", "lru.prev") == 16
    assert ABI.member("module", "core_layout.size")[1] == "u32"
    assert ABI.offset("task_struct", "thread_info.flags") == 0


def test_structures_that_only_the_image_knows_are_there() -> None:
    assert ABI.sizeof("slab") == ABI.sizeof("page")
    assert ABI.member("slab", "objects") == (40, "u32:15@16")
    assert ABI.offset("kmem_cache", "object_size") == 28


def test_constants_have_the_kernels_values() -> None:
    const = ABI.const
    assert const["GFP_KERNEL"] == const["__GFP_RECLAIM"] | const["__GFP_IO"] | const["__GFP_FS"]
    assert const["ENOMEM"] == 12
    assert const["THREAD_SIZE"] == 16384
    assert const["MODULES_VADDR"] == 0xFFFFFFFFC0000000
    assert const["LIST_POISON1"] == 0xDEAD000000000100
    assert const["S8_MIN"] == -128


def test_a_structure_that_nobody_wished_for_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no struct nonsense"):
        ABI.sizeof("nonsense")
    with pytest.raises(KeyError, match=r"page has no member lru\.nonsense"):
        ABI.offset("page", "lru.nonsense")


def test_every_nested_structure_is_known_itself() -> None:
    for name in ("task_struct", "module", "device", "kmem_cache", "zone", "inode"):
        for offset, kind in ABI.struct(name)[1].values():
            assert offset >= 0
            if kind[0] == "%":
                assert ABI.has(kind[1:].split("[")[0]), kind


def test_a_va_list_is_the_compilers_tag() -> None:
    assert ABI.sizeof("__va_list_tag") == 24
    assert ABI.offset("__va_list_tag", "overflow_arg_area") == 8


def test_loading_takes_little_time() -> None:
    best = min(_seconds_to_load() for _ in range(5))
    assert best < 0.005  # 1 ms where it was written; start-up counts on it


def _seconds_to_load() -> float:
    start = time.perf_counter()
    load()
    return time.perf_counter() - start
