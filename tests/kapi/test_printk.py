"""printk and what belongs to it: where the real kernel's logs (test_real_logs.py) do not reach."""

import pytest

from runtime.errors import GuestFault, KernelBug, KernelPanic, Unsupported
from tests.kapi.harness import Machine
from tests.runtime.printk.guest import ABI

NULL = 0


def test_printk_returns_the_length_without_marks_and_newline() -> None:
    machine = Machine()
    assert machine.call("_printk", b"\0013%s %d\n", b"text", 5) == 6
    assert machine.lines() == ["<3> text 5"]


def test_a_va_list_moves_on_with_the_functions_that_take_from_it() -> None:
    machine = Machine()
    args = machine.guest.va_list(1, 2, 3, 4, 5)
    machine.call("vprintk", b"%d %d\n", args)
    machine.call("vprintk_default", b"%d\n", args)
    assert machine.call("vprintk_emit", 0, 3, NULL, b"%d\n", args) == 1
    buffer = machine.guest.put(bytes(8))
    assert machine.call("vscnprintf", buffer, 8, b"%d", args) == 1
    assert machine.lines() == ["<4> 1 2", "<4> 3", "<3> 4"]
    assert machine.mem.cstr(buffer) == b"5"


def test_vprintk_emit_takes_the_level_from_the_text_where_it_has_none() -> None:
    machine = Machine()
    for level in (-1, -2, 5):
        machine.call("vprintk_emit", 0, level, NULL, b"\0013text\n", machine.guest.va_list())
    assert machine.lines() == ["<3> text", "<3> text", "<5> text"]
    with pytest.raises(Unsupported, match="facility"):
        machine.call("vprintk_emit", 1, 5, NULL, b"text\n", machine.guest.va_list())


def test_a_bad_format_pointer_faults() -> None:
    with pytest.raises(GuestFault):
        Machine().call("_printk", NULL)


def test_warn_hands_its_message_on() -> None:
    machine = Machine()
    machine.call("__warn_printk", b"odd: %d\n", 7)
    assert machine.trouble.said == [("warning", b"odd: 7\n")]


def test_panic_ends_the_machine_with_its_message() -> None:
    machine = Machine()
    with pytest.raises(KernelPanic, match=r"^no way out: 5$"):
        machine.call("panic", b"no way out: %d\n", 5)
    with pytest.raises(KernelPanic, match=r"^plain 100%$"):
        machine.call("nmi_panic", NULL, b"plain 100%")


def test_a_panic_message_is_cut() -> None:
    with pytest.raises(KernelPanic) as panic:
        Machine().call("panic", b"%s\n", b"x" * 2000)
    assert str(panic.value) == "x" * 1023


def test_a_fortified_function_ends_in_a_bug_that_names_it() -> None:
    with pytest.raises(KernelBug) as bug:
        Machine().call("fortify_panic", b"strcpy")
    assert bug.value.args == ("fortify_panic", "strcpy")


def site(machine: Machine, flags: int) -> int:
    strings = {name: machine.guest.string(name.encode()) for name in ("module", "function")}
    return machine.guest.structure(
        "_ddebug", modname=strings["module"], function=strings["function"], lineno=42, flags=flags
    )


@pytest.mark.parametrize(
    ("flags", "prefix"),
    [
        (1, ""),
        (3, "module: "),
        (5, "function: "),
        (9, "42: "),
        (15, "module:function:42: "),
        (17, "[42] "),
        (31, "[42] module:function:42: "),
    ],
)
def test_a_debug_message_has_the_prefix_that_its_flags_say(flags: int, prefix: str) -> None:
    machine = Machine()
    machine.call("__dynamic_pr_debug", site(machine, flags), b"value %d\n", 5)
    assert machine.lines() == [f"<7> {prefix}value 5"]


def test_a_debug_message_of_a_device_names_it() -> None:
    machine = Machine()
    device = machine.guest.structure("device", init_name=machine.guest.string(b"dev0"))
    machine.call("__dynamic_dev_dbg", site(machine, 3), device, b"text\n")
    machine.call("__dynamic_dev_dbg", site(machine, 3), NULL, b"text\n")
    assert machine.lines() == ["<7> module:  dev0: text", "<7> (NULL device *): text"]


def test_a_level_given_as_a_string_is_that_of_the_device_message() -> None:
    machine = Machine()
    device = machine.guest.structure("device", init_name=machine.guest.string(b"dev0"))
    machine.call("_dev_printk", b"\0012", device, b"text\n")
    machine.call("_dev_printk", b"\0012", NULL, b"text\n")
    assert machine.lines() == ["<2>  dev0: text", "<2> (NULL device *): text"]


