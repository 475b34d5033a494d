"""Faults that are no trouble, faults that only look as if they were none, and the OOM killer."""

import pytest

from runtime import Machine
from runtime.arch import x86_64 as arch
from runtime.errors import Call, InsmodError, Killed
from runtime.kernel import Kernel
from tests.bench.sweeps import seven


@pytest.mark.parametrize("rewindable", [False, True])
@pytest.mark.parametrize("virt", [arch.VMEMMAP_START + 0x40, arch.PAGE_OFFSET + 0x3000000], ids=["page", "direct map"])
def test_running_data_that_is_mapped_when_somebody_looks_is_an_oops(
    virt: int, rewindable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Machine(rewindable=rewindable) as machine:
        engine, left = machine.kernel.cpu.engine, [10]
        run = engine.run

        def counted(rip: int) -> object:
            left[0] -= 1
            assert left[0], "the guest faults over and over again"
            return run(rip)

        monkeypatch.setattr(engine, "run", counted)
        with pytest.raises(Killed):
            machine.loop.perform(lambda k, rax: Call(virt))
        assert machine.dmesg()[0].text.startswith("kernel tried to execute NX-protected page")


def exhaust(k: Kernel, rax: int) -> None:
    """Take all memory."""
    while k.pages.alloc_pages(k.abi.const["GFP_KERNEL"], 0) is not None:
        pass


def pending(machine: Machine) -> tuple[bool, int, int]:
    """Is the task dying; thread_info.flags; the signals that wait for it."""
    k = machine.kernel
    task = k.abi.view("task_struct")(k.mem, k.current.struct)
    return k.current.dying, task.thread_info.flags, k.mem.u64(task.pending.signal.va)


def test_the_oom_killer_reports_once_and_the_task_sees_its_signal() -> None:
    with Machine("16M") as machine:
        machine.loop.perform(exhaust)
        machine.loop.perform(exhaust)
        texts = [record.text for record in machine.dmesg()]
        assert sum("invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0" in text for text in texts) == 1
        assert sum(text.startswith("Out of memory: Killed process 1 (insmod)") for text in texts) == 1
        const = machine.kernel.abi.const
        flags = 1 << const["TIF_SIGPENDING"] | 1 << const["TIF_MEMDIE"]
        assert pending(machine) == (True, flags, 1 << const["SIGKILL"] - 1)
        assert not machine.findings, "scarcity is no bug"


def test_the_next_process_is_not_dying() -> None:
    with Machine("16M") as machine:
        machine.loop.perform(exhaust)
        with pytest.raises(InsmodError):
            machine.rmmod("nothing")
        assert pending(machine) == (False, 0, 0)


def test_a_rewound_machine_has_killed_nobody() -> None:
    with Machine("16M", rewindable=True) as machine:
        mark = machine.mark()
        machine.loop.perform(exhaust)
        machine.rewind(mark)
        assert pending(machine) == (False, 0, 0)
        machine.loop.perform(exhaust)
        assert pending(machine)[0]


def test_the_oom_report_lists_the_slabs_that_are_there() -> None:
    with Machine("16M") as machine:
        k = machine.kernel
        address = k.slab.create("boxes", 1024, 0, 0, 0)
        for _ in range(5):
            k.slab.kmem_cache_alloc(address, k.abi.const["GFP_ATOMIC"])
        machine.loop.perform(exhaust)
        rows = [record.text.split("  ") for record in machine.dmesg() if record.text.endswith("KB")]
        sizes = {row[0]: [word.strip() for word in row[1:] if word] for row in rows}
        assert "kmem_cache" in sizes
        cache = k.slab.cache_at(address)
        assert cache is not None and sizes[cache.name] == [f"{cache.active}KB", f"{cache.count}KB"]


class NoCaches:
    """A fault plan: no cache can be created."""

    def fails(self, kind: str, size: int, gfp: int, stack: tuple[int, ...], what: str = "") -> bool:
        return kind == "cache"

    def refuses(self, function: str, values: tuple[int, ...], stack: tuple[int, ...]) -> int | None:
        return None


def test_a_stack_that_was_dumped_before_is_dumped_again_as_it_is_now() -> None:
    with Machine() as machine:
        (module,) = seven().modules.values()
        for plan in (None, NoCaches()):  # where the names of its init have gone, they come back
            machine.kernel.mm.plan = plan
            for _ in range(2):
                try:
                    machine.rmmod(machine.insmod(module).name)
                except InsmodError:
                    machine.kernel.trouble.dump_stack()
        texts = [record.text for record in machine.dmesg()]
    dumps = [at for at, text in enumerate(texts) if text.startswith("CPU: 0 PID: ")]
    traces = [texts[at + 1 : texts.index(" </TASK>", at)] for at in dumps]
    assert traces[0] == traces[2] and traces[1] == traces[3] != traces[0]
    assert [line.split("+")[0] for line in traces[0][2:]] == [" setup", " seven_init"]
    assert len({texts[at] for at in dumps}) == 2, "each process has its own number"
