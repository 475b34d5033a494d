"""Names in a file system: found, in the kernel's order, and forgotten."""

from runtime.devices.tree import ROOT, Tree
from runtime.undo import Undo


def test_a_tree_finds_what_is_in_it_and_is_taken_back() -> None:
    undo = Undo(journal=True)
    tree = Tree(undo, "/proc", ("meminfo",), ("driver",))
    mark = undo.mark()
    driver = tree.by_name[ROOT, "driver"]
    tree.add(0x1000, driver, "longer", True)
    tree.add(0x2000, driver, "b", False)
    tree.add(0x3000, 0x1000, "c", False)
    assert [tree.name(child) for child in tree.children(driver)] == ["b", "longer"]
    assert tree.below(driver) == [driver, 0x2000, 0x1000, 0x3000]
    assert tree.path(0x3000) == "/driver/longer/c" and tree.name(ROOT) == "/proc"
    tree.remove(0x2000)
    assert tree.children(driver) == [0x1000] and (driver, "b") not in tree.by_name
    undo.rewind(mark)
    assert tree.below(driver) == [driver] and len(tree.entries) == tree.boot == 2
