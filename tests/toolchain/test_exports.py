"""The list of exports, made from a small linked image with export tables."""

import subprocess
from pathlib import Path

import pytest

from runtime.abi.exports import Export, Exports
from toolchain.compilers import Compiler, environment
from toolchain.exports import kinds, listing, main

ASSEMBLY = """
.globl _start
.text
_start: run: ret
.data
value: .long 1
.section __ksymtab_strings, "aMS", @progbits, 1
s1: .asciz "run"
s2: .asciz "value"
none: .asciz ""
.section __ksymtab, "a"
.long run - ., s1 - ., none - .
.section __ksymtab_gpl, "a"
.long value - ., s2 - ., none - .
"""
SYMVERS = (
    "0x0000002a\trun\tvmlinux\tEXPORT_SYMBOL\t\n"
    "0xffffffff\tvalue\tvmlinux\tEXPORT_SYMBOL_GPL\tSPACE\n"
    "0x00000001\tother\tdrivers/other\tEXPORT_SYMBOL\t\n"
)


@pytest.fixture
def image(tmp_path: Path, compiler: Compiler) -> Path:
    (tmp_path / "image.s").write_text(ASSEMBLY)
    target = ["-target", "x86_64-linux-musl"] if "ziglang" in compiler.command else []
    command = [*compiler.command, *target, "-nostdlib", "-static", "-no-pie", "-o", "image", "image.s"]
    subprocess.run(command, cwd=tmp_path, check=True, env=environment())
    return tmp_path / "image"


def test_functions_are_what_lies_in_code(image: Path) -> None:
    assert kinds(image) == {"run": "f", "value": "d"}


def test_the_listing_is_sorted_and_leaves_modules_out(image: Path, tmp_path: Path) -> None:
    (tmp_path / "x.exports").write_text(listing(SYMVERS, kinds(image)))
    exports = Exports(tmp_path / "x.exports")
    assert exports.names() == ["run", "value"]
    assert exports.find("run") == Export(42, False, "f", "")
    assert exports.find("value") == Export(0xFFFFFFFF, True, "d", "SPACE")


def test_the_command_prints_the_listing(image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "symvers").write_text(SYMVERS)
    assert main(["--symvers", str(tmp_path / "symvers"), "--image", str(image)]) == 0
    assert capsys.readouterr().out == listing(SYMVERS, kinds(image))
    assert main([]) == 2


def test_a_name_that_the_image_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        listing(SYMVERS, {"run": "f"})


def test_the_committed_list_has_the_checksums_of_the_installed_headers(headers: Path) -> None:
    """CRCs of a stable series stay; only names may come and go with a point release."""
    from runtime.abi import load

    ours = load().exports
    for line in (headers / "Module.symvers").read_text().splitlines():
        crc, name, owner, export, *_ = line.split("\t")
        found = ours.find(name) if owner == "vmlinux" else None
        if found:
            assert (found.crc, found.gpl) == (int(crc, 16), export.endswith("_GPL")), name
