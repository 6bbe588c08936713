"""A small analysis that was registered, and what of it can be changed afterwards."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lmm.analysis.comparison import Comparison, Made
from lmm.analysis.terms import reading_of, terms_of
from lmm.cleaning.load import read_clean
from lmm.counting.counts import Counts
from lmm.study.cells import Shown, behind
from lmm.study.library import Library, this_library
from lmm.study.parameters import Parameters
from lmm.study.registration import Entry, Registration
from lmm.study.setting import Setting
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]

CELLS = (
    'period_start: str = "2018-04-01"\nperiod_end: str = "2021-01-31"\n'
    'event_date: str = "2020-03-23"\nconfidence: float = 0.95',
    "from lmm.analysis import characteristics, claims, reach, satisfaction, targets, waiting\n"
    "from lmm.analysis.descriptive import activity\n"
    "from lmm.publish.counts import load_counts\n"
    "from lmm.showing import answers, plots\n"
    "from lmm.showing.page import Page\n",
    "counts = load_counts(period_start, period_end, event_date, confidence)\npage = Page(counts)",
    'by_year = activity(counts, by="contract_year")\n'
    'page.table(by_year, "activity", answers.activity, first_page=True)',
    'page.figure(plots.activity_rates, "activity")',
    'groups = ("topic", "mode")\n'
    "by_group = satisfaction.high_satisfaction(counts, by=groups)\n"
    'page.table(by_group, "high", answers.groups, title="High satisfaction")',
    'page.table(targets.achievement(counts), "achieved", answers.achieved)',
    'page.table(reach.reach(counts), "reached", answers.reach)',
    'page.keep(waiting.wait_curve(counts), "curve")\npage.figure(plots.waiting, "waits", "curve")',
    'compared = claims.compare(counts, ("courses",))\npage.table(compared, "published")',
)
"""A notebook of seven results."""

SHOWN: dict[str, list[Shown]] = {
    "table activity": [("table", "activity")],
    "figure activity": [("figure", "activity"), ("table", "activity")],
    "table high": [("table", "high")],
    "table achieved": [("table", "achieved")],
    "table reached": [("table", "reached")],
    "figure waits": [("figure", "waits"), ("keep", "curve")],
    "table published": [("table", "published")],
}
ALL = frozenset(SHOWN)
SHOWN_AS_ACTIVITY = frozenset(
    {"attendances", "by_phone", "consultations", "courses", "families", "staff"}
)
READ = {
    "table activity": SHOWN_AS_ACTIVITY,
    "figure activity": SHOWN_AS_ACTIVITY,
    "table high": frozenset({"satisfaction"}),
    "table achieved": frozenset({"consultations", "courses", "families", "satisfaction", "staff"}),
    "table reached": frozenset({"seen"}),
    "figure waits": frozenset({"left_unseen", "not_yet_seen", "seen"}),
    "table published": frozenset({"courses"}),
}
"""The measures whose counts a run of it asked for."""

ACTIVITY = frozenset({"table activity", "figure activity"})
TARGETS = frozenset({"table achieved"})

OWN = {
    "by_phone": {"label": "sessions by telephone", "rows": "consultations",
                 "where": {"mode": "telephone"}, "by": ["time", "kind"]},
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """All that is registered, each part of which can be changed."""

    content: dict[str, Any]
    targets: pd.DataFrame
    published: pd.DataFrame
    given: dict[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = CELLS
    texts: Mapping[str, str] = field(default_factory=lambda: this_library().texts)
    shown: Mapping[str, list[Shown]] = field(default_factory=lambda: SHOWN)

    @property
    def study(self) -> Study:
        return Study.model_validate(self.content)

    @property
    def terms(self) -> dict[str, Any]:
        study = self.study
        setting = Setting(study, Parameters.of(study, self.given), self.targets, self.published)
        return terms_of(Counts.of(setting, {}), reading_of(study))

    def made(self) -> dict[str, Made]:
        """Say how each result is made; the measures read are those of the notebook as it was."""
        found = {}
        for name, shown in self.shown.items():
            last = max(n for n, cell in enumerate(self.cells) if f'"{shown[0][1]}"' in cell)
            code = behind(self.cells[: last + 1], shown, Parameters.names()).code
            found[name] = Made(code, READ.get(name, frozenset()))
        return found

    def entry(self, when: str = "2026-01-01T09:00:00Z", because: str = "", read: str = "") -> Entry:
        """Register it as it is, as `lmm register` would."""
        library = Library(self.texts)
        results = {
            name: {"notebook": "1-own", "title": name, "code": made.code, "first_page": False,
                   "measures": sorted(made.measures)}
            for name, made in self.made().items()
        }  # fmt: skip
        whole = library.whole()
        said = {
            "when": when, "because": because, "records_first_read": read, "terms": self.terms,
            "results": results, "plan": None, "previous": "", "form": 1,
            "library": {n: {"whole": whole[n], "definitions": library.digests(n)}
                        for n in whole},
        }  # fmt: skip
        return Entry(said)


@cache
def world() -> World:
    """Give the study as it was registered, with a measure of its own."""
    content = yaml.safe_load((ROOT / "study.yaml").read_text("utf-8")) | {"measures": OWN}
    tables = read_clean(read_study(ROOT))
    return World(content, tables["targets"], tables["published_figures"])


@cache
def registered() -> Entry:
    """Give the registration of it."""
    return world().entry()


def labels(now: World, *entries: Entry, first_read: str = "") -> tuple[Comparison, dict[str, Any]]:
    """Label each result of a changed world."""
    registration = Registration(entries or (registered(),), first_read)
    comparison = Comparison(registration, now.terms, Library(now.texts))
    return comparison, {name: comparison.label(name, made) for name, made in now.made().items()}


# --- what can be changed -----------------------------------------------------------------------


Changed = Callable[[World], World]


def declared(*keys: str, to: Any = None, drop: bool = False) -> Changed:
    """Change one thing that study.yaml declares."""

    def change(old: World) -> World:
        content = copy.deepcopy(old.content)
        at = content
        for key in keys[:-1]:
            at = at.setdefault(key, {})
        if drop:
            del at[keys[-1]]
        else:
            at[keys[-1]] = to
        return replace(old, content=content)

    return change


def given(**parameters: Any) -> Changed:
    """Run with other parameters."""
    return lambda old: replace(old, given=parameters)


def target(column: str, to: Any) -> Changed:
    """Change the first target."""

    def change(old: World) -> World:
        table = old.targets.copy()
        table.loc[0, column] = to
        return replace(old, targets=table)

    return change


def code(was: str, now: str) -> Changed:
    """Change the code of the notebook, at one place."""

    def change(old: World) -> World:
        assert sum(was in cell for cell in old.cells) == 1, was
        return replace(old, cells=tuple(cell.replace(was, now) for cell in old.cells))

    return change


def library(module: str, was: str, now: str) -> Changed:
    """Change the library, at one place."""

    def change(old: World) -> World:
        assert old.texts[module].count(was) == 1, (module, was)
        return replace(old, texts={**old.texts, module: old.texts[module].replace(was, now)})

    return change
