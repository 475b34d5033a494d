"""A finding in one sentence, as all reports have it: `foo.c:42: leak: 100 bytes from kmalloc are lost when ...`."""

from runtime.report.result import LOST, Finding, Result, called, place, site_of, when, where

# How a leak's message names the kind of memory: the function that gave it says more, where it is known.
_SOURCES = (" from a slab", " of pages", " from vmalloc")


def headline(result: Result, finding: Finding) -> str:
    """The whole line: place, kind, what happened, and what had to fail for it."""
    at = where(place(finding))
    return f"{at + ': ' if at else ''}{finding['kind']}: {sentence(result, finding)}"


def sentence(result: Result, finding: Finding) -> str:
    """What happened, and what had to fail for it."""
    text = what_happened(result, finding)
    return text + when(result, finding, text)


def what_happened(result: Result, finding: Finding) -> str:
    """The finding's message; for lost memory with the name of the function that gave it."""
    site = site_of(result, finding["allocated"]) if finding["kind"] == "leak" and finding.get("allocated") else None
    subject, colon, _ = finding["message"].partition(":")
    if site is None or not colon:
        return str(finding["message"])
    if site["kind"] == "cache":
        return f"{subject}, {site['what']} of {called(site)}, is lost"
    for source in _SOURCES:
        subject = subject.removesuffix(source)
    return f"{subject} from {called(site)} are lost"


def stack_titles(finding: Finding) -> tuple[tuple[str, str], ...]:
    """(key, introduction) of the finding's stacks, in the order in which they are told."""
    at = "noticed at" if finding["kind"] in LOST else "at"
    by = {"resource-leak": "registered by", "atomic-imbalance": "taken by"}.get(finding["kind"], "allocated by")
    return (("at", at), ("allocated", by), ("freed", "freed by"), ("failed", "failed here"))


def frame_name(frame: dict[str, object]) -> str:
    """`widget_init+0x2a [widget]`."""
    text = f"{frame['symbol']}+{frame['offset']:#x}"
    return f"{text} [{frame['module']}]" if frame.get("module") else text
