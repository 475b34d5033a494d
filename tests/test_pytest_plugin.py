"""The pytest plugin, as those who write tests see it: outcomes, ids, what a failure prints."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from toolchain.kbuild import find_headers

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[1]
BEHAVE, FAULTY = ROOT / "tests/cli/behave.c", ROOT / "tests/cli/faulty.c"
EXAMPLE = ROOT / "tests/example_project"
RINGLOG = EXAMPLE / "ringlog.c"
NORMAL = "normal"
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on a test file's text: run(text, "-v"). BEHAVE and FAULTY in it are modules."""
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("CI", raising=False)

    def go(text: str, *options: str) -> pytest.RunResult:
        head = f"import pytest\nBEHAVE, FAULTY, RINGLOG = {str(BEHAVE)!r}, {str(FAULTY)!r}, {str(RINGLOG)!r}\n"
        pytester.makepyfile(test_driver=head + text)
        return pytester.runpytest_subprocess("-p", "pytest_kmodrun", "-p", "no:cacheprovider", *options)
    return go


def line_of(text: str, source: Path = FAULTY) -> int:
    return source.read_text().split(text)[0].count("\n") + 1


EARLY = f"insmod-kmalloc-faulty.c:{line_of('kfree(kmalloc(8')}"
FIRST, SECOND = line_of("first = kmalloc"), line_of("second = vmalloc")
KMALLOC, VMALLOC = f"insmod-kmalloc-faulty.c:{FIRST}", f"insmod-vmalloc-faulty.c:{SECOND}"


def test_a_machine_is_fresh_for_each_test_and_made_as_the_mark_says(run: Run) -> None:
    run('''
pytestmark = pytest.mark.machine(memory="64M", cpus=3)

def test_one(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="well")
    assert machine.dmesg()[-1].text == "behave: behave well"
    machine.rmmod("behave")

@pytest.mark.machine(memory="32M", fences="right")
def test_two(machine):
    assert machine.dmesg() == []
    assert (machine.config.memory, machine.config.cpus, machine.config.fences) == (32 << 20, 3, "right")
''').assert_outcomes(passed=2)


def test_a_finding_fails_the_test_with_its_text_and_without_our_internals(run: Run) -> None:
    done = run('''
def test_leaks(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="leak")
    machine.rmmod("behave")
''')
    done.assert_outcomes(failed=1)
    line = line_of("this line leaks", BEHAVE)
    done.stdout.fnmatch_lines([f"behave.c:{line}: leak: 100 bytes*", "*void [*]p = kmalloc(size, GFP_KERNEL);*",
                               f"FAILED test_driver.py::test_leaks - *behave.c:{line}: leak*"])
    assert "pytest_plugin" not in str(done.stdout)
    assert "Traceback" not in str(done.stdout)


def test_a_finding_that_is_taken_out_is_expected(run: Run) -> None:
    run('''
def test_expects_it(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="leak")
    machine.rmmod("behave")
    assert [finding.kind for finding in machine.findings] == ["leak"]
    machine.findings.clear()

@pytest.mark.machine(rewindable=True)
def test_pops_it(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="leak")
    machine.rmmod("behave")
    assert machine.findings.pop().kind == "leak"
''').assert_outcomes(passed=2)


def test_what_is_still_loaded_is_removed_and_its_leaks_count(run: Run) -> None:
    done = run('''
def test_forgets_rmmod(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="leak")
''')
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*ERROR at teardown of test_forgets_rmmod*", "behave.c:*: leak: 100 bytes*"])


def test_insmod_raises_the_error_and_the_traceback_ends_in_the_test(run: Run) -> None:
    done = run('''
def test_catches(machine, kmod):
    with pytest.raises(OSError) as problem:
        machine.insmod(kmod(BEHAVE), how="fail")
    assert problem.value.errno == 12

def test_does_not(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="fail")
''')
    done.assert_outcomes(passed=1, failed=1)
    assert "runtime/" not in str(done.stdout)
    done.stdout.fnmatch_lines([">*machine.insmod(kmod(BEHAVE), how=\"fail\")", "E *Errno 12*",
                               "*Captured kernel log call*", "behave: behave fail"])


def test_an_oops_shows_finding_and_log(run: Run) -> None:
    done = run('''
def test_oopses(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="null")
''')
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*Captured findings call*", f"behave.c:{line_of('*(volatile', BEHAVE)}: null-deref: *",
                               "*Captured kernel log call*", "BUG: kernel NULL pointer dereference*"])


def test_what_kmodrun_lacks_skips_the_test_with_the_reason(run: Run) -> None:
    done = run('''
def test_gap(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="gap")

@pytest.mark.fault_sweep(FAULTY, params={"how": "gap"})
def test_sweep():
    pass
''', "-rs")
    done.assert_outcomes(skipped=2, passed=2)
    done.stdout.fnmatch_lines(["SKIPPED*unsupported: register_netdev() called from gap+0x*"] * 2, consecutive=True)


