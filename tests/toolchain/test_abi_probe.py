"""The committed ABI is what the headers say."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.abi import load
from toolchain.abi_probe import abi_name, main, read_kernel, to_json

COMMITTED = Path(__file__).resolve().parents[2] / "runtime/abi/linux-6.1-x86_64.json"


@pytest.fixture(scope="module")
def fresh() -> dict[str, Any]:
    from toolchain.kbuild import find_headers

    headers = find_headers()
    if headers is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    return read_kernel(headers)


def test_a_fresh_probe_gives_the_committed_constants(fresh: dict[str, Any]) -> None:
    committed = json.loads(COMMITTED.read_text())["constants"]
    # The point release is part of the version; a stable kernel may raise it without any change of the ABI.
    differing = {
        name
        for name in committed.keys() | fresh["constants"].keys()
        if committed.get(name) != fresh["constants"].get(name)
    }
    assert differing <= {"LINUX_VERSION_CODE"}


def test_a_fresh_probe_gives_the_committed_layouts(fresh: dict[str, Any]) -> None:
    committed = json.loads(COMMITTED.read_text())["structs"]
    from_headers = {name: layout for name, layout in committed.items() if "image" not in layout}
    assert json.loads(to_json(fresh))["structs"] == from_headers


def test_the_file_has_a_line_for_each_name(fresh: dict[str, Any]) -> None:
    text = to_json(fresh)
    assert text.splitlines()[1] == '"abi": "linux-6.1-x86_64",'
    assert text.count("\n") == len(fresh["structs"]) + len(fresh["constants"]) + 8
    assert COMMITTED.read_text() == to_json(json.loads(COMMITTED.read_text()))


def test_what_headers_and_image_both_show_agrees() -> None:
    """struct slab lies over struct page: what they share must be at one place."""
    abi = load()
    assert abi.offset("slab", "__page_refcount") == abi.offset("page", "_refcount")
    assert abi.offset("slab", "memcg_data") == abi.offset("page", "memcg_data")
    assert abi.sizeof("kmem_cache") == abi.offset("kmem_cache", "node") + 8 * abi.const["MAX_NUMNODES"]


def test_names_follow_release_and_word_size() -> None:
    assert abi_name("6.1.0-56-amd64", 8) == "linux-6.1-x86_64"
    assert abi_name("6.1.0-53-686-pae", 4) == "linux-6.1-i386"


def test_wrong_options_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--heders", "x"]) == 2
    assert "usage:" in capsys.readouterr().err
