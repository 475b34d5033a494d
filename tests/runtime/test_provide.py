"""What the user reads when a module calls what kmodrun lacks."""

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


def test_a_gap_that_is_the_last_call_of_init_names_the_module(tmp_path: Path, build_ko: Callable[[Path], Path]) -> None:
    """The compiler makes it a jump: init itself is on no stack."""
    source = tmp_path / "last_call.c"
    source.write_text(SOURCE)
    with Machine() as machine, pytest.raises(Unsupported) as caught:
        machine.insmod(build_ko(source))
    assert str(caught.value) == "register_netdevice_notifier() called from the end of init of last_call"