def test_wrong_words_fail_the_test_in_one_line(run: Run) -> None:
    done = run('''
@pytest.mark.machine(memory="1M")
def test_small(machine):
    pass

@pytest.mark.machine(colour="red")
def test_colour(machine):
    pass

def test_absent(kmod):
    kmod("absent.c")

@pytest.mark.fault_sweep("absent.c")
def test_sweep():
    pass

@pytest.mark.fault_sweep(FAULTY, colour="red")
def test_argument():
    pass

@pytest.mark.fault_sweep
def test_nothing():
    pass

def test_no_sweep(scenario):
    pass
''')
    done.assert_outcomes(failed=1, errors=6)
    assert "Traceback" not in str(done.stdout)
    assert "cli/pytest" not in str(done.stdout)
    for words in ("memory of 1048576 bytes", "machine: no such argument: 'colour'", "absent.c: no such file",
                  "no such argument: colour (",
                  "of which module?", "is for tests with @pytest.mark.fault_sweep"):
        done.stdout.fnmatch_lines([f"*{words}*"])


def test_a_module_that_does_not_compile_fails_with_the_compilers_words(run: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("broken.c").write_text("#include <linux/module.h>\nint broken(void) { return nothing; }\n")
    done = run('''
def test_build(kmod):
    kmod("broken.c")

@pytest.mark.fault_sweep("broken.c")
def test_sweep():
    pass
''')
    done.assert_outcomes(failed=1, errors=1)
    done.stdout.fnmatch_lines(["*broken.c:2:*nothing*undeclared*"] * 2)


@pytest.mark.parametrize("headers", ["bundled", "auto"])
def test_the_ini_option_chooses_the_headers(run: Run, pytester: pytest.Pytester, headers: str) -> None:
    pytester.makeini(f"[pytest]\nkmodrun_headers = {headers}\n")
    done = run('''
def test_build(kmod):
    from pathlib import Path
    from toolchain import build
    assert [kmod(RINGLOG) == build(Path(RINGLOG), bundled=bundled) for bundled in (True, False)] == BUNDLED
'''.replace("BUNDLED", str([headers == "bundled", headers == "auto"])))
    done.assert_outcomes(passed=1)


SWEEP = '''
@pytest.mark.fault_sweep(FAULTY, params={"how": "leak"})
def test_faults():
    pass
'''


def test_each_fault_point_is_a_test_with_a_readable_id(run: Run) -> None:
    done = run(SWEEP, "-v")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines([f"*::test_faults?{NORMAL}? PASSED*", f"*::test_faults?{KMALLOC}? PASSED*",
                               f"*::test_faults?{VMALLOC}? FAILED*"])


def test_a_failure_prints_the_finding_and_its_replay(run: Run) -> None:
    done = run(SWEEP)
    done.stdout.fnmatch_lines([
        f"faulty.c:{FIRST}: leak: 100 bytes from kmalloc are lost when vmalloc at faulty.c:{SECOND} fails",
        "*first = kmalloc(100, GFP_KERNEL);*",
        "*replay with kmodrun run *faulty.c --param how=leak --check --fail nth=2"])
    assert "pytest_" not in str(done.stdout).replace("pytest_kmodrun", "")


def test_a_test_looks_at_its_scenario(run: Run) -> None:
    run(f'''
@pytest.mark.fault_sweep(FAULTY, params="how=leak", fences="both")
def test_faults(scenario, request):
    assert scenario.result == ("insmod faulty: ENOMEM" if scenario.site else "")
    assert scenario.verdict == {{"": "clean", "kmalloc at faulty.c:{FIRST}": "handled",
                                "vmalloc at faulty.c:{SECOND}": "findings"}}[scenario.site]
    assert ("how=leak" in scenario.replay) and ("--fail" in scenario.replay) == bool(scenario.site)
    assert "loading out-of-tree module" in scenario.log
    if scenario.verdict == "findings":
        found = scenario.findings.pop()
        assert (found.kind, found.line) == ("leak", {FIRST})
        assert found.file.endswith("faulty.c")
        assert "100 bytes" in found.message
''').assert_outcomes(passed=3)


def test_marks_of_the_function_and_of_pytest_go_with_a_sweep(run: Run) -> None:
    run('''
@pytest.mark.xfail
@pytest.mark.parametrize("word", ["a", "b"])
@pytest.mark.fault_sweep(FAULTY, params={"how": "oops"})
def test_faults(word):
    pass

class TestAll:
    pytestmark = [pytest.mark.fault_sweep(FAULTY), pytest.mark.fault_sweep(BEHAVE)]

    def test_faults(self):
        pass
''').assert_outcomes(xfailed=2, xpassed=4, passed=4)


@pytest.mark.parametrize(("arguments", "ids"), [
    ("depth=2, params='how=ignore'", [NORMAL, KMALLOC, VMALLOC]),
    ("params={'many': 2}", [NORMAL, EARLY, KMALLOC, VMALLOC]),
    ("params={'many': 2}, all=True", [NORMAL, f"{EARLY}-nth=1", f"{EARLY}-nth=2", KMALLOC, VMALLOC]),
    ("params={'many': 1}, depth=2, memory='64M', seed=7, fork=True",
     [NORMAL, EARLY, f"{EARLY}+kmalloc-faulty.c:{FIRST}", f"{EARLY}+vmalloc-faulty.c:{SECOND}", KMALLOC, VMALLOC]),
])  # fmt: skip
def test_ids_say_what_fails(run: Run, arguments: str, ids: list[str]) -> None:
    done = run(f"@pytest.mark.fault_sweep(FAULTY, {arguments})\ndef test_it():\n    pass\n", "--collect-only", "-q")
    assert [line.partition("::")[2] for line in done.outlines if "::" in line] == [f"test_it[{name}]" for name in ids]


def test_a_normal_run_that_fails_is_a_failure_with_its_log(run: Run) -> None:
    done = run('''
@pytest.mark.fault_sweep(BEHAVE, params={"how": "fail"})
def test_faults():
    pass
''')
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["insmod behave: ENOMEM, although nothing was made to fail", "behave: behave fail"])


