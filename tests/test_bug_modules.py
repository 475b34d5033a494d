"""Modules with a bug each, on the machine and in the real kernel (tests/data/oops): the same messages, the same end.

And each finding names the line of the bug.
"""

import pytest

from runtime import Finding, Machine
from tests import oops_log
from tests.oops_log import Session
from toolchain import kbuild

NAMES = sorted(path.stem for path in oops_log.DATA.glob("*.log"))
# More than one module in a boot, or a command line.
SEVERAL = {
    "several": ["null_write", "bug_deep", "warn"],
    "oops_panic": ["null_write"],
    "panic_on_warn": ["warn"],
}
CMDLINE = {"oops_panic": "oops=panic", "panic_on_warn": "panic_on_warn=1"}
# As much as the real kernel had left for modules: of 1 GiB, and of 128 MiB.
MEMORY = {"vmalloc_large": "948M", "exhaust_kernel": "76M"}

UNSUPPORTED = {"uaccess_gp": "copies from user space: there is none"}

# Every finding: its kind, and the line of NAME.c where it happened (of a leak: where it was allocated).
FINDINGS = {
    "atomic_direct": "bad-argument:16 leak:14",
    "atomic_exit": "atomic-imbalance:16",
    "atomic_sleep": "sleep-in-atomic:12 atomic-imbalance:10",
    "bad_opcode": "bug:9",
    "bad_page_free": "invalid-free:14 mismatched-free:15 invalid-free:17 leak:17 leak:12",
    "bug": "bug:9",
    "bug_deep": "bug:8",
    "bug_locked": "bug:12",
    "cache_double_free": "double-free:14 leak:10",
    "cache_exists": "null-deref:12",
    "data_exec": "page-fault:10",
    "deep_warn": "warn:9",
    "destroy_busy": "leak:17 leak:14",
    "divide": "divide-error:9",
    "double_kfree": "double-free:13 double-free:13",
    "errptr_read": "page-fault:9",
    "exact_comp": "bad-argument:10",
    "exhaust_atomic": "",
    "exhaust_dma": "",
    "exhaust_kernel": "leak:20",
    "exhaust_slab": "leak:17",
    "fortify_field": "warn:13",
    "fortify_strcpy": "out-of-bounds:11",
    "fortify_write": "out-of-bounds:12",
    "free_page_twice": "double-free:14",
    "free_pages_wild": "general-protection:10",
    "gfp_fix": "leak:13 leak:14 leak:11",
    "int3": "panic:9",
    "irqs_kept": "atomic-imbalance:9",
    "kfree_module": "invalid-free:10 page-fault:10",
    "kfree_page": "mismatched-free:13 mismatched-free:15",
    "kfree_vmalloc": "invalid-free:13 page-fault:13",
    "krealloc_freed": "use-after-free:14 double-free:14 double-free:14",
    "ksize_page": "bad-argument:13 bad-argument:14 mismatched-free:14 leak:14",
    "list_add_broken": "bug:15",
    "list_add_null": "bug:12",
    "list_add_prev_next": "bug:15",
    "list_add_prev_null": "bug:12",
    "list_del_next_prev": "bug:15",
    "list_del_null": "bug:11",
    "list_del_prev_next": "bug:15",
    "list_double_add": "bug:13",
    "list_double_del": "bug:14",
    "lock_kept": "atomic-imbalance:9",
    "memcpy_null": "null-deref:12",
    "nofail_large": "bad-argument:10 leak:10 leak:11",
    "noncanonical_call": "general-protection:9",
    "noncanonical_offset": "general-protection:10",
    "noncanonical_read": "general-protection:9",
    "null_cache_free": "null-deref:10",
    "null_call": "null-deref:9",
    "null_locked": "null-deref:12",
    "null_read": "null-deref:9",
    "null_write": "null-deref:9",
    "oops_exit": "null-deref:16",
    "oops_panic": "null-deref:9",
    "overflow": "stack-overflow:8",
    "panic_on_warn": "warn:9",
    "panicked": "panic:9",
    "percpu_free_wild": "invalid-free:10 null-deref:10",
    "percpu_illegal": "bad-argument:10 bad-argument:11 bad-argument:12 leak:13",
    "printk_bad": "general-protection:10",
    "proprietary": "warn:16",
    "refcount": "refcount:10 refcount:11 refcount:14 refcount:16",
    "refcount_more": "refcount:11 refcount:13 refcount:15",
    "rodata_write": "page-fault:10",
    "several": "null-deref:9 bug:8 warn:9",
    "smash": "stack-smash:14",
    "stack_dump": "",
    "strcpy_null": "null-deref:11",
    "text_write": "page-fault:13",
    "too_large": "bad-argument:11",
    "user_exec": "page-fault:9",
    "user_mapped_exec": "page-fault:9",
    "user_read": "page-fault:9",
    "usercopy": "out-of-bounds:15 leak:13",
    "usersize": "bad-argument:10 bad-argument:13 leak:10",
    "vfree_kmalloc": "mismatched-free:13",
    "vfree_twice": "double-free:13 invalid-free:14 double-free:15 invalid-free:16",
    "vmalloc_freed": "page-fault:17",
    "vmalloc_guard": "out-of-bounds:14",
    "vmalloc_irqs": "sleep-in-atomic:14 bug:16",
    "vmalloc_large": "bad-argument:13 bad-argument:14",
    "warn": "warn:9",
    "warn_exit": "warn:16",
    "warn_level": "warn:9 warn:10",
    "warn_on": "warn:9 warn:10",
    "warn_once": "warn:12 warn:13 warn:15 warn:16",
    "wild_call": "page-fault:9",
    "wrong_cache": "mismatched-free:15 mismatched-free:17 mismatched-free:19 leak:18",
    "zero_ctor": "bad-argument:15 null-deref:16",
}


