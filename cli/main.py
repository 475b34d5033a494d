"""kmodrun: find the command, run it, and turn what goes wrong into one line and an exit status.

Start-up time is a feature: only the chosen command's file is imported, and only its parser is built.
"""

import gc
import os
import sys
from importlib import import_module

COMMANDS = {
    "run": "load modules, run their init and exit, show the log and what they did to memory",
    "sweep": "let each call that may fail do so once, and report what the modules make of it",
    "compare": "do the same in the real Linux kernel, under QEMU, and show both logs",
    "build": "compile a module's .c into a .ko",
    "symbols": "list what a module imports, and who provides it",
    "info": "show a module's description, parameters and sections",
}
CLEAN, FAULTY, USAGE, UNSUPPORTED, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 70, 130


def main(argv: list[str] | None = None) -> int:
    """Run one command. Return: the exit status: 0 clean, 1 a finding or init failed, 2 usage, 3 unsupported."""
    if argv is None:
        return own_process()
    try:
        status = dispatch(argv)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        signals = import_module("_signal")
        signals.setitimer(signals.ITIMER_REAL, 0)
        return say("interrupted", INTERRUPTED)
    except Exception as problem:
        return explain(problem)


def own_process() -> int:
    """Run the command that the process was started for."""
    restore_sigpipe()
    # Rarely look for garbage, and not at all for what dies with the process: a start is a fifth shorter.
    gc.set_threshold(100_000)
    try:
        return main(sys.argv[1:])
    finally:
        gc.freeze()


def restore_sigpipe() -> None:
    """Die quietly of a closed pipe (`| head`), as other commands do. Python ignores the signal by default."""
    signals = import_module("_signal")  # what `signal` wraps in enumerations: these take 2 ms to make
    signals.signal(signals.SIGPIPE, signals.SIG_DFL)


def insist_on_interrupts() -> None:
    """Let Ctrl-C raise until it is heard: an exception raised where native code begins to call Python is lost."""
    signals = import_module("_signal")

    def interrupt(*_: object) -> None:
        signals.setitimer(signals.ITIMER_REAL, 0.5)
        raise KeyboardInterrupt

    if signals.getsignal(signals.SIGINT) is signals.default_int_handler:
        for number in (signals.SIGINT, signals.SIGALRM):
            signals.signal(number, interrupt)


def dispatch(args: list[str]) -> int:
    """Run the command that the first argument names. Return: the exit status."""
    word = args[0] if args else ""
    if word in COMMANDS:
        command = import_module(f"cli.{word}")
        status: int = command.command(args[1:])
        return status
    if word in ("-h", "--help", "help"):
        print(overview())
        return CLEAN
    if word in ("-V", "--version"):
        from importlib.metadata import version
        print(f"kmodrun {version('kmodrun')}")
        return CLEAN
    return say(f"unknown command '{word}' (kmodrun --help lists them)" if word else "no command (see kmodrun --help)")


def overview() -> str:
    """What kmodrun --help says."""
    rows = "\n".join(f"  {name:9} {text}" for name, text in COMMANDS.items())
    return f"""usage: kmodrun COMMAND ...

Run unmodified Linux kernel modules on an emulated kernel.

{rows}

kmodrun COMMAND --help shows the options of one command.
Exit status: 0 ran clean; 1 a finding, or init failed; 2 usage; 3 unsupported."""


def say(line: str, status: int = USAGE) -> int:
    print(f"kmodrun: {line}", file=sys.stderr)
    return status


def explain(problem: Exception) -> int:
    """Say in one line what went wrong. A traceback is shown only when KMODRUN_DEBUG is set."""
    from runtime.errors import Unsupported, Usage
    if os.environ.get("KMODRUN_DEBUG"):
        raise problem
    if isinstance(problem, Usage):
        return say(str(problem))
    if isinstance(problem, Unsupported):
        return say(f"unsupported: {problem}", UNSUPPORTED)
    if isinstance(problem, OSError) and problem.filename is not None:
        return say(f"{problem.filename}: {problem.strerror}")
    text = " ".join(str(problem).split())
    return say(f"a bug in kmodrun: {type(problem).__name__}: {text} (KMODRUN_DEBUG=1 shows where)", OUR_BUG)
