"""What reports remember from one to the next, and that it can be undone."""

from runtime.arch import x86_64 as arch
from runtime.oops import CONTINUE, KILL, PANIC, Event, Health, faults, report, taint, warn
from runtime.undo import Undo


def kernel() -> Health:
    return Health(Undo(journal=True))


def event(**fields) -> Event:
    return Event("f+0x1/0x2 [box]", (*range(16), arch.MODULES_VADDR), pid=91, comm="insmod", **fields)


def texts(made: report.Report) -> list[str]:
    return [text for _, text in made.lines]


def test_oopses_are_counted_and_taint_the_kernel() -> None:
    health = kernel()
    first, second = (faults.exception(health, event(), arch.DIVIDE_ERROR) for _ in range(2))
    assert texts(first)[0] == "divide error: 0000 [#1] PREEMPT SMP NOPTI"
    assert texts(second)[0] == "divide error: 0000 [#2] PREEMPT SMP NOPTI"
    assert "Not tainted" in texts(first)[1]
    assert "Tainted: G      D" in texts(second)[1]
    assert first.action == second.action == KILL


def test_a_rewound_kernel_has_never_oopsed() -> None:
    undo = Undo(journal=True)
    health = Health(undo)
    mark = undo.mark()
    faults.exception(health, event(), arch.DIVIDE_ERROR)
    warn.warn(health, event(), "vmalloc_size")
    report.panic(health, event(), "over")
    undo.rewind(mark)
    assert (health.oopses, health.taint, health.first, health.panicked) == (0, 0, None, "")
    assert health.locks_debugged
    assert warn.warn(health, event(), "vmalloc_size").lines


def test_a_site_that_warns_once_is_silent_from_then_on() -> None:
    health = kernel()
    assert warn.warn(health, event(), "alloc_pages_order").lines
    assert warn.warn(health, event(), "alloc_pages_order").lines == []
    assert warn.warn(health, event(), "vmalloc_size").lines


def test_a_site_that_warns_each_time_does_so() -> None:
    health = kernel()
    assert all(warn.warn(health, event(), "pcpu_alloc", 0, 8).lines for _ in range(2))
    assert warn.warn(health, event(), "pcpu_alloc", 0, 8).action == CONTINUE


def test_the_end_of_lock_debugging_is_said_once_and_not_at_all_after_an_oops() -> None:
    health = kernel()
    assert health.add_taint(taint.BAD_PAGE, lock_debugging=False) != []
    assert health.add_taint(taint.BAD_PAGE, lock_debugging=False) == []
    health = kernel()
    faults.exception(health, event(), arch.DIVIDE_ERROR)
    assert health.add_taint(taint.BAD_PAGE, lock_debugging=False) == []


def test_an_oops_in_an_interrupt_is_a_panic() -> None:
    health = kernel()
    made = faults.exception(health, event(preempt=0x10000), arch.DIVIDE_ERROR)
    assert made.action == PANIC
    assert "Kernel panic - not syncing: Fatal exception in interrupt" in texts(made)
    assert health.panicked == "Fatal exception in interrupt"


def test_a_panic_dumps_the_stack_unless_an_oops_has_done_so() -> None:
    health = kernel()
    assert "Call Trace:" in texts(report.panic(health, event(), "first\n"))
    health.add_taint(taint.DIE)
    assert texts(report.panic(health, event(), "second")) == [
        "Kernel panic - not syncing: second",
        "Kernel Offset: disabled",
        "---[ end Kernel panic - not syncing: second ]---",
    ]


def test_hardware_is_named_where_there_is_a_name() -> None:
    health = Health(Undo(journal=False), hardware="kmodrun")
    assert health.task_lines(event())[1] == (4, "Hardware name: kmodrun")
    assert len(kernel().task_lines(event())) == 1


def test_a_task_leaves_with_interrupts_off_where_the_fault_was_in_kernel_space() -> None:
    note = "note: insmod[91] exited with irqs disabled"
    for address, error, preempt, off in ((0, 2, 0, False), (1 << 63, 2, 0, True), (0, 16, 0, True), (0, 2, 1, True)):
        made = faults.page_fault(kernel(), event(address=address, error=error, preempt=preempt))
        assert (note in texts(made)) is off
        assert (made.action, made.signal) == (KILL, 9)
