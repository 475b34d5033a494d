"""The real Linux kernel, under QEMU without KVM: runs scenarios, several to a boot, and returns what it logged.

Nothing is fetched or installed here. A kernel is found in a directory with boot/vmlinuz-* and bin/busybox, which is how
tools/install-debian.sh unpacks it (PLACES, a directory for each architecture), or installed in /boot.
A boot takes about two seconds: QEMU's smallest machine, vmlinux entered directly, an initramfs made for the occasion.
"""

import ctypes
import mmap
import platform
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from os import environ
from pathlib import Path
from typing import NamedTuple

from runtime.errors import Unsupported
from toolchain import guest, onecall
from toolchain.bzimage import vmlinux
from toolchain.guest import Outcome, Transcript
from toolchain.initramfs import Initramfs, without_debug_info
from toolchain.kbuild import SERIES
from toolchain.scenario import Scenario

INSTALL = "tools/install-debian.sh"
BOOT_SECONDS, STEP_SECONDS = 30, 30
TRIES = 3  # QEMU's guest hangs before its first process once in some 250 boots, which says nothing about any module
_PANICKED = b"---[ end Kernel panic"  # the last words of a kernel, which then stands still
_NAMES = {"x86_64": "amd64", "i386": "i386"}  # Debian's
_FLAVOURS = {"x86_64": "-amd64", "i386": "-686-pae"}
# +rdrand seeds the random generator before the first module: no "crng init done" in its log, and %p is hashed at once.
# 2G: enough for i386 to have high memory.
_CPUS = {"x86_64": ("qemu64,+rdrand", "1G"), "i386": ("qemu32,+rdrand", "2G")}


class Kernel(NamedTuple):
    """A kernel to boot: image is a vmlinuz or vmlinux, busybox a static one of the same architecture."""

    arch: str
    image: Path
    busybox: Path


class Lived(NamedTuple):
    """What came of a boot: the transcript; why it did not come to its end ("" if it did); the console's text, and the
    word that marks steps there.
    """

    transcript: Transcript
    death: str
    console: str
    mark: str


def places() -> list[Path]:
    """Where unpacked kernels are looked for: $KMODRUN_REAL_KERNEL, $XDG_DATA_HOME/kmodrun, /var/lib/kmodrun."""
    own = environ.get("KMODRUN_REAL_KERNEL")
    data = Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "kmodrun"
    return [Path(own)] if own else [data, Path("/var/lib/kmodrun")]


def find(arch: str = "x86_64", image: Path | None = None) -> Kernel:
    """Find a kernel and what it needs. image: a vmlinuz, or a directory that a package was unpacked into.

    Raises: Unsupported that says what is missing, and how to get it.
    """
    if shutil.which("qemu-system-x86_64") is None:
        raise Unsupported(f"the real kernel needs qemu-system-x86_64: {INSTALL} installs it")
    unpacked = [place / _NAMES[arch] for place in places()]
    found = _images(image, unpacked, arch)
    if not found:
        more = " i386" if arch == "i386" else ""
        where = image or unpacked[-1]
        raise Unsupported(f"no Linux {SERIES} kernel image for {arch} in {where}: {INSTALL}{more} unpacks one")
    roots = [*([image] if image and image.is_dir() else []), *unpacked, Path("/")]
    busybox = next((path for root in roots if _is_static(path := root / "bin/busybox", arch)), None)
    if busybox is None:
        raise Unsupported(f"no static busybox for {arch}: {INSTALL} unpacks one")
    return Kernel(arch, max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)]), busybox)


def _images(given: Path | None, unpacked: list[Path], arch: str) -> list[Path]:
    """Kernel images, from the first directory that has any."""
    if given and given.is_file():
        return [given]
    for root in [given] if given else [*unpacked, Path("/")]:
        if found := list(root.glob(f"boot/vmlinuz-{SERIES}*{_FLAVOURS[arch]}")):
            return found
    return []


def _is_static(path: Path, arch: str) -> bool:
    """A program of that architecture without an interpreter."""
    if not path.is_file():
        return False
    head = path.read_bytes()[:4096]
    return head[:5] == b"\x7fELF" + (b"\2" if arch == "x86_64" else b"\1") and b"/ld-" not in head


