"""Addresses are named as the kernel names them."""

from runtime.loader.kallsyms import Symbols

BASE = 0xFFFFFFFFC0000000
CORE = (BASE, BASE + 0x1000, BASE + 0x5000)
INIT = (BASE + 0x8000, BASE + 0x9000, BASE + 0xB000)


def symbols(*named: tuple[int, str]) -> Symbols:
    return Symbols([(BASE + at, name) for at, name in named], CORE, INIT)


def test_the_size_reaches_to_the_next_symbol():
    assert symbols((0, "f"), (0x60, "g")).lookup(BASE + 0x1F) == ("f", 0x1F, 0x60)


def test_the_last_function_ends_with_the_page_of_the_text():
    assert symbols((0, "f"), (0x60, "g")).lookup(BASE + 0x61) == ("g", 1, 0xFA0)
    assert symbols((0x8000, "start")).lookup(BASE + 0x8005) == ("start", 5, 0x1000)


def test_the_size_of_data_wraps_below_zero_as_in_linux():
    # the kernel prints: global+0x0/0xffffffffffffdfe0
    assert symbols((0x3020, "global")).lookup(BASE + 0x3020) == ("global", 0, 0xFFFFFFFFFFFFDFE0)


def test_of_two_symbols_at_one_address_the_first_in_the_file_wins():
    assert symbols((0, "my_init"), (0, "init_module")).lookup(BASE + 4) == ("my_init", 4, 0x1000)


def test_nothing_precedes_the_first_symbol():
    assert symbols((0x10, "f")).lookup(BASE + 0xF) is None


def test_local_labels_and_nameless_symbols_are_passed_over():
    table = symbols((0, "f"), (8, ".Ltmp"), (9, ""), (10, "$x"), (11, "$d.3"), (12, "$dollar"))
    assert table.lookup(BASE + 11) == ("f", 11, 12)
    assert table.lookup(BASE + 12) == ("$dollar", 0, 0x1000 - 12)


def test_names_lead_back_to_addresses():
    table = symbols((0, "f"), (8, "g"))
    assert (table.address("g"), table.address("h")) == (BASE + 8, None)
    assert table.items() == [(BASE, "f"), (BASE + 8, "g")]


def test_after_init_the_names_of_the_init_part_are_gone(sample):
    _, module = sample
    assert module.kallsyms.lookup(module.init)[0] == "sample_init"
    assert module.kallsyms.lookup(module.exit)[0] == "sample_exit"
    module.free_init()
    found = module.kallsyms.lookup(module.init)
    assert found is None or found[0] != "sample_init"
    assert module.kallsyms.address("sample_init") is None
    assert module.kallsyms.lookup(module.exit + 1)[:2] == ("sample_exit", 1)
