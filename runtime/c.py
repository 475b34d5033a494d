"""C types, as the annotations of kernel functions: to Python they are int, to the binder a width, a sign and a way to
print.

`def __kmalloc(k: Kernel, size: size_t, flags: gfp_t) -> void_p` is the prototype. Arguments arrive with their sign;
results are cut to their width. `Stepped[int_]` is the result of a function that may return Call or Wait as well; a
variadic function takes `va: VaList` last.
"""

from typing import Annotated, Protocol, TypeAlias, TypeVar

from runtime.errors import Call, Wait


class CType:
    """name: as C writes it; size in bytes; signed; pointer."""

    __slots__ = ("name", "pointer", "signed", "size")

    def __init__(self, name: str, size: int, signed: bool = False, pointer: bool = False) -> None:
        self.name, self.size, self.signed, self.pointer = name, size, signed, pointer

    def __repr__(self) -> str:
        return self.name


class _Stepped:
    """Marks a result that may be a Call or a Wait."""


STEPPED = _Stepped()

char = Annotated[int, CType("char", 1, True)]
u8 = Annotated[int, CType("u8", 1)]
s8 = Annotated[int, CType("s8", 1, True)]
u16 = Annotated[int, CType("u16", 2)]
s16 = Annotated[int, CType("s16", 2, True)]
u32 = Annotated[int, CType("u32", 4)]
s32 = Annotated[int, CType("s32", 4, True)]
u64 = Annotated[int, CType("u64", 8)]
s64 = Annotated[int, CType("s64", 8, True)]
bool_ = Annotated[int, CType("bool", 1)]
short = Annotated[int, CType("short", 2, True)]
unsigned_short = Annotated[int, CType("unsigned short", 2)]
unsigned_char = Annotated[int, CType("unsigned char", 1)]
int_ = Annotated[int, CType("int", 4, True)]
unsigned_int = Annotated[int, CType("unsigned int", 4)]
long_ = Annotated[int, CType("long", 8, True)]
unsigned_long = Annotated[int, CType("unsigned long", 8)]
long_long = Annotated[int, CType("long long", 8, True)]
unsigned_long_long = Annotated[int, CType("unsigned long long", 8)]
size_t = Annotated[int, CType("size_t", 8)]
ssize_t = Annotated[int, CType("ssize_t", 8, True)]
loff_t = Annotated[int, CType("loff_t", 8, True)]
gfp_t = Annotated[int, CType("gfp_t", 4)]
slab_flags_t = Annotated[int, CType("slab_flags_t", 4)]
dev_t = Annotated[int, CType("dev_t", 4)]
umode_t = Annotated[int, CType("umode_t", 2)]
void_p = Annotated[int, CType("void *", 8, pointer=True)]
const_void_p = Annotated[int, CType("const void *", 8, pointer=True)]
char_p = Annotated[int, CType("char *", 8, pointer=True)]
const_char_p = Annotated[int, CType("const char *", 8, pointer=True)]
page_p = Annotated[int, CType("struct page *", 8, pointer=True)]
kmem_cache_p = Annotated[int, CType("struct kmem_cache *", 8, pointer=True)]
list_head_p = Annotated[int, CType("struct list_head *", 8, pointer=True)]
device_p = Annotated[int, CType("struct device *", 8, pointer=True)]
task_p = Annotated[int, CType("struct task_struct *", 8, pointer=True)]
function_p = Annotated[int, CType("void (*)()", 8, pointer=True)]

T = TypeVar("T")
Stepped: TypeAlias = Annotated[T | Call | Wait, STEPPED]


def pointer(struct: str) -> CType:
    """For a structure that has no alias above: `cpumask_p = Annotated[int, pointer("cpumask")]` is `struct cpumask *`.
    """
    return CType(f"struct {struct} *", 8, pointer=True)


class VaList(Protocol):
    """The variadic arguments of a call; each method takes the next one."""

    def u64(self) -> int: ...
    def i64(self) -> int: ...
    def u32(self) -> int: ...
    def i32(self) -> int: ...


def s32_of(rax: int) -> int:
    """A register's low 32 bits as an int."""
    return (rax & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def s64_of(rax: int) -> int:
    """A register as a long."""
    return (rax ^ 1 << 63) - (1 << 63)
