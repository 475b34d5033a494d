"""Headers that are made from the ABI file."""

import pytest

from runtime.abi import load
from toolchain.generated import generate, headers_text

ABI = load()


def test_constants_are_given_on_request_and_with_a_suffix() -> None:
    made = generate(ABI, {"x.h": "#include <abi/x.h> /* ENOMEM L: HZ UL: THREAD_SIZE */\n"})
    assert made["x.h"] == "#pragma once\n#define ENOMEM 12\n#define HZ 250L\n#define THREAD_SIZE 16384UL\n"


def test_large_and_negative_constants_keep_their_value() -> None:
    made = generate(ABI, {"x.h": "#include <abi/x.h> /* LIST_POISON1 S8_MIN ___GFP_ZERO SLAB_RED_ZONE */\n"})["x.h"]
    assert "#define LIST_POISON1 0xdead000000000100UL\n" in made
    assert "#define S8_MIN (-128)\n" in made


def test_sizes_and_offsets_that_are_named_are_defined() -> None:
    text = "ABI_STRUCT(page, ABI_MEMBER(page, flags, x)) ABI_OFFSETOF(paravirt_patch_template, irq_save_fl)"
    layout = generate(ABI, {"x.h": text})["layout.h"]
    assert f"#define abi_sizeof_page {ABI.sizeof('page')}\n" in layout
    assert "#define abi_offsetof_page__flags 0\n" in layout
    irq = ABI.offset("paravirt_patch_template", "irq.save_fl")
    assert f"#define abi_offsetof_paravirt_patch_template__irq_save_fl {irq}\n" in layout


def test_a_member_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        generate(ABI, {"x.h": "ABI_OFFSETOF(page, nonsense)"})


def test_no_request_of_a_bundled_header_is_in_vain() -> None:
    for name, text in generate(ABI, headers_text()).items():
        assert "#define" in text, name
