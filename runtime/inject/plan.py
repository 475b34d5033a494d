"""The plan on a machine: it is asked at each fault point, counts them, and remembers what it made fail.

A fault point is an allocation that the guest asked for and that may fail (no __GFP_NOFAIL), or a call of a function
that declares how it fails. What the kernel allocates for itself, with no guest function on the stack, is none.
"""

from collections.abc import Iterable

from runtime.errors import Usage
from runtime.inject.kinds import CALL, KINDS, LINUX, called, spellings
from runtime.inject.point import GFP, KIND, SIZE, STACK, Failure, Point, Stack, Test, Witness
from runtime.inject.text import Rule
from runtime.inject.values import error_name
from runtime.inject.when import Counter, Place
from runtime.inject.where import stack_id


class Bound:
    """A rule on a machine. Raises: Usage where it names what the machine does not have."""

    def __init__(self, rule: Rule, witness: Witness) -> None:
        self.rule, self.counter, self._witness = rule, Counter(rule.when, witness.undo), witness
        try:
            self._tests: list[Test] = [*rule.who.tests(witness), *rule.where.tests(witness)]
            self._check(witness)
        except Usage as problem:
            raise Usage(f"fault plan '{rule}': {problem}") from None

    def _check(self, witness: Witness) -> None:
        for name in self.rule.where.functions:
            values = next((own for raw in spellings(name) if (own := witness.values(raw)) is not None), None)
            if values is None:
                raise Usage(_unknown(name, witness))
            if self.rule.error is not None and self.rule.error not in values:
                possible = ", ".join(map(error_name, values)) or "nothing: it fails by its allocations only"
                raise Usage(f"error={error_name(self.rule.error)}: {name}() can return {possible}")

    @property
    def is_bare(self) -> bool:
        """Does it mean one fault point, by its number among all? Most plans are that, so they are quick."""
        return not self._tests and self.rule.error is None and self.rule.when.nth_only

    def hits(self, point: Point, values: tuple[int, ...]) -> bool:
        """Count a fault point, if it is meant. Return: does it fail?"""
        rule = self.rule
        if rule.error is not None and rule.error not in values:
            return False
        for test in self._tests:
            if not test(point):
                return False
        place = self._place(point[STACK])
        if not self.counter.due(point[SIZE], place):
            return False
        if rule.when.verbose and not point[GFP] & self._witness.const["__GFP_NOWARN"]:
            text = f"FAULT_INJECTION: forcing a failure.\nname {LINUX[point[KIND]]}, {self.counter.words}"
            self._witness.log(text, rule.when.verbose > 1)
        self.counter.spent(place)
        return True

    def _place(self, stack: Stack) -> Place:
        return (self._witness.function(stack) if self.rule.when.unique else "", stack)


def _unknown(name: str, witness: Witness) -> str:
    if witness.exported(name):
        return f"{name}() is not emulated"
    return f"'{name}' is neither a kind ({', '.join(kind.name for kind in KINDS)}) nor a kernel function"


class Plan:
    """What runtime.mm.context.Plan asks for. A call fails if any of the rules says so; all of them count it."""

    def __init__(self, rules: Iterable[Rule], witness: Witness) -> None:
        self._witness = witness
        self._nofail = witness.const["__GFP_NOFAIL"]
        self.bound = [Bound(rule, witness) for rule in rules]
        self._bare = {bound.rule.when.nth: bound for bound in reversed(self.bound) if bound.is_bare}
        self._others = [bound for bound in self.bound if bound not in self._bare.values()]
        self._count: list[int] = witness.undo.list([0])
        self.failures: list[Failure] = witness.undo.list()

    @property
    def points(self) -> int:
        """How many fault points there were."""
        return self._count[0]

    def fails(self, kind: str, size: int, gfp: int, stack: Stack, what: str = "") -> bool:
        """Does this allocation fail?"""
        if not stack or gfp & self._nofail:
            return False
        hit = self._hit((kind, size, gfp, stack, what), ())
        if hit is None:
            return False
        self._record((kind, size, gfp, stack, what), 0)
        return True

    def refuses(self, function: str, values: tuple[int, ...], stack: Stack) -> int | None:
        """Does this call fail? Return: what the function returns then; None: it does its work."""
        if not stack:
            return None
        point = CALL, 1, 0, stack, ""
        hit = self._hit(point, values)
        if hit is None:
            return None
        value = values[0] if hit.rule.error is None else hit.rule.error
        self._record(point, value)
        return value

    def _hit(self, point: Point, values: tuple[int, ...]) -> Bound | None:
        """Count a fault point; the first of the rules by which it fails."""
        self._count[0] = count = self._count[0] + 1
        hit = self._bare.get(count)
        if hit is not None:
            hit.counter.spent(("", point[STACK]))
        for bound in self._others:
            if bound.hits(point, values) and hit is None:
                hit = bound
        return hit

    def _record(self, point: Point, value: int) -> None:
        kind, size, gfp, stack, what = point
        witness = self._witness
        function = called(witness.function(stack))
        size = 0 if kind == CALL else size
        self.failures.append(
            Failure(self._count[0], kind, function, what, size, gfp, stack, value, witness.known())
        )
        witness.failed(value, stack)

    def stack_id(self, failure: Failure) -> str:
        """What stack= takes to mean this place."""
        return f"{stack_id(failure.function, failure.stack, self._witness):08x}"

    def idle(self) -> list[str]:
        """The rules that have failed nothing, a line each."""
        told = []
        for bound in self.bound:
            if not bound.counter.failed:
                meant = self.points if bound.is_bare else bound.counter.matched
                told.append(f"'{bound.rule}' failed nothing: {meant} of {self.points} fault points were meant")
        return told
