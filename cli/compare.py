"""kmodrun compare: the same modules here and in the real Linux kernel under QEMU, the two logs beside each other."""

import sys
from argparse import Namespace
from pathlib import Path

from cli.main import CLEAN, FAULTY, UNSUPPORTED
from cli.modules import as_ko, parameters
from cli.options import Parser, add_headers, number
from cli.ourside import perform
from cli.scenarios import built
from cli.sidebyside import Verdict, as_dict, lines, milliseconds, render
from runtime.report.style import Style, plural
from toolchain import scenario as scenarios
from toolchain.real_kernel import RealKernel, find
from toolchain.scenario import Scenario, Step


def command(argv: list[str]) -> int:
    """Compare what the command line names. Return: the exit status: 0 equal, 1 different."""
    args = parser().parse_intermixed_args(argv)
    prepared = [prepare(name, args) for name in args.modules]
    kernel = find(args.arch, Path(args.kernel_image) if args.kernel_image else None)
    real = RealKernel(kernel, cmdline=args.cmdline, timeout=args.timeout, say=complain)
    if args.self_check:
        return self_check(real, prepared, args.self_check)
    verdicts = compare(real, prepared, args)
    if args.write:
        write(verdicts)
    return report(real, verdicts, args)


def parser() -> Parser:
    """What the command takes."""
    made = Parser("compare", "MODULE...", "Do the same with modules here and in the real Linux kernel, which runs in "
                  "QEMU (no KVM, no root, no network), and show the two logs beside each other. A NAME.kmodrun beside "
                  "a module says what is done with it; without one it is loaded and removed.")
    add = made.add_argument
    add("modules", nargs="+", metavar="MODULE", help="a .ko, a .c that is built first, or a .kmodrun")
    add("--param", action="append", default=[], metavar="[m.]k=v", help="a module parameter (m.: of the module m)")
    add("--do", action="append", default=[], metavar="COMMAND", help="a shell command while the module is loaded")
    add("--proc", action="append", default=[], metavar="NAME", help="show /proc/NAME while the module is loaded")
    add("--cmdline", default="", metavar="'...'", help="more kernel command line, such as 'slub_debug=FZPU'")
    add("--arch", default="x86_64", choices=["x86_64", "i386"], help="the real kernel's architecture")
    add("--kernel-image", metavar="PATH", help="a vmlinuz, or a directory that a kernel package was unpacked into")
    add("--timeout", type=number, default=30, metavar="30", help="seconds that a step may take in the real kernel")
    add("--table", action="store_true", help="one line for each module, also for a single one")
    add("--json", action="store_true", help="one JSON object on stdout instead")
    add("--write", action="store_true", help="write the real kernel's log to NAME.log beside each module")
    add("--self-check", type=number, default=0, metavar="N",
        help="run N times in the real kernel only: all runs have to be equal")
    add_headers(made)
    return made


def prepare(name: str, args: Namespace) -> Scenario:
    """The scenario of one operand, with its modules built."""
    path = Path(name)
    if not path.is_file():
        as_ko(name, args)  # says why that is no module
    made = scenarios.read(path) if path.suffix == ".kmodrun" else scenarios.of_module(path)
    made = made._replace(modules=built(made.modules, args))
    if args.param:
        names = [Path(each).stem for each in args.modules]
        if given := parameters(args.param, names)[scenarios.module_name(path.stem)]:
            made = scenarios.with_parameters(made, " ".join(f"{key}={value}" for key, value in given.items()))
    more = [*(Step("do", line) for line in args.do), *(Step("proc", file) for file in args.proc)]
    return scenarios.with_steps(made, more) if more else made


