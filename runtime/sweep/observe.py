"""What the normal run does to memory, for the report: it is run once more on a machine that counts.

The memory is Debian's: without fences, each of which takes a page of its own.
"""

from typing import Any

from runtime.machine import BLOCKS, Machine
from runtime.report import gather
from runtime.report.memory import report
from runtime.report.timeline import Timeline
from runtime.sweep.course import Course
from runtime.sweep.spec import Spec, words


def observe(spec: Spec) -> dict[str, Any]:
    """The keys memory, timeline, zones and slabs of a result: result.update(observe(spec)).

    zones and slabs are as they lie before the first module is removed.
    """
    blocks = spec.config.get("blocks") or BLOCKS  # counted: what takes long would be run again, on another machine
    settings = {**spec.config, "rewindable": False, "tally": True, "fences": "", "blocks": blocks}
    with Machine(**settings) as machine:
        k = machine.kernel
        timeline = Timeline(k)
        layout: dict[str, Any] = {}
        for step in spec.steps:
            if step[0] == "rmmod" and not layout:
                layout = {"zones": gather.zones(k), "slabs": gather.slabs(k)}
            timeline.mark(words(step))
            course = Course(machine, spec.modules, (step,))
            course.run()
            if course.lost:
                break
        timeline.mark("end")
        layout = layout or {"zones": gather.zones(k), "slabs": gather.slabs(k)}
        return {"memory": report(k.mm.books), "timeline": timeline.as_dict(), **layout}
