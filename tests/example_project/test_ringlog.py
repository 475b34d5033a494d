import pytest


@pytest.mark.fault_sweep("ringlog.c", params={"kib": 16})
def test_failures(scenario):
    assert scenario.verdict != "ignored", "init has to fail when it gets no memory"


def test_the_ring_is_as_large_as_asked(machine, kmod):
    machine.insmod(kmod("ringlog.c"), kib=16)
    assert machine.dmesg()[-1].text == "ringlog: 16 KiB"
    machine.rmmod("ringlog")
