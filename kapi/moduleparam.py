"""moduleparam.h: the operations of the kernel's own parameter types, for struct kernel_param and for modules that call
them.

Linux: kernel/params.c, 6.1
"""

from collections.abc import Callable
from typing import Annotated, Any

from kapi.registry import alias, export, export_data
from runtime.c import char_p, const_char_p, int_, pointer
from runtime.kernel import Kernel

kernel_param_p = Annotated[int, pointer("kernel_param")]

KINDS = (
    "byte",
    "short",
    "ushort",
    "int",
    "uint",
    "long",
    "ulong",
    "ullong",
    "hexint",
    "bool",
    "invbool",
    "bint",
    "charp",
)


def _setter(kind: str) -> Callable[..., Any]:
    def set_kind(k: Kernel, val: const_char_p, kp: kernel_param_p) -> int_:
        """Parse val into the variable of kp. Return: 0, -EINVAL or -ERANGE."""
        return k.modules.set_param(kind, val, kp)

    set_kind.__name__ = f"param_set_{kind}"
    return set_kind


def _getter(kind: str) -> Callable[..., Any]:
    def get_kind(k: Kernel, buffer: char_p, kp: kernel_param_p) -> int_:
        """Print the variable of kp, with a newline. Return: the number of bytes, without the NUL."""
        text = k.modules.param_text(kind, kp).encode("latin-1")
        k.mem.write(buffer, text + b"\0")
        return len(text)

    get_kind.__name__ = f"param_get_{kind}"
    return get_kind


def _operations(kind: str, set_name: str, get_name: str, flags: int) -> None:
    def fill(k: Kernel, at: int) -> None:
        """struct kernel_param_ops."""
        view = k.abi.view("kernel_param_ops")(k.mem, at)
        view.flags, view.set, view.get = flags, k.provider.address(set_name), k.provider.address(get_name)

    fill.__name__ = f"param_ops_{kind}"
    export_data("kernel_param_ops")(fill)


for _kind in KINDS:
    export(_setter(_kind))
    if _kind != "bint":
        export(_getter(_kind))
    # A bare name sets a bool: KERNEL_PARAM_OPS_FL_NOARG.
    _operations(
        _kind,
        f"param_set_{_kind}",
        "param_get_int" if _kind == "bint" else f"param_get_{_kind}",
        int(_kind in ("bool", "bint")),
    )
alias("param_set_copystring", _setter("string"))
export(_getter("string"))
export(_setter("bool_enable_only"))
_operations("string", "param_set_copystring", "param_get_string", 0)
_operations("bool_enable_only", "param_set_bool_enable_only", "param_get_bool", 1)


@export_data("kernel_param_ops")
def param_array_ops(k: Kernel, at: int) -> None:
    """Arrays are set and shown by the loader; no module calls these functions by itself."""
    view = k.abi.view("kernel_param_ops")(k.mem, at)
    view.set, view.get = k.provider.address("param_array_set"), k.provider.address("param_array_get")
