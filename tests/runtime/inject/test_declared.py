"""What the functions of kapi declare about how they fail."""

import inspect

import pytest

import kapi
from kapi.registry import functions
from runtime.cpu.traps import ctype_of
from runtime.inject.values import ERROR, error_name, error_value

DECLARED = {name: function for name, function in kapi.functions.items() if hasattr(function, "may_fail")}
LOCKS = ("mutex_lock_interruptible", "mutex_lock_killable", "down_interruptible", "down_killable", "down_timeout",
         "down_read_interruptible", "down_read_killable", "down_write_killable")  # fmt: skip


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_function_fails_with_null_or_errors_that_a_plan_can_name(name: str) -> None:
    values = DECLARED[name].may_fail
    assert values and len(set(values)) == len(values)
    for value in values:
        assert -4095 <= value <= 0
        assert error_value(ERROR.read(error_name(value))) == value
    assert ctype_of(inspect.signature(DECLARED[name]).return_annotation) is not None, "void cannot fail"


def test_every_lock_that_a_signal_or_a_timeout_can_end_declares_it() -> None:
    assert {*LOCKS, "__symbol_get"} <= set(DECLARED)
    assert all(functions[name].may_fail == ((-62,) if name == "down_timeout" else (-4,)) for name in LOCKS)


@pytest.mark.parametrize("name", [
    "mutex_trylock", "down_trylock", "_raw_spin_trylock", "try_module_get", "kstrtoint",
    "blocking_notifier_chain_register",
    "xa_store", "idr_alloc", "kfifo_alloc", "__kmalloc", "wait_for_random_bytes",
])  # fmt: skip
def test_what_succeeds_when_nothing_is_in_its_way_or_fails_by_its_allocations_declares_nothing(name: str) -> None:
    assert name not in DECLARED
