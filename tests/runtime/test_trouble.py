"""Faults that are no trouble, and faults that only look as if they were none."""

import pytest

from runtime import Machine
from runtime.arch import x86_64 as arch
from runtime.errors import Call, Killed


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
