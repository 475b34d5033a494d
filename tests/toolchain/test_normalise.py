"""What the normaliser hides, and that it hides nothing else. The lines are of the real kernel."""

import pytest

from toolchain import normalise


def one(words: str, level: int = 4, portable: bool = False) -> list[str]:
    return list(normalise.log([f"<{level}>[    1.234567] {words}"], portable))


@pytest.mark.parametrize("words", [
    "slab_test: loading out-of-tree module taints kernel.",
    "slab_test: module verification failed: signature and/or required key missing - tainting kernel",
    "RSP: 0018:ffffc9000048fa60 EFLAGS: 00000286",
    "RAX: 0000000000000000 RBX: ffffffffc0206000 RCX: c0000000ffff7fff",
    "FS:  0000000000000000(0000) GS:ffff88803e600000(0000) knlGS:0000000000000000",
    "CR2: 0000000000400078 CR3: 00000000051d2000 CR4: 00000000000006f0",
    "Code: 01 01 e8 ec 42 b6 ff 0f 0b <0f> 0b",
    "PGD 0 P4D 0 ",
    "RIP: 0033:0x4000ca",
    " do_one_initcall+0x59/0x220",
    " ? 0xffffffffc0206000",
    " ? some_function+0x1/0x20 [a_module]",
    "clocksource: Switched to clocksource tsc",
])  # fmt: skip
def test_what_varies_between_boots_is_left_out(words: str) -> None:
    assert one(words) == []


@pytest.mark.parametrize(("words", "shown"), [
    ("WARNING: CPU: 1 PID: 98 at lib/refcount.c:25 refcount_warn_saturate+0x97/0x110",
     "WARNING: CPU: N PID: N at lib/refcount.c:25 refcount_warn_saturate"),
    ("RIP: 0010:refcount_warn_saturate+0x97/0x110", "RIP: 0010:refcount_warn_saturate"),
    ("Modules linked in: b(OE+) [last unloaded: a(OE)]", "Modules linked in: b(OE+)"),
    ("note: insmod[92] exited with preempt_count 1", "note: insmod[N] exited with preempt_count 1"),
    ("m: at ffff888003fd2fe8 and 0xffff888003fd2fe8", "m: at <ptr> and <ptr>"),
    ("Slab 0xffffea0000140f80 objects=64 used=2 fp=0xffff888003fd2fe8 flags=0xfffffc0000200(slab)",
     "Slab <ptr> objects=64 used=N fp=N flags=0xfffffc0000200(slab)"),
    ("CPU: 0 PID: 91 Comm: insmod Tainted: G           OE      6.1.0-57-amd64 #1  Debian 6.1.192-3",
     "CPU: N PID: N Comm: insmod Tainted: G           OE      6.1.0-N-amd64 #1  Debian 6.1.N-N"),
    ("Not tainted 6.1.0-100-686-pae #1  Debian 6.1.201-1", "Not tainted 6.1.0-N-686-pae #1  Debian 6.1.N-N"),
    ("page pfn:0x1234 on cpu 1", "page pfn:N on cpu N"),
])  # fmt: skip
def test_what_varies_within_a_line_is_replaced(words: str, shown: str) -> None:
    assert one(words) == [f"<4> {shown}"]


@pytest.mark.parametrize("words", [
    " my_init+0x1a/0x1000 [my_module]",
    "RIP: 0010:my_init+0x1a/0x1000 [my_module]",
    "CPU is a word, 12 a number, 0x1234 and ffff are numbers",
    "NULL 0000000000000000, small 0000000000000010, error ffffffffffffffea, poison dead000000000100",
    "poison 6b6b6b6b6b6b6b6b, minus one ffffffffffffffff",
    "Oops: 0002 [#1] PREEMPT SMP NOPTI",
    "slab_test: clocksource tsc",
    "a release of its own: 6.1.0-56-amd64, and another kernel's: 6.12.9-amd64 #1  Debian 6.12.9-1",
    "a: module verification was fine",
    "Call Trace:",
    " <TASK>",
])  # fmt: skip
def test_what_does_not_vary_is_kept(words: str) -> None:
    assert one(words) == [f"<4> {words}"]


def test_the_level_is_kept_and_a_console_line_has_none() -> None:
    assert one("x", level=6) == ["<6> x"]
    assert list(normalise.log(["[    1.234567] x"])) == ["<?> x"]


def test_what_is_no_line_of_a_log_is_not_passed_over() -> None:
    with pytest.raises(ValueError):
        list(normalise.log(["Segmentation fault"]))


def test_a_memory_report_keeps_its_words_and_loses_its_numbers() -> None:
    report = ["Mem-Info:", " free:138 free_pcp:12", "Node 0 DMA: 2*4kB (UM) 0*8kB = 8kB", "0 pages hwpoisoned", "12"]
    assert list(normalise.log([f"<4>[ 1.0] {line}" for line in report])) == [
        "<4> Mem-Info:", "<4>  free:N free_pcp:N", "<4> Node N DMA: N*4kB N*8kB = NkB", "<4> N pages hwpoisoned",
        "<4> 12",
    ]  # fmt: skip


def test_a_log_for_every_build_of_a_module_has_no_frames_offsets_and_directories() -> None:
    assert one(" my_init+0x1a/0x1000 [m]", portable=True) == []
    assert one("RIP: 0010:my_init+0x1a/0x1000 [m]", portable=True) == ["<4> RIP: 0010:my_init [m]"]
    assert one("kernel BUG at /home/me/m.c:15!", portable=True) == ["<4> kernel BUG at m.c:15!"]
