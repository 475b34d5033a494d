"""Mutants of the clean modules: one statement that gives something back is deleted, or done twice.

A mutant differs from its module in one line, and no line moves: `kfree(p);` becomes `;` or `do { kfree(p); kfree(p); }
while (0);`, so that the statement may be the only one of an `if`, or stand behind a label.
"""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from runtime.report.result import place
from runtime.sweep import Spec, sweep
from tests import expectations
from tests.corpus import MODULES
from toolchain import kbuild
from toolchain.cache import cache_directory

# What gives back memory, references, registrations, locks, contexts.
_CLEANUP = (
    r"k\w*free\w*|v(?:free|unmap)|__free_pages?|free_(?:page|pages|percpu)|kmem_cache_(?:free|destroy)|mempool_(?:free|destroy)"
    r"|(?:idr|xa|ida)_destroy|bitmap_free|argv_free|sg_free_table|put_page|folio_put|kref_put|misc_deregister"
    r"|proc_remove|remove_proc_entry|spin_unlock\w*|mutex_unlock|up_(?:read|write)|local_irq_restore|rcu_read_unlock"
    r"|local_bh_enable|put_cpu\w*|preempt_enable|kunmap_atomic|(?:read|write)_unlock"
)
_STATEMENT = re.compile(rf"^(\s*(?:if \([^;]*\) )?)((?:{_CLEANUP})\([^;]*\);)(?P<rest>[^;]*)$")
_NOTHING = re.compile(r"\((?:NULL|0|ZERO_SIZE_PTR)\)")  # what frees nothing is no cleanup
DELETE, TWICE = "delete", "twice"
_BLOCKS = 10_000_000
# They allocate until there is nothing left, or clear much memory: their sweeps take seconds.
_LONG = {"alloc_failure_report", "gfp_context", "gfp_failure", "init_on_alloc", "kvmalloc_sizes", "vmalloc_variants"}
# All that they free is NULL or ZERO_SIZE_PTR.
_EMPTY = {"kmalloc_zero", "vmalloc_failure_report"}


class Mutant(NamedTuple):
    """line: of the source, from 1. how: DELETE or TWICE. text: the source, changed."""

    source: Path
    line: int
    how: str
    statement: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.source.stem}_{self.line}_{self.how}"

    def __str__(self) -> str:
        return f"{self.source.stem}.c:{self.line}: {self.how} {self.statement}"


def clean_modules() -> list[Path]:
    """The clean twins, and modules of one file about memory."""
    memory = [path for path in sorted((MODULES / "memory").glob("*.c")) if not path.with_suffix(".kmodrun").exists()]
    twins = sorted((MODULES / "bugs").glob("*_fixed.c"))
    memory = [path for path in memory if path.stem not in _LONG | _EMPTY]
    return [*(MODULES / "lecture").glob("slab_test.c"), *twins, *memory]


def mutants(source: Path) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    lines, made = source.read_text().split("\n"), []
    for index, line in enumerate(lines):
        found = _STATEMENT.match(line)
        if found and not _NOTHING.search(found[2]):
            before, statement = found[1], found[2]
            for how, instead in ((DELETE, ";"), (TWICE, f"do {{ {statement} {statement} }} while (0);")):
                changed = "\n".join([*lines[:index], f"{before}{instead}{found['rest']}", *lines[index + 1 :]])
                made.append(Mutant(source, index + 1, how, statement, changed))
    return made


def build(made: list[Mutant], jobs: int) -> list[Path]:
    """The .ko of each: jobs kbuilds at once, each of many modules. Raises: BuildError; LookupError without headers."""
    headers = kbuild.find_headers()
    if headers is None:
        raise LookupError("no kernel headers: apt install linux-headers-amd64")
    directory = cache_directory() / "mutants"
    directory.mkdir(parents=True, exist_ok=True)
    sources = [directory / f"{mutant.name}.c" for mutant in made]
    for source, mutant in zip(sources, made, strict=True):
        if not source.exists() or source.read_text() != mutant.text:
            source.write_text(mutant.text)
    parts = [sources[first::jobs] for first in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        built = list(pool.map(partial(kbuild.build_together, headers=headers), filter(None, parts)))
    by_name = {path.stem: path for part in built for path in part}
    return [by_name[mutant.name] for mutant in made]


def findings(mutant: Mutant, module: Path) -> list[str]:
    """What a sweep finds in a mutant besides what its module has: `leak: 100 bytes from a slab ... (line 17)`."""
    name = mutant.name
    steps = (("insmod", name, "", ""), ("rmmod", name, "", ""))
    config = {"memory": "64M", "fences": "right", "blocks": _BLOCKS}
    result = sweep(Spec({name: module.read_bytes()}, {}, steps, config, every_event=True))
    usual = {(each.kind, int(each.where.partition(":")[2])) for each in expectations.of_source(mutant.source)}
    found = []
    for each in result["findings"]:
        frame = place(each)
        line = frame["line"] if frame else 0
        if (each["kind"], line) not in usual:
            found.append(f"{each['kind']}: {each['message']} (line {line})")
    return found


def survivors(made: Iterable[tuple[Mutant, Path]]) -> list[Mutant]:
    """Those in which nothing is found."""
    return [mutant for mutant, module in made if not findings(mutant, module)]
