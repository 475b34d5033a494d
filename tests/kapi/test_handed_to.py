"""Functions that are handed to a part of the kernel: what their traps call is what they call themselves."""

from unittest.mock import MagicMock

import pytest

import kapi

HANDED = {name: function for name, function in kapi.functions.items() if hasattr(function, "handed_to")}


@pytest.mark.parametrize("name", HANDED)
def test_the_method_is_called_with_the_same_arguments_and_nothing_else_is_done(name: str) -> None:
    k, function = MagicMock(), HANDED[name]
    method = function.handed_to(k)
    arguments = range(1, function.__code__.co_argcount)
    result = function(k, *arguments)
    method.assert_called_once_with(*arguments)
    assert len(k.mock_calls) == 1
    assert function.__annotations__["return"] is None or result is method.return_value
