"""kmodrun sweep: every call of the modules that may fail does so once; the report on stdout, progress on stderr."""

from argparse import Namespace
from typing import Any

from cli.main import CLEAN, FAULTY, INTERRUPTED, UNSUPPORTED, say
from cli.options import Parser, add_headers, add_machine, number
from cli.outputs import Outputs
from cli.progress import Progress
from cli.scenarios import MACHINE, as_spec, joined, of_operand, with_parameters
from runtime.errors import Usage
from runtime.sweep.parallel import Front
from runtime.sweep.spec import Spec
from toolchain.scenario import Scenario, module_name


def command(argv: list[str]) -> int:
    """Sweep the modules of the command line. Return: the exit status."""
    args = parser().parse_intermixed_args(argv)
    check(args)
    outputs = Outputs(args)
    specs = [spec(scenario, args) for scenario in scenarios(args)]
    front = Front(specs, args.jobs, args.cluster)
    with Progress(args.progress) as progress:
        results = front.run(progress)
    outputs.write(results)
    for result in results:
        if problem := failed(result):
            say(f"{problem}, although nothing was made to fail")
    return say("interrupted", INTERRUPTED) if front.interrupted else status(results)


def status(results: list[dict[str, Any]]) -> int:
    """0 clean; 1 a finding, or the modules do not even load; 3 there is something that kmodrun lacks."""
    if any(result["unsupported"] for result in results):
        return UNSUPPORTED
    return FAULTY if any(result["findings"] or failed(result) for result in results) else CLEAN


def failed(sweep: dict[str, Any]) -> str:
    """What the normal run did that its scenario does not expect: `insmod foo: ENOMEM`; "" for nothing."""
    result = str(sweep["scenarios"][0]["result"])
    return "" if result.partition(": ")[2].startswith("unsupported") else result


def parser() -> Parser:
    """What the command takes."""
    made = Parser("sweep", "MODULE...",
                  "Run modules again and again, and let each call that may fail do so once: every allocation, and "
                  "every kernel function that says how it fails. What a failure makes of the modules is reported: "
                  "memory that is lost, freed memory that is used, an oops, a hang. Several modules are loaded in the "
                  "order given and removed in reverse, as by run; with --each, each of them is swept alone. A "
                  "NAME.kmodrun beside a module says what is done with it, step by step; without one it is loaded "
                  "and removed. Exit status: 0 clean; 1 a finding, or init fails by itself; 2 usage; 3 unsupported.")
    add = made.add_argument
    add("modules", nargs="+", metavar="MODULE", help="a .ko, a .c that is built first, or a .kmodrun")
    add("--each", action="store_true", help="sweep each module by itself")
    add("--param", action="append", default=[], metavar="[m.]k=v", help="a module parameter (m.: of the module m)")
    depth = made.add_mutually_exclusive_group()
    depth.add_argument("--pairs", action="store_const", const=2, dest="depth", default=1,
                       help="also two failures in one run")
    depth.add_argument("--depth", type=number, default=1, metavar="N", help="up to N failures in one run (default: 1)")
    add("--all", action="store_true", help="let each call fail, not one for each call stack")
    add("--fork", action="store_true", help="a child process for each failure: slow, with the same result")
    add("--jobs", type=number, default=1, metavar="N", help="spread the work over N processes")
    add("--cluster", metavar="ADDRESS", help="spread the work over a Dask cluster, such as tcp://host:8786")
    add("--progress", action="store_true", default=None, help="show progress, also where stderr is no terminal")
    add_checks(made)
    add_machine(made)
    add_reports(made)
    add_headers(made)
    return made


def add_checks(made: Parser) -> None:
    """Add what a sweep looks for besides."""
    fences = made.add_mutually_exclusive_group()
    fences.add_argument("--fences", choices=["left", "right", "both"], default="right",
                        help="the end of an object where the first byte beyond it faults; both: two sweeps "
                             "(default: right)")
    fences.add_argument("--no-fences", action="store_const", const="", dest="fences", default="right",
                        help="memory lies as in Linux")
    made.add_argument("--no-uninit", action="store_false", dest="uninit",
                      help="do not look for uninitialised memory, which takes more runs")
    made.add_argument("--uninit", action="store_true", default=True, help="look for it (default)")


def add_reports(made: Parser) -> None:
    """Add the files that a result is written to."""
    add = made.add_argument
    add("--json", metavar="FILE", help="write the result as JSON; - is stdout, instead of the report")
    add("--junit", metavar="FILE", help="write JUnit XML: a test case for each failure")
    add("--sarif", metavar="FILE", help="write SARIF 2.1.0, as code hosts show it beside the source")
    add("--html", metavar="FILE", help="write one HTML file, to be read offline")
    add("--coverage", metavar="FILE", help="write line and branch coverage for lcov and genhtml (lcov.info)")


def check(args: Namespace) -> None:
    """Complain of options that make no sense, before anything takes time."""
    if not args.depth:
        raise Usage("--depth 0: at least one call fails in each run")
    if not args.jobs:
        raise Usage("--jobs 0: somebody has to do the work")
    if args.cluster and args.jobs > 1:
        raise Usage("--jobs and --cluster: the work is spread over processes, or over a cluster")


def scenarios(args: Namespace) -> list[Scenario]:
    """What is swept: one scenario, or with --each one for each operand."""
    each = [of_operand(name, args) for name in args.modules]
    if not args.each:
        made = joined(each)
        own = module_name(made.name) if len(each) == 1 else ""
        return [with_parameters(made, args.param, own if own in made.modules else "")]
    return [with_own_parameters(scenario, args.param) for scenario in each]


def with_own_parameters(scenario: Scenario, options: list[str]) -> Scenario:
    """With --each: `k=v` is for every module, `m.k=v` for m wherever it is loaded."""
    own = [option for option in options
           if "." not in (key := option.partition("=")[0]) or module_name(key.rpartition(".")[0]) in scenario.modules]
    name = module_name(scenario.name)
    return with_parameters(scenario, own, name if name in scenario.modules else "")


def spec(scenario: Scenario, args: Namespace) -> Spec:
    """A scenario with all that the options say of it."""
    machine = {name: getattr(args, name) for name in MACHINE} | {"fences": args.fences}
    headers = ["--bundled"] if args.bundled else ["--kernel", args.kernel] if args.kernel else []
    return as_spec(scenario, args, machine, headers, depth=args.depth, every_event=args.all, fork=args.fork,
                   coverage=bool(args.coverage or args.html or args.json), uninit=args.uninit,
                   observe=bool(args.html or args.json))
