"""What a module says of itself, and which kernel it was built for."""

from errno import EBADMSG, ENOEXEC

import pytest

from runtime.loader.elf import Elf
from runtime.loader.modinfo import Modinfo, check_kernel, is_signed, versions
from runtime.loader.refused import Refused

ALLOC = 2
OURS = "6.1.0-56-amd64 SMP preempt mod_unload modversions "


def info_of(maker, *tags: str) -> Modinfo:
    maker.section(".modinfo", ALLOC, b"".join(tag.encode() + b"\0" for tag in tags))
    maker.tables()
    return Modinfo(Elf(maker.bytes()))


def test_tags_are_read_in_order_and_may_repeat(maker):
    info = info_of(maker, "name=m", "import_ns=A", "", "", "import_ns=B", "depends=a,b", "no tag", f"vermagic={OURS}")
    assert (info.get("name"), info.all("import_ns"), info.get("version")) == ("m", ["A", "B"], None)
    assert (info.depends, info.release) == (["a", "b"], "6.1.0-56-amd64")


def test_parameters_are_listed_with_type_and_description(maker):
    info = info_of(maker, "parmtype=n:int", "parm=n:how many: at most 3", "parm=odd:no type")
    assert info.parameters() == [("n", "int", "how many: at most 3"), ("odd", "", "no type")]


@pytest.mark.parametrize(
    ("license", "proprietary"),
    [("GPL", False), ("GPL v2", False), ("Dual MIT/GPL", False), ("MIT", True), ("gpl", True), ("Proprietary", True)],
)
def test_only_the_licences_that_linux_lists_are_compatible(maker, license, proprietary):
    info = info_of(maker, f"license={license}")
    assert (info.license, info.proprietary) == (license, proprietary)


def test_a_module_without_a_licence_is_proprietary(maker):
    info = info_of(maker, "name=m")
    assert (info.license, info.proprietary) == ("unspecified", True)


def test_checksums_are_read_by_name(sample_ko, abi):
    read = versions(Elf(sample_ko))
    assert read["_printk"] == abi.exports.find("_printk").crc
    assert "module_layout" in read


def test_a_module_may_have_no_checksums(maker):
    maker.tables()
    assert versions(Elf(maker.bytes())) is None


def test_a_table_of_checksums_with_a_piece_missing_is_refused(maker):
    maker.section("__versions", ALLOC, bytes(65))
    maker.tables()
    with pytest.raises(Refused, match="section __versions: its size 65"):
        versions(Elf(maker.bytes()))


MARK = b"~Module signature appended~\n"


def test_a_signature_is_seen_by_its_mark(sample_ko):
    assert is_signed(sample_ko) is False
    assert is_signed(sample_ko + bytes(300) + bytes.fromhex("000002000000000000000100") + MARK) is True
    assert is_signed(sample_ko + bytes(12) + MARK) == "module: not signed with expected PKCS#7 message"


@pytest.mark.parametrize("info", ["0000020000000000ffffffff", "010002000000000000000100"])
def test_a_damaged_signature_is_refused(sample_ko, info):
    with pytest.raises(Refused) as caught:
        is_signed(sample_ko + bytes(300) + bytes.fromhex(info) + MARK)
    assert caught.value.errno == EBADMSG


@pytest.mark.parametrize("release", ["6.1.0-56-amd64", "6.1.0-9-amd64", "6.1.192"])
def test_with_checksums_any_release_of_the_series_loads(maker, release):
    info = info_of(maker, f"vermagic={release} SMP preempt mod_unload modversions ")
    check_kernel(info, True, OURS, 896, 896)


@pytest.mark.parametrize(
    ("magic", "checksums", "size", "says", "logged"),
    [
        ("6.8.0-31-generic SMP preempt mod_unload modversions ", True, 1280, "built for Linux 6.8.0-31-generic", False),
        ("6.12.0-1-amd64 SMP preempt mod_unload modversions ", True, 896, "built for Linux 6.12.0-1-amd64", False),
        (
            "6.1.0-56-amd64 SMP mod_unload modversions ",
            True,
            896,
            "built for Linux 6.1.0-56-amd64 SMP mod_unload",
            True,
        ),
        ("6.1.0-9-amd64 SMP preempt mod_unload modversions ", False, 896, "built for Linux 6.1.0-9-amd64", True),
        ("6.1.0-56-amd64 SMP preempt mod_unload modversions ", True, 832, "whose struct module has 832 bytes", False),
    ],
)
def test_a_module_of_another_kernel_is_refused_naming_both(maker, magic, checksums, size, says, logged):
    info = info_of(maker, f"vermagic={magic}")
    with pytest.raises(Refused) as caught:
        check_kernel(info, checksums, OURS, size, 896)
    assert says in caught.value.strerror
    assert "6.1.0-56-amd64" in caught.value.strerror
    assert caught.value.errno == ENOEXEC
    line = (3, f"None: version magic '{magic}' should be '{OURS}'")
    assert caught.value.log == ((line,) if logged else ())