class RealKernel:
    """Runs scenarios in a real kernel. say: is told in a line what is odd (a boot that hung, a guest that died).

    boots and boot_seconds count what it took.
    """

    def __init__(self, kernel: Kernel, *, cmdline: str = "", timeout: float = STEP_SECONDS,
                 say: Callable[[str], None] = lambda line: None) -> None:
        self.kernel, self.cmdline, self.timeout, self.say = kernel, cmdline, timeout, say
        self.boots, self.boot_seconds, self.release = 0, 0.0, ""

    def run(self, scenarios: list[Scenario]) -> list[list[Outcome]]:
        """Run scenarios, as many in one boot as a kernel stays fresh for. modules of a scenario: .ko files.

        Return: for each the outcomes of its steps; the last one may be `panic` or `hang`.
        """
        done: list[list[Outcome]] = []
        while len(done) < len(scenarios):
            lived = self.boot(scenarios[len(done) :])
            done += lived.transcript.scenarios
            if lived.death:
                done[-1] = self._once_more(scenarios[len(done) - 1], lived)
        return done

    def _once_more(self, scenario: Scenario, died: Lived) -> list[Outcome]:
        """Repeat a scenario that the guest did not survive, alone and with all messages on the console."""
        self.say(f"{scenario.name}: the guest died ({died.death}); once more, alone")
        lived = self.boot([scenario], verbose=True)
        outcomes = lived.transcript.scenarios[0] if lived.transcript.scenarios else []
        if lived.death and len(outcomes) < len(scenario.steps):
            log = guest.of_console(lived.console, lived.mark)
            outcomes.append(Outcome(scenario.steps[len(outcomes)], lived.death, log, []))
        return outcomes

    def boot(self, scenarios: list[Scenario], verbose: bool = False) -> Lived:
        """Boot once and let the guest run scenarios until its end. Raises: Unsupported when it never comes up."""
        if shutil.which("qemu-system-x86_64") is None:
            raise Unsupported(f"the real kernel needs qemu-system-x86_64: {INSTALL} installs it")
        with tempfile.TemporaryDirectory(prefix="kmodrun-") as name:
            for attempt in range(1, TRIES + 1):
                lived = self._attempt(Path(name), scenarios, verbose)
                if lived.transcript.release:
                    self.release = lived.transcript.release
                    return lived
                self.say(f"the real kernel did not come up (attempt {attempt} of {TRIES}: {lived.death})")
        raise Unsupported(f"{self.kernel.image} does not boot in QEMU: {lived.console.strip()[-300:] or lived.death}")

    def _attempt(self, directory: Path, scenarios: list[Scenario], verbose: bool) -> Lived:
        mark = f"@@{secrets.token_hex(8)}"
        initrd, console, report = (directory / part for part in ("initrd", "console", "report"))
        initrd.write_bytes(bytes(self._initramfs(scenarios, guest.script(scenarios, mark, verbose))))
        for path in (console, report):
            path.write_bytes(b"")
        began = time.monotonic()
        command = _qemu(self.kernel, initrd, console, report, self.cmdline)
        with (directory / "errors").open("wb") as errors, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors) as qemu:
            try:
                hung = self._watch(qemu, report, console)
            finally:
                qemu.kill()
        self.boots, self.boot_seconds = self.boots + 1, self.boot_seconds + time.monotonic() - began
        transcript = guest.read(report.read_text("utf-8", "backslashreplace"), scenarios, mark)
        death = "" if transcript.ended else "hang" if hung else "panic"
        said = console.read_text("utf-8", "backslashreplace")
        return Lived(transcript, death, said or (directory / "errors").read_text(), mark)

    def _watch(self, qemu: "subprocess.Popen[bytes]", report: Path, console: Path) -> bool:
        """Wait for QEMU's end, or the kernel's. Return: whether the guest has said nothing for too long."""
        seen, since, allowed = (0, 0), time.monotonic(), float(BOOT_SECONDS)
        while True:
            try:
                qemu.wait(0.02)
                return False
            except subprocess.TimeoutExpired:
                now = report.stat().st_size, console.stat().st_size
            if now != seen:
                seen, since = now, time.monotonic()
                allowed = self.timeout if now[0] else allowed
                if _PANICKED in console.read_bytes():
                    return False
            elif time.monotonic() - since > allowed:
                return True

    def _initramfs(self, scenarios: list[Scenario], script: str) -> Initramfs:
        files = Initramfs()
        for name in ("dev", "proc", "sys", "tmp", "usr/bin"):
            files.directory(name)
        files.file("init", script.encode())
        files.file("bin/busybox", self.kernel.busybox.read_bytes())
        files.file("bin/insmod", onecall.program(self.kernel.arch))
        for name, target in (("rmmod", "insmod"), ("sh", "busybox")):
            files.link(f"bin/{name}", target)
        for scenario in scenarios:
            for name, path in scenario.modules.items():
                files.file(f"m/{name}.ko", without_debug_info(path.read_bytes()))
        return files


def _qemu(kernel: Kernel, initrd: Path, console: Path, report: Path, cmdline: str) -> list[str]:
    cpu, memory = _CPUS[kernel.arch]
    return [
        "qemu-system-x86_64", "-M", "microvm,acpi=off,isa-serial=on,pit=on,pic=on,rtc=on",
        "-accel", "tcg,thread=multi", "-cpu", cpu, "-m", memory, "-smp", "2",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-serial", f"file:{console}", "-chardev", f"file,id=report,path={report}",
        "-device", "isa-serial,chardev=report,index=1",
        "-kernel", str(vmlinux(kernel.image)), "-initrd", str(initrd), "-append", " ".join([*_options(), cmdline]),
    ]  # fmt: skip


def _options() -> list[str]:
    """The kernel's command line: quick, without what an emulated processor does badly."""
    khz = _tsc_khz()
    return [
        "console=ttyS0", "quiet", "loglevel=1", "log_buf_len=1M", "reboot=t",
        # Timer calibration is slow and unreliable in an emulated machine, whose time stamp counter is the host's.
        *([f"tsc_early_khz={khz}", "tsc=reliable", f"lpj={khz * 4}"] if khz else []), "no_timer_check",
        "highres=off", "nohz=off",  # the switch to these modes hangs now and then
        "rcupdate.rcu_expedited=1",  # else each insmod and rmmod waits for slow grace periods
        "cryptomgr.notests=1", "noisapnp",
    ]  # fmt: skip


def _tsc_khz() -> int:
    """The frequency of this machine's time stamp counter, to 100 kHz; 0 where there is none that a guest would see."""
    if platform.machine() != "x86_64":
        return 0
    try:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:  # forbidden here: the guest finds out for itself
        return 0
    with page:
        page.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))  # rdtsc; shl rdx, 32; or rax, rdx; ret
        holder = ctypes.c_char.from_buffer(page)
        counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(holder))
        first, began = counter(), time.perf_counter()
        while (elapsed := time.perf_counter() - began) < 0.02:
            pass
        khz: float = (counter() - first) / elapsed / 1000
        del holder
    return round(khz / 100) * 100
