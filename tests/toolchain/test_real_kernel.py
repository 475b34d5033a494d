"""The real kernel under QEMU, and the parts that it is started with."""

import gzip
import lzma
import platform
import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import capstone
import pytest

from runtime.errors import Unsupported
from toolchain import guest, onecall, real_kernel
from toolchain.bzimage import vmlinux
from toolchain.initramfs import Initramfs, without_debug_info
from toolchain.real_kernel import Lived, RealKernel
from toolchain.scenario import Scenario, Step, of_module

PROBES = Path(__file__).resolve().parents[2] / "modules/probes"
ELF = b"\x7fELF" + bytes(60)
MARK = "@@word"


@pytest.fixture
def real() -> RealKernel:
    try:
        return RealKernel(real_kernel.find())
    except Unsupported as gap:
        pytest.skip(str(gap))


def doing(*commands: str) -> Scenario:
    return Scenario(Path("doing"), tuple(Step("do", command) for command in commands), {})


@pytest.mark.parametrize(("arch", "mode"), [("x86_64", capstone.CS_MODE_64), ("i386", capstone.CS_MODE_32)])
def test_the_machine_code_is_the_assembly_beside_it(arch: str, mode: int) -> None:
    rows = (onecall._CODE_64 if arch == "x86_64" else onecall._CODE_32).strip().splitlines()
    decoded = capstone.Cs(capstone.CS_ARCH_X86, mode).disasm(onecall.machine_code(arch), 0)
    said = [row.partition("# ")[2] for row in rows]
    assert [f"{i.address:02x}: {i.mnemonic} {i.op_str}".rstrip() for i in decoded] == said


@pytest.mark.skipif(platform.machine() != "x86_64", reason="runs a program of x86-64")
@pytest.mark.parametrize("arch", ["x86_64", "i386"])
def test_the_program_makes_its_call_and_reports_the_error(tmp_path: Path, arch: str) -> None:
    program = tmp_path / "rmmod"
    program.write_bytes(onecall.program(arch))
    program.chmod(0o755)
    try:
        done = subprocess.run([program, "kmodrun_no_such_module"], capture_output=True, text=True)
    except OSError:
        assert arch == "i386", "this machine runs 64-bit programs"
        return
    call = onecall.read_call(done.stdout)
    assert done.returncode == 0
    assert onecall.status(call.result) in ("rc=1 errno=EPERM", "rc=1 errno=ENOENT", "rc=1 errno=ENOSYS")
    assert 0 < call.nanoseconds < 10**9


def test_an_initramfs_is_cpio_with_all_directories_of_its_files() -> None:
    files = Initramfs()
    files.file("a/b/c", b"12345")
    files.link("l", "a")
    data, names, at = bytes(files), [], 0
    while at < len(data):
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        assert data[at : at + 6] == b"070701"
        names.append((data[at + 110 : at + 109 + fields[11]].decode(), oct(fields[1]), fields[6]))
        at += -(-(110 + fields[11]) // 4) * 4 + -(-fields[6] // 4) * 4
    assert names == [("a", "0o40755", 0), ("a/b", "0o40755", 0), ("a/b/c", "0o100755", 5), ("l", "0o120777", 1),
                     ("TRAILER!!!", "0o0", 0)]


def test_debug_information_is_taken_out_of_a_module(build_ko: Callable[[Path], Path], tmp_path: Path) -> None:
    data = build_ko(PROBES / "load_twice.c").read_bytes()
    bare = without_debug_info(data)
    assert len(bare) < len(data) / 3
    assert without_debug_info(bare) == bare
    assert without_debug_info(b"no module") == b"no module"


def bzimage(packed: bytes) -> bytes:
    head = bytearray(0x400)
    head[0x1F1] = 1
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 0, len(packed) + 4)
    return bytes(head) + packed + struct.pack("<I", len(ELF))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: lzma.compress(data, check=lzma.CHECK_CRC32)])
