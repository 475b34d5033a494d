"""What the user reads when a module calls what kmodrun lacks."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine
from runtime.errors import Unsupported

SOURCE = """
#include <linux/module.h>
#include <linux/netdevice.h>

static int __init last_call_init(void)
{
	return register_netdevice_notifier((struct notifier_block *)THIS_MODULE);
}

static void __exit last_call_exit(void)
{
}

module_init(last_call_init);
module_exit(last_call_exit);
MODULE_LICENSE("GPL");
"""


def test_a_gap_that_is_the_last_call_of_init_names_its_line(tmp_path: Path, build_ko: Callable[[Path], Path]) -> None:
    """The compiler makes it a jump: init itself is on no stack."""
    source = tmp_path / "last_call.c"
    source.write_text(SOURCE)
    with Machine() as machine, pytest.raises(Unsupported) as caught:
        machine.insmod(build_ko(source))
    line = 1 + SOURCE.splitlines().index("\treturn register_netdevice_notifier((struct notifier_block *)THIS_MODULE);")
    assert re.fullmatch(
        rf"register_netdevice_notifier\(\) called from last_call_init\+0x\w+ \(last_call.c:{line}\)", str(caught.value))
