"""dev_printk.h: messages of a device, with the names of its driver and of itself.

Linux: drivers/base/core.c, lib/dynamic_debug.c, 6.1
"""

from kapi.printk import ddebug_p, debug_prefix, va_list_p
from kapi.registry import export, export_data
from runtime.c import VaList, const_char_p, device_p, int_
from runtime.kernel import Kernel

_EMERG, _ALERT, _CRIT, _ERR, _WARNING, _NOTICE, _INFO, _DEBUG = range(8)


@export_data(1, static=True)
def kmodrun_empty_string(k: Kernel, at: int) -> None:
    """What a device without driver, bus and class has for a driver's name."""
    k.mem.put8(at, 0)


@export
def dev_driver_string(k: Kernel, dev: device_p) -> const_char_p:
    """The name of a device's driver, else of its bus, else of its class, else "": never NULL."""
    device = k.abi.view("device")(k.mem, dev)
    for pointer, kind in ((device.driver, "device_driver"), (device.bus, "bus_type"), (device.class_, "class")):
        if pointer:
            name: int = k.abi.view(kind)(k.mem, pointer).name
            return name
    return k.provider.address("kmodrun_empty_string")


def name_of(k: Kernel, dev: int) -> int:
    """dev_name(): the address of a device's name."""
    device = k.abi.view("device")(k.mem, dev)
    name: int = device.init_name or device.kobj.name
    return name


def log(k: Kernel, level: int, dev: int, message: bytes, prefix: bytes = b"") -> int:
    """Log a message of dev, which may be NULL. A device's record is never continued."""
    if not dev:
        return k.log.printk(b"\1%d(NULL device *): %b" % (level, message))
    head = k.printf.render(b"%s %s: ", dev_driver_string(k, dev), name_of(k, dev))
    return k.log.printk(prefix + head + message, level, whole=True)


@export
def _dev_printk(k: Kernel, level: const_char_p, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    """level: a KERN_ string."""
    message = k.printf.print(fmt, va)
    if dev:
        log(k, k.mem.u8(level + 1) - 0x30, dev, message)
    else:
        k.log.printk(k.printf.render(b"%s(NULL device *): ", level) + message)


@export
def _dev_emerg(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _EMERG, dev, k.printf.print(fmt, va))


@export
def _dev_alert(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _ALERT, dev, k.printf.print(fmt, va))


@export
def _dev_crit(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _CRIT, dev, k.printf.print(fmt, va))


@export
def _dev_err(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _ERR, dev, k.printf.print(fmt, va))


@export
def _dev_warn(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _WARNING, dev, k.printf.print(fmt, va))


@export
def _dev_notice(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _NOTICE, dev, k.printf.print(fmt, va))


@export
def _dev_info(k: Kernel, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    log(k, _INFO, dev, k.printf.print(fmt, va))


@export
def __dynamic_dev_dbg(k: Kernel, descriptor: ddebug_p, dev: device_p, fmt: const_char_p, va: VaList) -> None:
    """dev_dbg() at a site that is switched on: the caller has looked."""
    log(k, _DEBUG, dev, k.printf.print(fmt, va), debug_prefix(k, descriptor) if dev else b"")


@export
def dev_printk_emit(k: Kernel, level: int_, dev: device_p, fmt: const_char_p, va: VaList) -> int_:
    """Log a text as a record of dev's, without its name. Return: bytes logged."""
    return k.log.printk(k.printf.print(fmt, va), level, whole=True)


@export
def dev_vprintk_emit(k: Kernel, level: int_, dev: device_p, fmt: const_char_p, args: va_list_p) -> int_:
    arguments = k.printf.arguments(args)
    text = k.printf.print(fmt, arguments)
    arguments.store()
    return k.log.printk(text, level, whole=True)


def _probe_failed(k: Kernel, level: int, dev: int, err: int, message: bytes) -> int:
    """-EPROBE_DEFER is no failure (its message is for debugfs), and of -ENOMEM enough has been said."""
    if -err not in (k.abi.const["EPROBE_DEFER"], k.abi.const["ENOMEM"]):
        log(k, level, dev, k.printf.render(b"error %pe: ", err) + message)
    return err


@export
def dev_err_probe(k: Kernel, dev: device_p, err: int_, fmt: const_char_p, va: VaList) -> int_:
    """Log why a probe fails. Return: err."""
    return _probe_failed(k, _ERR, dev, err, k.printf.print(fmt, va))


@export
def dev_warn_probe(k: Kernel, dev: device_p, err: int_, fmt: const_char_p, va: VaList) -> int_:
    return _probe_failed(k, _WARNING, dev, err, k.printf.print(fmt, va))