@pytest.fixture(scope="module")
def modules() -> dict[str, bytes]:
    """All of the directory, built by one kbuild."""
    headers = kbuild.find_headers()
    if headers is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    return {path.stem: path.read_bytes() for path in kbuild.build(oops_log.DATA, headers)}


def perform(name: str, modules: dict[str, bytes]) -> tuple[Session, Machine]:
    return oops_log.ours(SEVERAL.get(name, [name]), modules, MEMORY.get(name, "1G"), CMDLINE.get(name, ""))


def adapted(name: str, real: list[str], ours: list[str]) -> list[str]:
    """The real kernel's lines with what is different here by its nature."""
    if name == "overflow":
        # The stack has more room here: no frames of the kernel's lie on it. Each level is a frame of the same function.
        level = next(line for line in real if "deeper" in line and line[:5] == "<?>  ")
        at, more = real.index(level), ours.count(level) - real.count(level)
        assert more > 0
        return [*real[:at], *[level] * more, *real[at:]]
    return real


@pytest.mark.parametrize("name", NAMES)
def test_a_module_with_a_bug_ends_as_in_the_real_kernel(
    name: str, modules: dict[str, bytes], request: pytest.FixtureRequest
) -> None:
    if name in UNSUPPORTED:
        request.applymarker(pytest.mark.xfail(reason=UNSUPPORTED[name], strict=True))
    real, (ours, _) = oops_log.real(name), perform(name, modules)
    if name == "vmalloc_large":
        ours.forget_oom_report()  # as the real kernel's was taken out of the log
    assert ours.steps == real.steps
    logged = ours.comparable(levels=not real.died())
    assert logged == adapted(name, real.comparable(levels=not real.died()), logged)
    assert oops_log.sites(ours.log) == oops_log.sites(real.log)
    assert oops_log.banners(ours.log) == oops_log.banners(real.log)


@pytest.mark.parametrize("name", sorted(FINDINGS))
def test_each_bug_is_found_at_its_line(name: str, modules: dict[str, bytes]) -> None:
    machine = perform(name, modules)[1]
    assert " ".join(f"{finding.kind}:{line(machine, finding)}" for finding in machine.findings) == FINDINGS[name]


def line(machine: Machine, finding: Finding) -> int:
    """Where the first frame in the module's own source is."""
    frames = machine.frames([finding.pc], 0, finding.known) if finding.pc else []
    frames += machine.frames(finding.at, known=finding.known) + machine.frames(finding.allocated, known=finding.known)
    return next(frame["line"] for frame in frames if str(frame.get("file")).startswith(str(oops_log.DATA)))


def test_no_log_is_left_out() -> None:
    assert set(NAMES) == set(FINDINGS) | set(UNSUPPORTED)
    assert {path.stem for path in oops_log.DATA.glob("*.c")} <= set(NAMES)
