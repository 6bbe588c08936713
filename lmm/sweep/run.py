"""A sweep: what a plan wants and is not there yet is made, and all of it is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lmm.publish.stage import held
from lmm.sweep.engine import Engine, Job, drain
from lmm.sweep.index import write_index
from lmm.sweep.items import FAILED, WORK, Counting, Item, Work, as_json, clear, laid_out
from lmm.sweep.page import write_page
from lmm.sweep.plan import Planned
from lmm.sweep.worker import Done, Task, do

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

COUNTING, MAKING = "counting", "items"
"""What a sweep is at."""


@dataclass(frozen=True)
class Swept:
    """What came of a sweep.

    Attributes
    ----------
    made
        How many items were made this time; the others were there.
    failed
        Why there is no result, by the name of the item.
    """

    to: Path
    items: tuple[Item, ...]
    made: int
    failed: dict[str, str]


def sweep(
    planned: Planned,
    engine: Engine,
    report: Report,
    *,
    retry_failed: bool = False,
    do: Callable[[Task], Done] = do,
) -> Swept:
    """Make what is missing of a plan, and write the index and the page of all that is there.

    Parameters
    ----------
    engine
        Where items are made; see `lmm.sweep.engine`.
    retry_failed
        Whether items are tried again that failed before.
    do
        What workers are asked for.

    Raises
    ------
    StudyError
        If another sweep is at work on the same results, or there are no workers.
    """
    planned.to.mkdir(parents=True, exist_ok=True)
    with held(planned.to):
        clear(planned.to)
        work = laid_out(planned)
        (work.to / WORK).mkdir(exist_ok=True)
        known = {} if retry_failed else dict(_failed_before(work))
        left = [i for i in work.items if i.id not in known and not work.place(i).is_dir()]
        _Making(work, left, report).run(engine, do)
        clear(planned.to)
        return _shown(planned, work, left)


def _failed_before(work: Work) -> Iterator[tuple[str, str]]:
    """Give why items have failed, by their names."""
    for item in work.items:
        path = work.to / FAILED / f"{item.id}.json"
        if path.is_file() and not work.place(item).is_dir():
            yield item.id, json.loads(path.read_text("utf-8"))["why"]


def _shown(planned: Planned, work: Work, tried: list[Item]) -> Swept:
    """Write the index and the page of all that is there."""
    failed = dict(_failed_before(work))
    there = [item for item in work.items if item.id not in failed]
    index = write_index(there, work.to)
    write_page(index, planned.plan.indicator, work.items, failed, work.studies, work.to)
    made = sum(item.id not in failed for item in tried)
    return Swept(work.to, work.items, made, failed)


class _Making:
    """Counts first, and items from them; what has failed is kept, and the rest goes on."""

    def __init__(self, work: Work, items: list[Item], report: Report) -> None:
        self.work, self.items, self.report = work, items, report
        self.waiting: dict[str, list[Item]] = {}
        for item in items:
            self.waiting.setdefault(item.counts, []).append(item)
        self.total = {COUNTING: 0, MAKING: len(items)}
        self.done = {COUNTING: 0, MAKING: 0}

    def run(self, engine: Engine, do: Callable[[Task], Done]) -> None:
        """Make all items."""
        countings = list(self.work.countings(self.items))
        to_count = {name for each in countings for name in each.periods}
        self.total[COUNTING] = len(to_count)
        counted = [item for item in self.items if item.counts not in to_count]
        for what in (COUNTING, MAKING):
            self._tell(what, 0)
        tasks = [self._task("counting", each) for each in countings]
        tasks += [self._task("item", item) for item in counted]
        drain(engine, tasks, Job(do, self._came, self._lost))

    def _task(self, kind: str, what: Counting | Item) -> Task:
        return Task(kind, str(self.work.to), self.work.code, as_json(what))

    def _tell(self, what: str, more: int) -> None:
        self.done[what] += more
        if self.total[what]:
            self.report(what, self.done[what], self.total[what])

    def _lost(self, task: Task, why: str) -> Iterable[Task]:
        return self._came(task, Done({}, why))

    def _came(self, task: Task, came: Done) -> Iterable[Task]:
        if task.kind == "item":
            item = Item(**task.what)
            self._tell(MAKING, 1)
            if why := came.failed.get(item.id) or came.trouble:
                self._fail(item, why)
            else:
                (self.work.to / FAILED / f"{item.id}.json").unlink(missing_ok=True)
            return []
        counting = Counting(**task.what)
        self._tell(COUNTING, len(counting.periods))
        return [each for name in counting.periods for each in self._follow(name, came)]

    def _follow(self, counts: str, came: Done) -> Iterator[Task]:
        """Go on with the items of counts, if there are these counts."""
        why = came.failed.get(counts) or came.trouble
        for item in self.waiting[counts]:
            if why and not self.work.counts(counts).is_dir():
                self._tell(MAKING, 1)
                self._fail(item, why)
            else:
                yield self._task("item", item)

    def _fail(self, item: Item, why: str) -> None:
        """Keep why an item failed."""
        folder = self.work.to / FAILED
        folder.mkdir(exist_ok=True)
        text = json.dumps({**as_json(item), "why": why}, indent=2) + "\n"
        (folder / f"{item.id}.json").write_text(text, encoding="utf-8")
