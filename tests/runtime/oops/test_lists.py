"""List debugging, against lists of a few nodes."""

from runtime.oops.lists import LIST_POISON1, LIST_POISON2, check_add, check_del, check_ends

A, B, C, D = (0xFFFFFFFFC0203000 + 16 * at for at in range(4))


def test_a_sound_list_may_be_added_to_and_taken_from() -> None:
    assert check_add(C, A, B, A, B) is None
    assert check_ends(B, C, A) is None
    assert check_del(B, C, A, B, B) is None


def test_null_neighbours_are_named_before_they_are_followed() -> None:
    assert check_add(C, 0, B, 0, 0) == ("list_add_prev_null", ())
    assert check_add(C, A, 0, 0, 0) == ("list_add_next_null", ())
    assert check_ends(B, 0, A) == ("list_del_next_null", (B,))
    assert check_ends(B, C, 0) == ("list_del_prev_null", (B,))


def test_neighbours_that_point_elsewhere_are_corruption() -> None:
    assert check_add(C, A, B, D, B) == ("list_add_next_prev", (A, D, B))
    assert check_add(C, A, B, A, D) == ("list_add_prev_next", (B, D, A))
    assert check_del(B, C, A, B, D) == ("list_del_prev_next", (B, D, A))
    assert check_del(B, C, A, D, B) == ("list_del_next_prev", (B, D, C))


def test_an_entry_that_is_already_there_is_a_double_add() -> None:
    assert check_add(A, A, B, A, B) == ("list_add_double", (A, A, B))
    assert check_add(B, A, B, A, B) == ("list_add_double", (B, A, B))


def test_a_poisoned_entry_was_taken_out_before() -> None:
    assert check_ends(B, LIST_POISON1, LIST_POISON2) == ("list_del_poison1", (B, LIST_POISON1))
    assert check_ends(B, C, LIST_POISON2) == ("list_del_poison2", (B, LIST_POISON2))
