"""The committed list of what Linux 6.1 exports."""

from pathlib import Path

from runtime.abi import load
from runtime.abi.exports import Export, Exports

EXPORTS = load().exports


def test_functions_data_and_licences_are_told_apart() -> None:
    for name, kind, gpl in (
        ("_printk", "f", False),
        ("kmalloc_caches", "d", False),
        ("__cpu_online_mask", "d", False),
        ("__x86_return_thunk", "f", False),
        ("__platform_driver_register", "f", True),
        ("current_task", "d", False),
        ("init_uts_ns", "d", True),
    ):
        found = EXPORTS.find(name)
        assert found is not None, name
        assert (found.kind, found.gpl) == (kind, gpl), name


def test_a_name_that_linux_does_not_export_is_none() -> None:
    for name in ("printk", "kallsyms_lookup_name", "", "A", "zzzz", "#", "_print", "_printk\t"):
        assert EXPORTS.find(name) is None, name


def test_a_namespace_is_kept() -> None:
    found = EXPORTS.find("crypto_cipher_setkey")
    assert found is not None
    assert found.namespace == "CRYPTO_INTERNAL"


def test_every_listed_name_is_found() -> None:
    names = EXPORTS.names()
    assert len(names) > 10000
    assert all(EXPORTS.find(name) for name in names)


def test_a_file_of_one_line_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("foo\t0000002a\tdg\n")
    assert Exports(tmp_path / "x").find("foo") == Export(42, True, "d", "")
    assert Exports(tmp_path / "x").find("bar") is None
