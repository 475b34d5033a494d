"""Layouts and constants out of the DWARF of a compiled probe.

A member is (offset in bytes, type), with these types:
    u8 .. u64, i8 .. i64    an integer, an enumeration or a bool
    u32:5@3                 5 bits, starting at bit 3 (from the lowest) of the u32 at this offset
    *                       a pointer
    %list_head              a nested structure or union, by its name in the result
    T[7]                    an array (all dimensions multiplied), of any type T above but bit fields
    #24                     24 bytes of something else
Members of anonymous structures and unions count as members of the outer one.
"""

from typing import Any, TypeAlias

from toolchain.wishes import PREFIX

Member: TypeAlias = tuple[int, str]
Struct: TypeAlias = dict[str, Any]

_PLAIN = ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_restrict_type", "DW_TAG_atomic_type")
_RECORDS = ("DW_TAG_structure_type", "DW_TAG_union_type")
_SIGNED = (5, 6, 13)  # DW_ATE_signed, signed_char, signed_fixed


class Layouts:
    """Reads one object file (an ELFFile) that was compiled from a generated probe."""

    def __init__(self, elf: Any) -> None:
        self.structs: dict[str, Struct] = {}
        self.constants: dict[str, int] = {}
        self.pointer_size = elf.elfclass // 8
        self._queue: list[tuple[str, Any]] = []
        self._wished: set[str] = set()
        unit = next(elf.get_dwarf_info().iter_CUs())
        tops = list(unit.get_top_DIE().iter_children())
        self._read_constants(tops)
        self._read_structs(tops)

    def _read_constants(self, tops: list[Any]) -> None:
        for die in tops:
            name = _name(die)
            if die.tag == "DW_TAG_enumeration_type":
                for item in die.iter_children():
                    if _name(item).startswith(PREFIX + "const_"):
                        self.constants[_name(item).removeprefix(PREFIX + "const_")] = item.attributes[
                            "DW_AT_const_value"
                        ].value
            elif die.tag == "DW_TAG_variable" and name.startswith(PREFIX + "enum_"):
                for item in _strip(die).iter_children():
                    self.constants.setdefault(_name(item), item.attributes["DW_AT_const_value"].value)

    def _read_structs(self, tops: list[Any]) -> None:
        mark = PREFIX + "type_"
        wished = [
            (_name(die).removeprefix(mark), die)
            for die in tops
            if die.tag == "DW_TAG_variable" and _name(die).startswith(mark)
        ]
        for name, die in wished:
            target = _strip(_strip(die))
            while target is not None and target.tag == "DW_TAG_array_type":  # va_list
                target = _strip(target)
            if target is not None and target.tag in _RECORDS:
                self._wished |= {name, _name(target)}
                self._queue.append((name, target))
                if _name(target) not in ("", name):
                    self._queue.append((_name(target), target))
        while self._queue:
            name, die = self._queue.pop()
            if name not in self.structs:
                members: dict[str, Member] = {}
                self.structs[name] = {"size": die.attributes["DW_AT_byte_size"].value, "members": members}
                self._read_members(name, die, 0, members)

    def _read_members(self, outer: str, die: Any, base: int, members: dict[str, Member]) -> None:
        for item in die.iter_children():
            if item.tag != "DW_TAG_member":
                continue
            offset = (
                base + item.attributes["DW_AT_data_member_location"].value
                if "DW_AT_data_member_location" in item.attributes
                else base
            )
            target = _strip(item)
            if not _name(item) and target.tag in _RECORDS:
                self._read_members(outer, target, offset, members)
            elif "DW_AT_bit_size" in item.attributes:
                members[_name(item)] = _bit_field(item, base, self._type(outer, _name(item), target))
            else:
                members[_name(item)] = (offset, self._type(outer, _name(item), target, _alias(item)))

    def _type(self, outer: str, member: str, die: Any, alias: str = "") -> str:
        if die is None or die.tag == "DW_TAG_pointer_type":
            return "*"
        if die.tag == "DW_TAG_array_type":
            return f"{self._type(outer, member, _strip(die), _alias(die))}[{_length(die)}]"
        size = die.attributes["DW_AT_byte_size"].value if "DW_AT_byte_size" in die.attributes else 0
        if die.tag in _RECORDS:
            return self._record(outer, member, die, alias, size)
        if size not in (1, 2, 4, 8):
            return f"#{size}"
        if die.tag == "DW_TAG_enumeration_type":
            base = _strip(die) if "DW_AT_type" in die.attributes else None
            return self._type(outer, member, base) if base is not None else f"u{size * 8}"
        signed = die.attributes["DW_AT_encoding"].value in _SIGNED
        return f"{'i' if signed else 'u'}{size * 8}"

    def _record(self, outer: str, member: str, die: Any, alias: str, size: int) -> str:
        """A nested record without a name that stands on its own is called after its place: outer.member."""
        name = _name(die) or alias
        if not name:
            name = f"{outer}.{member}"
        elif name not in self._wished and size > 64:
            return f"#{size}"
        self._queue.append((name, die))
        return f"%{name}"


def _bit_field(item: Any, base: int, plain: str) -> Member:
    bits = item.attributes["DW_AT_bit_size"].value
    width = int(plain[1:])
    if "DW_AT_data_bit_offset" in item.attributes:
        first = item.attributes["DW_AT_data_bit_offset"].value
    else:  # DWARF 3: counted from the highest bit of the storage unit
        first = (
            item.attributes["DW_AT_data_member_location"].value * 8
            + width
            - item.attributes["DW_AT_bit_offset"].value
            - bits
        )
    first += base * 8
    unit = first // width * width
    return unit // 8, f"{plain}:{bits}@{first - unit}"


def _length(array: Any) -> int:
    length = 1
    for item in array.iter_children():
        if item.tag == "DW_TAG_subrange_type":
            attributes = item.attributes
            bound = attributes.get("DW_AT_upper_bound")
            count = attributes.get("DW_AT_count")
            length *= count.value if count else bound.value + 1 if bound and isinstance(bound.value, int) else 0
    return length


def _name(die: Any) -> str:
    return (
        str(die.attributes["DW_AT_name"].value, "ascii") if die is not None and "DW_AT_name" in die.attributes else ""
    )


def _strip(die: Any) -> Any:
    """The type of die, behind typedefs and qualifiers; None for void."""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag not in _PLAIN:
            return die
    return None


def _alias(die: Any) -> str:
    """The innermost typedef's name on the way from die to its type, '' without one."""
    name = ""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag not in _PLAIN:
            break
        if die.tag == "DW_TAG_typedef":
            name = _name(die)
    return name