def test_a_probe_that_is_deferred_says_nothing() -> None:
    machine = Machine()
    device = machine.guest.structure("device")
    assert machine.call("dev_err_probe", device, -ABI.const["EPROBE_DEFER"], b"text\n") == -517
    assert machine.lines() == []


def limit(machine: Machine, interval: int, burst: int) -> int:
    return machine.guest.structure("ratelimit_state", interval=interval, burst=burst)


def test_a_rate_limit_lets_burst_messages_pass_in_an_interval() -> None:
    machine = Machine()
    state = limit(machine, 100, 2)
    assert [machine.call("___ratelimit", state, b"f") for _ in range(4)] == [1, 1, 0, 0]
    machine.clock.jiffies += 100
    assert machine.call("___ratelimit", state, b"f") == 0
    machine.clock.jiffies += 1
    assert machine.call("___ratelimit", state, b"f") == 1
    assert machine.lines() == ["<4> f: 3 callbacks suppressed"]


def test_a_rate_limit_works_while_jiffies_wrap() -> None:
    machine = Machine()
    machine.clock.jiffies = (1 << 64) - 50
    state = limit(machine, 100, 1)
    assert [machine.call("___ratelimit", state, b"f") for _ in range(2)] == [1, 0]
    machine.clock.jiffies = 40
    assert machine.call("___ratelimit", state, b"f") == 0
    machine.clock.jiffies = 51
    assert machine.call("___ratelimit", state, b"f") == 1


def test_a_rate_limit_whose_lock_is_held_says_no() -> None:
    machine = Machine()
    state = limit(machine, 100, 9)
    machine.mem.put32(state + ABI.offset("ratelimit_state", "lock"), 1)
    assert machine.call("___ratelimit", state, b"f") == 0


def test_printk_ratelimit_is_shared_by_all() -> None:
    machine = Machine()
    passed = [machine.call("__printk_ratelimit", name) for name in (b"f", b"g") * 6]
    assert passed == [1] * 10 + [0] * 2
    machine.clock.jiffies += 5 * 250 + 1
    assert machine.call("__printk_ratelimit", b"h") == 1
    assert machine.lines() == ["<4> h: 2 callbacks suppressed"]


def test_kasprintf_gives_memory_of_the_right_size() -> None:
    machine = Machine()
    text = machine.call("kasprintf", ABI.const["GFP_KERNEL"], b"%s-%d", b"name", 3)
    assert machine.mem.cstr(text) == b"name-3"
    assert machine.kernel.slab.sizes == [7]


def test_kasprintf_without_memory_is_null() -> None:
    machine = Machine()
    machine.kernel.slab.fails = True
    assert machine.call("kasprintf", 0, b"text") == NULL
    assert machine.call("kvasprintf", 0, b"%d", machine.guest.va_list(5)) == NULL


def test_sprintf_writes_all_of_it() -> None:
    machine = Machine()
    buffer = machine.guest.put(b"~" * 16)
    assert machine.call("sprintf", buffer, b"%d-%s", 5, b"x") == 3
    assert machine.call("snprintf", NULL, 0, b"%s", b"hello") == 5
    assert machine.call("scnprintf", buffer + 8, 3, b"%s", b"hello") == 2
    assert machine.mem.read(buffer, 16) == b"5-x\0~~~~he\0~~~~~"


def test_a_dump_by_address_hashes_it() -> None:
    machine = Machine()
    data = machine.guest.put(b"\x01\x02\x03")
    kinds = ABI.const
    machine.call("print_hex_dump", b"\0016", b"p ", kinds["DUMP_PREFIX_ADDRESS"], 16, 1, data, 3, 0)
    assert machine.lines() == [f"<6> p {machine.guest.printf.hashed(data):016x}: 01 02 03"]


def test_variables_hold_what_linux_boots_with() -> None:
    machine = Machine()
    address = machine.kernel.provider.address
    assert [machine.mem.u32(address("console_printk") + 4 * i) for i in range(4)] == [7, 4, 1, 7]
    assert machine.mem.u8(address("no_hash_pointers")) == 0
    assert machine.mem.cstr(address("hex_asc")) == b"0123456789abcdef"
    assert machine.mem.cstr(address("hex_asc_upper")) == b"0123456789ABCDEF"
