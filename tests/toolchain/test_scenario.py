"""Scenario files."""

from pathlib import Path

import pytest

from runtime.errors import Usage
from toolchain.scenario import Step, of_module, parse, with_parameters, with_steps


def write(directory: Path, text: str) -> Path:
    source = directory / "my-module.c"
    source.write_text("")
    (directory / "other.c").write_text("")
    source.with_suffix(".kmodrun").write_text(text)
    return source


def test_without_a_scenario_a_module_is_loaded_and_removed(tmp_path: Path) -> None:
    source = tmp_path / "my-module.c"
    made = of_module(source)
    assert [str(step) for step in made.steps] == ["@@INSMOD my_module", "@@RMMOD my_module"]
    assert made.modules == {"my_module": source}


def test_a_scenario_names_steps_parameters_and_results(tmp_path: Path) -> None:
    lines = "# words", "", "insmod other", "insmod my-module a=1 b='x  y' -> EINVAL", "do echo a -> b", "proc modules"
    source = write(tmp_path, "\n".join(lines))
    made = of_module(source)
    assert made.steps == (Step("insmod", "other"), Step("insmod", "my_module", "a=1 b='x  y'", "EINVAL"),
                          Step("do", "echo a -> b"), Step("proc", "modules"))
    assert made.modules == {"my_module": source, "other": tmp_path / "other.c"}


@pytest.mark.parametrize("line", ["load x", "insmod", "rmmod a b"])
def test_a_wrong_line_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(Usage, match=r"my-module\.kmodrun:2: "):
        of_module(write(tmp_path, f"insmod other\n{line}\n"))


def test_a_module_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"no nowhere\.c"):
        of_module(write(tmp_path, "insmod nowhere\n"))


def test_more_steps_come_while_the_module_is_loaded(tmp_path: Path) -> None:
    made = with_steps(of_module(tmp_path / "a.c"), [parse("do ls")])
    assert [step.verb for step in made.steps] == ["insmod", "do", "rmmod"]


def test_other_parameters_replace_those_of_the_scenario(tmp_path: Path) -> None:
    made = with_parameters(of_module(write(tmp_path, "insmod other x=1\ninsmod my_module x=1\n")), "x=2")
    assert [step.arguments for step in made.steps] == ["x=1", "x=2"]
