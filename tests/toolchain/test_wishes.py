"""The wish list and what the compiler's errors say about it."""

from toolchain.wishes import WISH_FILE, Wishes, failed_lines

TEXT = """
include linux/a.h   # a comment
struct page zone page
typedef atomic_t
macro GFP_* E+
const NAMED SIZE=sizeof(struct~page)
"""
MACROS = """#define GFP_KERNEL (1 | 2)
#define GFP_TEXT "no number"
#define ENOMEM 12
#define EM_X86 62
#define GFP_DO do { } while (0)
#define GFP_CALL(x) x
#define GFP_EMPTY
"""


def test_each_wish_is_one_line_of_c() -> None:
    wishes = Wishes(TEXT)
    assert list(wishes.types()) == ["page", "zone", "atomic_t"]
    assert wishes.types()["page"] == "struct page *probe_type_page; char probe_size_page[sizeof(struct page)];"
    assert wishes.types()["atomic_t"].startswith("atomic_t *probe_type_atomic_t;")
    assert wishes.includes() == ["#if __has_include(<linux/a.h>)", "#include <linux/a.h>", "#endif"]


def test_macros_are_chosen_by_name_and_by_being_an_expression() -> None:
    constants = Wishes(TEXT).constants(MACROS)
    assert list(constants) == ["ENOMEM", "GFP_KERNEL", "NAMED", "SIZE"]
    assert constants["SIZE"] == "enum { probe_const_SIZE = (sizeof(struct page)) } probe_use_SIZE;"


def test_errors_blame_lines_also_through_macros_of_headers() -> None:
    output = """/tmp/x/probe.c:7:3: error: unknown type name 'foo'
In file included from /tmp/x/probe.c:2:
/usr/include/bar.h:5:9: error: something is undeclared
    5 | #define BAR nothing
/tmp/x/probe.c:9:20: note: in expansion of macro 'BAR'
/tmp/x/probe.c:8:1: warning: only a warning
/tmp/x/probe.c:8:1: note: of a warning
"""
    assert failed_lines(output, "probe.c", range(5, 20)) == {7, 9}


def test_the_projects_wish_list_has_only_known_kinds() -> None:
    known = {"include", "struct", "union", "typedef", "enum", "macro", "const", "image", ""}
    assert set(Wishes(WISH_FILE.read_text()).by_kind) <= known