def test_vmlinux_is_unpacked_once(tmp_path: Path, pack: Callable[[bytes], bytes],
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    image = tmp_path / "vmlinuz"
    image.write_bytes(bzimage(pack(ELF)))
    assert vmlinux(image).read_bytes() == ELF
    assert vmlinux(image) == vmlinux(image)


@pytest.mark.parametrize("content", [b"text", bzimage(b"????"), bzimage(gzip.compress(b"no ELF"))])
def test_what_is_no_kernel_is_refused(tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "vmlinuz"
    image.write_bytes(content)
    with pytest.raises(Unsupported, match="vmlinuz"):
        vmlinux(image)


def test_a_kernel_that_is_not_there_names_the_script_that_gets_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(Unsupported, match=r"tools/install-debian\.sh"):
        real_kernel.find(image=tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unsupported, match=r"qemu-system-x86_64: tools/install-debian\.sh"):
        real_kernel.find()


def test_output_that_looks_like_a_marker_is_output() -> None:
    begin, end = f"{MARK} BEGIN 6.1\n{MARK} SCENARIO\n{MARK} STEP\n", f"{MARK} DONE\n{MARK} END\n"
    text = f"{begin}@@STEP\n\n{MARK} RC 0 \n<6>[ 1.0] x\n{end}"
    [[outcome]] = guest.read(text, [doing("x")], MARK).scenarios
    assert (outcome.status, outcome.output, outcome.log) == ("rc=0", ["@@STEP"], ["<6>[ 1.0] x"])


def test_lines_are_what_ends_in_a_newline_and_late_output_is_no_message() -> None:
    begin, end = f"{MARK} BEGIN 6.1\n{MARK} SCENARIO\n{MARK} STEP\n", f"{MARK} DONE\n{MARK} END\n"
    text = f"{begin}a\x0cb\n\n{MARK} RC 0 \n<6>[ 1.0] x\x0by\nlate\n{end}"
    [[outcome]] = guest.read(text, [doing("x")], MARK).scenarios
    assert (outcome.output, outcome.log) == (["a\x0cb", "late"], ["<6>[ 1.0] x\x0by"])


def test_a_step_that_was_not_survived_is_missing() -> None:
    text = f"{MARK} BEGIN 6.1\n{MARK} SCENARIO\n{MARK} STEP\n\n{MARK} RC 0 \n{MARK} STEP\nhal"
    found = guest.read(text, [doing("x", "y")], MARK)
    assert ([len(steps) for steps in found.scenarios], found.ended) == ([1], False)


def test_a_kernel_that_does_not_come_up_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    hung, well = guest.Transcript("", [], False), guest.Transcript("6.1", [], True)
    tries = iter([Lived(hung, "hang", "", MARK), Lived(well, "", "", MARK)])
    machine = RealKernel(real_kernel.Kernel("x86_64", Path("v"), Path("b")), say=said.append)
    monkeypatch.setattr(RealKernel, "_attempt", lambda *_: next(tries))
    monkeypatch.setattr(real_kernel.shutil, "which", lambda _: "qemu")
    assert machine.boot([]).transcript.release == "6.1"
    assert said == ["the real kernel did not come up (attempt 1 of 3: hang)"]


def test_commands_run_as_root_and_their_output_comes_back(real: RealKernel) -> None:
    log = "echo '<6>mine' >/dev/kmsg"
    [outcomes] = real.run([doing("id -u; echo to stderr >&2", "printf no-newline; exit 3", log)])
    assert [(outcome.status, outcome.output) for outcome in outcomes] == [
        ("rc=0", ["0", "to stderr"]), ("rc=3", ["no-newline"]), ("rc=0", [])]  # fmt: skip
    assert re.fullmatch(r"<14>\[ .*\] mine|<6>\[ .*\] mine", outcomes[2].log[0])


def test_each_call_is_made_once_and_timed(real: RealKernel, build_ko: Callable[[Path], Path]) -> None:
    scenario = of_module(PROBES / "init_result.c")
    built = scenario._replace(modules={"init_result": build_ko(PROBES / "init_result.c")})
    [outcomes] = real.run([built])
    assert outcomes[0].status == "rc=1 errno=EINVAL"
    assert sum("init returns -22" in line for line in outcomes[0].log) == 1
    assert all(10_000 < outcome.nanoseconds < 10**10 for outcome in outcomes)


def test_a_step_that_hangs_is_reported_after_a_second_try(real: RealKernel) -> None:
    said: list[str] = []
    real.timeout, real.say = 2, said.append
    first, second = real.run([doing("echo before", "sleep 1000"), doing("echo after")])
    assert [outcome.status for outcome in first] == ["rc=0", "hang"]
    assert second[0].output == ["after"]
    assert said == ["doing: the guest died (hang); once more, alone"]


def test_a_tainted_kernel_is_left_for_a_new_one(real: RealKernel, build_ko: Callable[[Path], Path]) -> None:
    scenario = of_module(PROBES / "init_positive.c")
    warned = doing("echo 512 >/proc/sys/kernel/tainted")
    runs = real.run([warned, doing("cat /proc/sys/kernel/tainted"), scenario._replace(
        modules={"init_positive": build_ko(PROBES / "init_positive.c")})])
    assert runs[1][0].output == ["0"]
    assert real.boots == 2


def test_the_32_bit_kernel_boots_and_its_calls_report_errors() -> None:
    try:
        machine = RealKernel(real_kernel.find("i386"))
    except Unsupported as gap:
        pytest.skip(str(gap))
    scenario = Scenario(Path("x"), (Step("do", "uname -m; grep -c HighTotal /proc/meminfo"), Step("rmmod", "none")), {})
    [[told, refused]] = machine.run([scenario])
    assert told.output == ["i686", "1"]
    assert refused.status == "rc=1 errno=ENOENT"
    assert refused.nanoseconds > 0
