"""What the loader asks of the machine that it loads into."""

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from runtime.loader.loaded import LoadedModule


class Found:
    """An exported symbol. crc: None where the exporter has none. owner: a module, None for the kernel."""

    __slots__ = ("crc", "gpl", "namespace", "owner", "virt")

    def __init__(
        self,
        virt: int,
        crc: int | None = None,
        gpl: bool = False,
        namespace: str = "",
        owner: "LoadedModule | None" = None,
    ) -> None:
        self.virt, self.crc, self.gpl, self.namespace, self.owner = virt, crc, gpl, namespace, owner


class Host(Protocol):
    """The machine, as the loader sees it."""

    def log(self, level: int, text: str) -> None:
        """Write a line to the kernel log."""

    def find(self, name: str) -> Found | None:
        """Look a symbol up in the kernel, then in its modules. Raises: Unsupported for data that only we lack."""

    def taints(self) -> int:
        """Give the kernel's taint mask."""

    def add_taint(self, bits: int) -> None:
        """Set bits in the kernel's taint mask. A forced or proprietary module also ends lock debugging, with a line."""


class Memory(Protocol):
    """Guest memory by virtual address; all raise GuestFault."""

    def read(self, virt: int, size: int) -> bytes: ...

    def write(self, virt: int, data: Any) -> None: ...

    def u64(self, virt: int) -> int: ...

    def u32(self, virt: int) -> int: ...

    def u16(self, virt: int) -> int: ...

    def u8(self, virt: int) -> int: ...

    def put64(self, virt: int, value: int) -> None: ...

    def put32(self, virt: int, value: int) -> None: ...

    def cstr(self, virt: int, limit: int | None = None) -> bytes: ...
