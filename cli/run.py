"""kmodrun run: load modules, remove them in reverse; the log on stdout, memory and findings on stderr."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.main import insist_on_interrupts
from cli.modules import as_ko, parameters
from cli.options import Parser, add_headers, add_machine
from runtime.errors import Usage
from toolchain.scenario import module_name

if TYPE_CHECKING:
    from cli.session import Session
    from runtime.sweep.spec import Spec


def command(argv: list[str]) -> int:
    """Run the modules that the command line names. Return: the exit status."""
    args = parser().parse_intermixed_args(argv)
    if args.coverage is not None and not args.coverage.parent.is_dir():
        raise Usage(f"--coverage {args.coverage}: there is no such directory")
    check_plans(args.fail)
    if any(name.endswith(".kmodrun") for name in args.modules):
        return run_scenario(args)
    modules = [as_ko(name, args) for name in args.modules]
    given = parameters(args.param, [path.stem for path in modules])
    from cli.session import Session
    insist_on_interrupts()
    with Session(args) as session:
        run(session, args, modules, given)
        if args.coverage is not None:
            write_coverage(session, args.coverage)
        if args.uninit:
            look_for_uninitialised(session, args.keep, modules, given)
        return session.report()


def run_scenario(args: Namespace) -> int:
    """Run what a scenario says. Return: the exit status."""
    from cli.session import Session
    from cli.steps import follow, read
    scenario = read(args)
    with Session(args) as session:
        spec = follow(session, scenario, args)
        if args.coverage is not None:
            write_coverage(session, args.coverage)
        if args.uninit:
            look_again(session, spec)
        return session.report()


def check_plans(texts: list[str]) -> None:
    """Read them, before anything is built. Raises: Usage."""
    if texts:
        from runtime.inject.text import parse
        for text in texts:
            parse(text)


def run(session: "Session", args: Namespace, modules: list[Path], given: dict[str, dict[str, str]]) -> None:
    """Load the modules, remove them again unless they are to be kept, and show /proc files before and after."""
    session.show_proc("before")
    if session.load(modules, given) and args.keep:
        session.show_proc("with the modules loaded")
        return
    session.unload()
    session.show_proc("after")


def write_coverage(session: "Session", path: Path) -> None:
    """Write the tracefile, and say on stderr of what there is none."""
    from runtime.coverage.lcov import lcov
    coverage = session.machine.coverage()
    path.write_text(lcov({"coverage": coverage}), encoding="utf-8")
    if not coverage["lines"]:
        print("kmodrun: warning: no module that ran has line information (gcc -g): the coverage is empty",
              file=sys.stderr)


def look_for_uninitialised(
    session: "Session", keep: bool, modules: list[Path], given: dict[str, dict[str, str]]
) -> None:
    """Run all again, on other machines, with other contents of what nobody has defined."""
    from cli.scenarios import as_words
    from runtime.sweep.spec import of_modules
    contents = {module_name(path.stem): path.read_bytes() for path in modules}
    arguments = {name: as_words(given[name]) for name in contents}
    spec = of_modules(contents, arguments, config=session.settings, uninit=True)
    look_again(session, spec._replace(steps=spec.steps[: len(contents)]) if keep else spec)


def look_again(session: "Session", spec: "Spec") -> None:
    """Add what the other runs find."""
    from runtime.sweep.besides import notes, uninitialised
    session.more += [finding for _, finding in uninitialised(spec).findings.values()]
    session.notes += notes(spec)


def parser() -> Parser:
    """What the command takes."""
    made = Parser("run", "MODULE...",
                  "Load modules into an emulated kernel: init in the order given, then exit in reverse. "
                  "The kernel log goes to stdout, memory and findings to stderr.")
    add = made.add_argument
    add("modules", nargs="+", metavar="MODULE", help="a .ko, or a .c that is built first; or one .kmodrun")
    add("--param", action="append", default=[], metavar="[m.]k=v", help="a module parameter (m.: of the module m)")
    add("--arch", default="x86_64", choices=["x86_64"], help="the guest's architecture")
    add_machine(made)
    add("--fail", action="append", default=[], metavar="PLAN",
        help="what fails, and when: 'kmalloc nth=3', 'site=foo.c:42', 'p=5%% seed=7'; several: any of them")
    add("--strict", action="store_true", help="refuse a module with other symbol versions, as Linux does")
    add("--keep", action="store_true", help="do not run exit")
    add("--raw", action="store_true", help="log lines as <level>text, without a time")
    add("--json", action="store_true", help="one JSON object on stdout instead")
    add("--check", action="store_true",
        help="look harder for bugs: each object lies alone beside unmapped memory, what is freed is unmapped, caches "
             "are not merged; and all that --uninit does")
    add("--fences", choices=["left", "right"],
        help="with --check: the end of an object where the first byte beyond it faults (default: right)")
    add("--uninit", action="store_true",
        help="look for uninitialised memory: run the modules again with other contents of what nobody has defined, "
             "and see what they do otherwise")
    add("--coverage", type=Path, metavar="FILE",
        help="write the lines and branches that ran as an lcov tracefile, for genhtml and its kin")
    add("--proc", action="append", default=[], metavar="NAME[,NAME]",
        help="show /proc/NAME before and after: buddyinfo, slabinfo, meminfo, zoneinfo, pagetypeinfo, vmallocinfo, "
             "modules, devices, misc")
    add_headers(made)
    return made