def test_one_id_is_run_alone(run: Run) -> None:
    run(SWEEP, f"test_driver.py::test_faults[{VMALLOC}]").assert_outcomes(failed=1)
    run(SWEEP, "-k", "kmalloc").assert_outcomes(passed=1, deselected=2)


def test_workers_of_xdist_have_the_same_tests_and_all_reports_are_written(run: Run, pytester: pytest.Pytester) -> None:
    leaks = SWEEP + '''
def test_leaks(machine, kmod):
    machine.insmod(kmod(BEHAVE), how="leak")
    machine.rmmod("behave")
'''
    done = run(leaks, "-n", "2", "--junitxml", "junit.xml", "--kmodrun-sarif", "found.sarif")
    done.assert_outcomes(passed=2, failed=2)
    suite = ElementTree.parse(pytester.path / "junit.xml").getroot()[0]
    assert {case.get("name") for case in suite} == {*(f"test_faults[{name}]" for name in (NORMAL, KMALLOC, VMALLOC)),
                                                   "test_leaks"}
    assert all("leak: 100 bytes" in str(case[0].text) for case in suite if len(case))
    results = sarif(pytester)
    assert sorted((result["ruleId"], place(result)) for result in results) == [
        ("leak", f"behave.c:{line_of('this line leaks', BEHAVE)}"), ("leak", f"faulty.c:{FIRST}")]


def sarif(pytester: pytest.Pytester) -> list[dict]:
    log = json.loads((pytester.path / "found.sarif").read_text())
    assert log["version"] == "2.1.0"
    return [result for run in log["runs"] for result in run["results"]]


def place(result: dict) -> str:
    where = result["locations"][0]["physicalLocation"]
    return f"{Path(where['artifactLocation']['uri']).name}:{where['region']['startLine']}"


def test_sarif_has_what_was_found_in_this_process_and_nothing_twice(run: Run, pytester: pytest.Pytester) -> None:
    done = run(SWEEP + SWEEP.replace("test_faults", "test_again"), "--kmodrun-sarif", "found.sarif")
    done.assert_outcomes(passed=4, failed=2)
    assert [place(result) for result in sarif(pytester)] == [f"faulty.c:{FIRST}"]
    run("def test_nothing():\n    pass\n", "--kmodrun-sarif", "found.sarif").assert_outcomes(passed=1)
    assert sarif(pytester) == []


def test_a_run_that_does_not_use_it_imports_nothing_of_it(run: Run) -> None:
    run('''
import sys

def test_imports():
    assert "pytest_kmodrun" in sys.modules
    assert not {"cli", "runtime", "toolchain", "kapi", "unicorn"} & set(sys.modules)
''').assert_outcomes(passed=1)


def example(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pytest", "-p", "pytest_kmodrun", *options], cwd=directory, text=True,
                          capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT), "CI": ""})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project."""
    for path in EXAMPLE.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def workflow() -> list[str]:
    """The options of pytest in the example's CI."""
    [line] = [line for line in (EXAMPLE / "workflow.yml").read_text().splitlines() if "run: pytest " in line]
    return line.partition("run: pytest ")[2].split()


def test_the_example_fails_at_the_error_path_that_leaks(project: Path) -> None:
    done = example(project, *workflow())
    readme = (EXAMPLE / "README.md").read_text()
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    assert done.returncode == 1
    assert len(failed) == 1
    assert failed[0].split(" - ")[0] in readme
    [finding] = [line for line in done.stdout.splitlines() if line.startswith("ringlog.c:")]
    assert finding in readme
    assert ElementTree.parse(project / "junit.xml").getroot()[0].get("failures") == "1"
    assert json.loads((project / "findings.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "leak"


def test_the_example_passes_with_the_fix_of_its_readme(project: Path) -> None:
    source = (project / "ringlog.c").read_text()
    wrong, label = "goto no_text;\t/* and who frees the text? */", "\tfree_percpu(r->hits);\n\tvfree(r->text);"
    assert source.count(wrong) == source.count(label) == 1
    fixed = source.replace(wrong, "goto no_hits;").replace(label, label.replace("\tvfree", "no_hits:\n\tvfree"))
    (project / "ringlog.c").write_text(fixed)
    done = example(project)
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
