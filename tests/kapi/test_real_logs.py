"""Modules that exercise printf, the log and string functions, run on the machine: what they log is what the real kernel
logged.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine

DATA = Path(__file__).parents[1] / "data"
MODULES = ("printk/printk_formats", "printk/printk_log", "printk/printk_api", "string/string_functions")
LOADING = ("loading out-of-tree module taints kernel.", "module verification failed")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_logs_what_it_logs_in_the_real_kernel(name: str, build_ko: Callable[[Path], Path]) -> None:
    source = DATA / f"{name}.c"
    with Machine() as machine:
        machine.insmod(build_ko(source))
        machine.rmmod(source.stem)
        shown = machine.kernel.log.dmesg(raw=True).split(b"\n")[:-1]
        assert not machine.findings
    ours = [line[:3] + line[line.index(b"]") + 1 :] for line in shown]
    ours = [line for line in ours if not any(text.encode() in line for text in LOADING)]
    assert ours == [line for line in source.with_suffix(".log").read_bytes().split(b"\n") if line.startswith(b"<")]
