"""The OOM killer's report: an allocation that may not fail found no memory, and a task has to go.

The victim is told by a signal, and its allocations may use the reserves from then on: init goes on, and allocations
fail when those are used up, too. insmod dies with status 137 when init has returned; the module stays loaded.
Linux: mm/oom_kill.c, dump_header(), __oom_kill_process(), 6.1
"""

from runtime.oops import pieces
from runtime.oops.event import Event
from runtime.oops.health import ERR, INFO, WARNING, Health, Line
from runtime.units import PAGE_SIZE, KiB

_KB = PAGE_SIZE // KiB


class Process:
    """A task with user memory. total, rss, anon, file, shmem: in pages; tables: bytes of page tables."""

    __slots__ = ("anon", "comm", "file", "pid", "rss", "shmem", "tables", "total", "uid")

    def __init__(
        self, pid: int, comm: str, total: int, rss: int, tables: int, anon: int = 0, file: int = 0, shmem: int = 0,
        uid: int = 0,
    ) -> None:  # fmt: skip
        self.pid, self.comm, self.uid, self.tables = pid, comm, uid, tables
        self.total, self.rss, self.anon, self.file, self.shmem = total, rss, anon, file, shmem


def killed_for_memory(
    health: Health, event: Event, gfp: int, gfp_text: str, order: int, mem_info: list[Line],
    slabs: list[tuple[str, int, int]], tasks: list[Process], victim: Process,
) -> list[Line]:  # fmt: skip
    """All lines.

    slabs: (cache, KiB in use, KiB in all) of the caches that cannot be reclaimed, newest cache first; Linux shows them
    where they take more than what could be reclaimed, and else nothing: an empty list.
    """
    head = f"{event.comm} invoked oom-killer: gfp_mask={gfp:#x}({gfp_text}), order={order}, oom_score_adj=0"
    lines = [(WARNING, head), *pieces.dump_stack(health, event), *mem_info]
    lines += [(INFO, line) for line in (*_slabs(slabs), *_tasks(tasks), _summary(victim))]
    return [*lines, (ERR, _killed(victim))]


def _slabs(slabs: list[tuple[str, int, int]]) -> list[str]:
    rows = [f"{name:<17} {used:10}KB {total:10}KB" for name, used, total in slabs]
    return ["Unreclaimable slab info:", "Name                      Used          Total", *rows] if rows else []


def _tasks(tasks: list[Process]) -> list[str]:
    columns = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
    rows = [_task(task) for task in tasks]
    return ["Tasks state (memory values in pages):", columns, *rows]


def _task(task: Process) -> str:
    sizes = f"{task.total:8} {task.rss:8} {task.tables:8} {0:8}"
    return f"[{task.pid:7}] {task.uid:5} {task.pid:5} {sizes}         {0:5} {task.comm}"


def _summary(victim: Process) -> str:
    where = "constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/"
    return f"oom-kill:{where},task={victim.comm},pid={victim.pid},uid={victim.uid}"


def _killed(victim: Process) -> str:
    parts = (
        ("total-vm", victim.total),
        ("anon-rss", victim.anon),
        ("file-rss", victim.file),
        ("shmem-rss", victim.shmem),
    )
    sizes = ", ".join(f"{name}:{pages * _KB}kB" for name, pages in parts)
    tables = f"UID:{victim.uid} pgtables:{victim.tables >> 10}kB oom_score_adj:0"
    return f"Out of memory: Killed process {victim.pid} ({victim.comm}) {sizes}, {tables}"
