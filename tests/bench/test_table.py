from tests.bench.table import TRAP, Ratio, Row, amount, is_over, measure, report


def constant(value: float):
    return lambda: value


def test_samples_are_interleaved_in_alternating_order() -> None:
    order: list[str] = []
    values = {"a": iter([1.0, 9.0, 2.0]), "b": iter([5.0, 4.0, 6.0])}

    def sample(name: str):
        def take() -> float:
            order.append(name)
            return next(values[name])
        return take

    assert measure([Row("a", sample("a")), Row("b", sample("b"))], 3) == {"a": [1.0, 9.0, 2.0], "b": [5.0, 4.0, 6.0]}
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_a_row_with_two_limits_is_over_only_beyond_both() -> None:
    row = Row("kmalloc", constant(0), limit=3e-6, traps=12)
    assert not is_over(row, 3.5e-6, 0.5e-6)
    assert not is_over(row, 2.9e-6, 0.1e-6)
    assert is_over(row, 6.5e-6, 0.5e-6)


def test_a_row_without_limit_is_never_over() -> None:
    assert not is_over(Row("x", constant(0)), 1e9, 1e-6)


def test_a_missed_bound_turns_the_report_red() -> None:
    rows = [Row(TRAP, constant(0), limit=1e-6), Row("stock", constant(0))]
    ratio = Ratio("stock over ours", "stock", TRAP, at_least=15)
    assert report(rows, [ratio], {TRAP: [0.5e-6], "stock": [8e-6]})[1]
    assert not report(rows, [ratio], {TRAP: [0.5e-6], "stock": [7e-6]})[1]
    assert not report(rows, [ratio], {TRAP: [2e-6], "stock": [80e-6]})[1]


def test_the_last_line_is_the_verdict() -> None:
    rows = [Row(TRAP, constant(0), limit=1e-6), Row("stock", constant(0))]
    ratio = Ratio("stock over ours", "stock", TRAP, at_least=15)
    assert report(rows, [ratio], {TRAP: [0.5e-6], "stock": [8e-6]})[0][-1] == "all are within their limits"
    assert report(rows, [ratio], {TRAP: [2e-6], "stock": [8e-6]})[0][-1] == (
        "beyond their limits: empty trap; stock over ours")


def test_amounts_use_the_unit_that_fits() -> None:
    assert [amount(v, "s") for v in (2.0, 0.0151, 2.7e-7, 0.0)] == ["2 s", "15.1 ms", "270 ns", "0 ns"]
    assert [amount(v, "B") for v in (0, 5 << 20)] == ["0 B", "5 MiB"]


def test_rows_show_medians_and_ratios_are_of_the_same_round() -> None:
    rows = [Row("ours", constant(0)), Row("theirs", constant(0))]
    ratio = Ratio("ours / theirs", "ours", "theirs", at_most=1)
    lines, fine = report(rows, [ratio], {"ours": [1.0, 9.0, 4.0], "theirs": [2.0, 18.0, 3.0]})
    assert [line.split()[1] for line in lines[1:3]] == ["4", "3"]
    assert (lines[3].split()[3], fine) == ("0.5", True)