def compare(real: RealKernel, prepared: list[Scenario], args: Namespace) -> list[Verdict]:
    """Run everything on both sides. A scenario that differs is run again in a boot of its own before it counts."""
    ours = [perform(each, args.arch, args.cmdline) for each in prepared]
    verdicts = [Verdict(each, theirs, *mine)
                for each, theirs, mine in zip(prepared, real.run(prepared), ours, strict=True)]
    if len(prepared) > 1:
        verdicts = [each if each.equal or each.unsupported else each._replace(real=real.run([each.scenario])[0])
                    for each in verdicts]
    return verdicts


def report(real: RealKernel, verdicts: list[Verdict], args: Namespace) -> int:
    """Print the result. Return: the exit status."""
    if args.json:
        import json
        json.dump({"kernel": real.release, "boots": real.boots, "boot_seconds": round(real.boot_seconds, 3),
                   "scenarios": [as_dict(each) for each in verdicts]}, sys.stdout, indent=2)
        print()
    elif len(verdicts) > 1 or args.table:
        print_table(real, verdicts)
    else:
        print_logs(real, verdicts[0])
    if any(not each.equal and not each.unsupported for each in verdicts):
        return FAULTY
    return UNSUPPORTED if any(each.unsupported for each in verdicts) else CLEAN


def print_logs(real: RealKernel, verdict: Verdict, only_differing: bool = False) -> None:
    """Both logs of one module."""
    style = Style(sys.stdout)
    print("\n".join(render(verdict, f"Linux {real.release}", "kmodrun", style, only_differing)))
    for line in verdict.broken:
        print(style.bad(line))
    if verdict.unsupported:
        complain(f"unsupported: {verdict.unsupported}")
    elif not only_differing:
        print(style.good("equal") if verdict.equal else style.bad("different"))


def print_table(real: RealKernel, verdicts: list[Verdict]) -> None:
    """A line for each module; then the steps that differ; then what it took."""
    style = Style(sys.stdout)
    print(style.title(f"{'module':28} {'':11} {'kmodrun':>10} {'real':>10} {'real/kmodrun':>12}"))
    for each in verdicts:
        problem = "unsupported" if each.unsupported else "different  "
        word = style.good("equal      ") if each.equal else style.bad(problem)
        mine, theirs = milliseconds(each.ours), milliseconds(each.real)
        ratio = f"{theirs / mine:11.1f}x" if mine and theirs else ""
        print(f"{each.scenario.name:28} {word} {mine:7.1f} ms {theirs:7.1f} ms {ratio:>12}".rstrip())
    for each in verdicts:
        if not each.equal:
            print(f"\n{style.title(each.scenario.name)}")
            print_logs(real, each, only_differing=True)
    equal = sum(each.equal for each in verdicts)
    print(f"\n{equal} of {plural(len(verdicts), 'module')} equal; times are of insmod and rmmod alone; "
          f"Linux {real.release} took {plural(real.boots, 'boot')}, {real.boot_seconds:.1f} s in all")


def self_check(real: RealKernel, prepared: list[Scenario], times: int) -> int:
    """Whether the normalised logs of the real kernel are the same in each boot. Return: the exit status."""
    wrong = 0
    first = real.run(prepared)
    for turn in range(2, times + 1):
        for scenario, before, now in zip(prepared, first, real.run(prepared), strict=True):
            verdict = Verdict(scenario, before, now)
            if not verdict.equal:
                wrong += 1
                print("\n".join(render(verdict, "run 1", f"run {turn}", Style(sys.stdout), only_differing=True)))
    print(f"{plural(len(prepared), 'module')}, {plural(times, 'run')} in the real kernel, "
          f"{plural(real.boots, 'boot')}: {'all equal' if not wrong else f'{wrong} different'}")
    return FAULTY if wrong else CLEAN


def write(verdicts: list[Verdict]) -> None:
    """Keep what the real kernel logged as NAME.log, beside NAME.c."""
    for each in verdicts:
        text = "".join(f"{line}\n" for outcome in each.real for line in lines(outcome, portable=True))
        each.scenario.place.with_suffix(".log").write_text(text)


def complain(line: str) -> None:
    print(f"kmodrun: {line}", file=sys.stderr)
