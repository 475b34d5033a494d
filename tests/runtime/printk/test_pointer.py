"""%p and its letters, where the text depends on the machine: hashes, symbols, structures."""

import pytest

from runtime.errors import Unsupported
from tests.runtime.printk.guest import ABI, Guest

FUNCTION = 0xFFFFFFFF81000010
IN_MODULE = 0xFFFFFFFFC0000004


def test_a_pointer_is_printed_as_its_hash_always_the_same() -> None:
    guest, other = Guest(), Guest()
    text = guest.format(b"%p", FUNCTION)
    assert text == other.format(b"%p", FUNCTION) == guest.format(b"%pK", FUNCTION) == guest.format(b"%pe", FUNCTION)
    assert text != guest.format(b"%p", FUNCTION + 8)
    assert len(text) == 16 and text.startswith(b"00000000") and int(text, 16)


def test_the_hash_takes_width_and_flags_of_the_format() -> None:
    guest = Guest()
    digits = guest.format(b"%p", FUNCTION)[8:]
    assert guest.format(b"%20p|%-10p|%#p", FUNCTION, FUNCTION, FUNCTION) == b"%20b|%-10b|0x%b" % (
        digits,
        digits,
        digits.rjust(14, b"0"),
    )


def test_no_hash_pointers_shows_addresses() -> None:
    assert (
        Guest(hash_pointers=False).format(b"%p %pK %pe", FUNCTION, FUNCTION, FUNCTION)
        == b"ffffffff81000010 " * 2 + b"ffffffff81000010"
    )


def test_unknown_letters_are_swallowed_and_print_a_hash() -> None:
    guest = Guest()
    assert guest.format(b"%pZ9.", FUNCTION) == guest.format(b"%p.", FUNCTION)


def test_symbols_are_printed_with_offset_size_and_module() -> None:
    guest = Guest()
    assert guest.format(b"%pS %ps", FUNCTION, FUNCTION) == b"vfs_read+0x10/0x80 vfs_read"
    assert guest.format(b"%pS %ps", IN_MODULE, IN_MODULE) == b"mod_init+0x4/0x60 [mod] mod_init [mod]"
    assert (
        guest.format(b"%pSR %pSb %pSRb", FUNCTION, FUNCTION, FUNCTION)
        == b"vfs_read+0x10/0x80 " * 2 + b"vfs_read+0x10/0x80"
    )
    assert guest.format(b"%24ps|%-24ps|%.3ps", FUNCTION, FUNCTION, FUNCTION) == b"%24b|%-24b|vfs" % (
        b"vfs_read",
        b"vfs_read",
    )


def test_a_return_address_belongs_to_the_call_before_it() -> None:
    guest = Guest()
    assert guest.format(b"%pB", 0xFFFFFFFF81000080) == b"vfs_read+0x80/0x80"
    assert guest.format(b"%pB", 0xFFFFFFFF81000000) == b"0xffffffff81000000"


def test_an_embedded_format_takes_its_own_arguments_and_leaves_them() -> None:
    guest = Guest()
    inner = guest.structure("va_format", fmt=guest.string(b"[%s %d %d]"), va_=guest.va_list(b"text", 5, 6))
    assert guest.format(b"%d %pV %d %pV", 1, inner, 2, inner) == b"1 [text 5 6] 2 [text 5 6]"


def test_formats_nest() -> None:
    guest = Guest()
    inner = guest.structure("va_format", fmt=guest.string(b"in %d"), va_=guest.va_list(5))
    outer = guest.structure("va_format", fmt=guest.string(b"out %pV"), va_=guest.va_list(inner))
    assert guest.format(b"%pV.", outer) == b"out in 5."


def path(guest: Guest, *names: bytes) -> int:
    """A dentry below the root for each name; the last one."""
    root = guest.structure("dentry")
    guest.mem.put64(root + ABI.offset("dentry", "d_parent"), root)
    guest.mem.put64(root + ABI.offset("dentry", "d_name.name"), guest.string(b"/"))
    entry = root
    for name in names:
        parent, entry = entry, guest.structure("dentry")
        guest.mem.put64(entry + ABI.offset("dentry", "d_parent"), parent)
        guest.mem.put64(entry + ABI.offset("dentry", "d_name.name"), guest.string(name))
    return entry


def test_a_dentry_is_named_with_up_to_four_components() -> None:
    guest = Guest()
    entry = path(guest, b"a", b"bc", b"def")
    assert guest.format(b"%pd %pd2 %pd3 %pd4", entry, entry, entry, entry) == b"def bc/def a/bc/def /a/bc/def"
    assert guest.format(b"%pd %pd4|", path(guest), path(guest)) == b"/ /|"
    assert guest.format(b"%6pd|%.2pd|%-6pd2|", entry, entry, entry) == b"   def|de|bc/def|"


def test_a_file_is_named_by_its_dentry() -> None:
    guest = Guest()
    file = guest.structure("file")
    guest.mem.put64(file + ABI.offset("file", "f_path.dentry"), path(guest, b"etc", b"passwd"))
    assert guest.format(b"%pD %pD2", file, file) == b"passwd etc/passwd"


@pytest.mark.parametrize(
    ("disk", "partition", "name"), [(b"sda", 0, b"sda"), (b"sda", 3, b"sda3"), (b"nvme0n1", 2, b"nvme0n1p2")]
)
def test_a_block_device_is_a_disk_and_a_partition(disk: bytes, partition: int, name: bytes) -> None:
    guest = Guest()
    gendisk = guest.structure("gendisk")
    guest.mem.write(gendisk + ABI.offset("gendisk", "disk_name"), disk)
    assert guest.format(b"%pg", guest.structure("block_device", bd_disk=gendisk, bd_partno=partition)) == name


def test_what_is_not_there_says_so() -> None:
    guest = Guest()
    with pytest.raises(Unsupported, match="%pC"):
        guest.format(b"%pC", guest.put(bytes(8)))
    with pytest.raises(Unsupported, match="%pfw"):
        guest.format(b"%pfw", guest.structure("fwnode_handle", ops=guest.put(bytes(8))))


def test_only_rust_prints_rust_arguments() -> None:
    guest = Guest()
    assert guest.format(b"%pA", FUNCTION) == b"(%pA?)"
    assert guest.warned == [("vsprintf_rust",)]
