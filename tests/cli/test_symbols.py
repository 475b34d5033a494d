import json
from collections.abc import Callable
from pathlib import Path

from cli.symbols import examine


def rows(path: Path, provided: dict[str, str], exported: dict[str, str] | None = None) -> dict[str, dict]:
    found = examine(path, provided.get, {} if exported is None else exported)
    return {row["name"]: row for row in found["symbols"]}


def test_a_provided_symbol_names_its_file(imports_ko: Path) -> None:
    found = rows(imports_ko, {"_printk": "kapi/printk.py"})["_printk"]
    assert (found["state"], found["by"], found["kind"]) == ("provided", "kapi/printk.py", "function")


def test_what_linux_exports_and_nobody_provides_is_unsupported(imports_ko: Path) -> None:
    found = rows(imports_ko, {})
    assert {name: (found[name]["state"], found[name]["kind"]) for name in ("_printk", "jiffies")} == {
        "_printk": ("unsupported", "function"), "jiffies": ("unsupported", "data")}


def test_the_consequence_of_a_missing_variable_is_not_that_of_a_function(imports_ko: Path) -> None:
    found = rows(imports_ko, {})
    assert found["_printk"]["consequence"] == "a call of it stops the run"
    assert found["jiffies"]["consequence"] == "the load is refused"


def test_a_weak_symbol_that_nobody_provides_is_zero(imports_ko: Path) -> None:
    found = rows(imports_ko, {})["absent"]
    assert (found["state"], found["consequence"]) == ("weak", "it is 0")


def test_the_exports_of_an_earlier_module_serve_a_later_one(imports_ko: Path, params_ko: Path) -> None:
    exported: dict[str, str] = {}
    examine(params_ko, lambda name: None, exported)
    assert exported == {"exported_thing": "params"}
    assert rows(imports_ko, {}, {"_printk": "params"})["_printk"]["by"] == "module params"


def test_a_gpl_only_symbol_is_unknown_to_a_proprietary_module(params_ko: Path) -> None:
    from cli.kofile import Import, KoFile
    from cli.symbols import row
    wanted = Import("synchronize_rcu", False)
    module = KoFile(params_ko)
    assert row(wanted, module, lambda name: "kapi/rcu.py", {})["state"] == "provided"
    module.info.tags = [("license", "Proprietary")]
    refused = row(wanted, module, lambda name: "kapi/rcu.py", {})
    assert refused["state"] == "unknown"
    assert "not GPL" in refused["consequence"]


def test_the_lectures_module_has_all_that_it_needs(kmodrun: Callable, params_ko: Path) -> None:
    done = kmodrun("symbols", "--json", "modules/lecture/slab_test.c")
    assert (done.returncode, done.stderr) == (0, "")
    symbols = {row["name"]: row for row in json.loads(done.stdout)["modules"][0]["symbols"]}
    assert symbols["kmem_cache_alloc"]["by"] == "kapi/slab.py"
    assert {row["state"] for row in symbols.values()} == {"provided"}


def test_a_missing_symbol_is_listed_first_and_is_status_3(kmodrun: Callable, imports_ko: Path) -> None:
    done = kmodrun("symbols", imports_ko)
    assert done.returncode == 3
    assert done.stdout.splitlines()[1].split()[:2] == ["register_netdev", "unsupported"]
