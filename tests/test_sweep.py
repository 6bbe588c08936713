"""A real small sweep: what it makes, what a service is protected from, what a plan may say."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from real_service import PARAMETERS, SHOW, content, service

from lmm.cli import main
from lmm.publish.notebooks import executing
from lmm.publish.stage import stage
from lmm.study.problems import StudyError
from lmm.study.study import read_study
from lmm.sweep.index import SCHEMA
from lmm.sweep.items import as_json, laid_out
from lmm.sweep.plan import Indicator, read_plan
from lmm.sweep.shown import Chosen, chosen, funnel, over_periods
from lmm.sweep.worker import Done, Task, do

PLAN = """\
studies: services/*
grid:
  confidence: [0.9, 0.95]
  notebooks: 1-own
"""
PERIODS = """\
studies: services/real
grid:
  periods: [{start: 2020-01-01, end: 2020-06-30}, {start: 2020-01-01, end: 2020-12-31}]
  notebooks: 1-own
"""


def planned_in(folder: Path, text: str, *names: str) -> Path:
    """Write a plan beside services, of which one called real is protected."""
    (folder / "services").mkdir()
    for name in names:
        own = service(folder / "services" / name)
        if name != "real":
            said = (own / "study.yaml").read_text("utf-8")
            said = said.replace("records: real", "records: synthetic")
            said = said.replace("disclosure: opensafely", "disclosure: none")
            (own / "study.yaml").write_text(said, encoding="utf-8")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return folder / "plan.yaml"


def do_all(plan: Path) -> list[dict[str, str]]:
    """Do as a worker what a sweep asks for; give what failed."""
    work = laid_out(read_plan(plan))
    asked = [("counting", as_json(each)) for each in work.countings(work.items)]
    asked += [("item", as_json(each)) for each in work.items]
    told = [do(Task(kind, str(work.to), work.code, what)) for kind, what in asked]
    assert not any(each.trouble for each in told), told
    return [each.failed for each in told if each.failed]


def test_a_small_sweep_of_two_studies_and_two_levels(tmp_path: Path) -> None:
    plan = planned_in(tmp_path, PLAN, "north", "real")
    before = content(tmp_path / "services" / "north")
    ran = CliRunner().invoke(main, ["sweep", str(plan), "--trust", "--workers", "1"])
    assert ran.exit_code == 0, ran.output
    assert "4 items: 4 made, 4 of them now; 0 failed" in ran.output
    assert content(tmp_path / "services" / "north") == before
    to = tmp_path / "sweep-results"
    index = pq.read_table(to / "index.parquet").to_pandas()
    assert set(index["study"]) == {"services/north", "services/real"}
    assert set(index["confidence"]) == {0.9, 0.95}
    assert all((to / report).is_file() for report in set(index["report"]))
    page = (to / "index.html").read_text("utf-8")
    assert all(f'href="{report}"' in page for report in set(index["report"]))
    again = CliRunner().invoke(main, ["sweep", str(plan), "--trust", "--workers", "1"])
    assert "4 items: 4 made, 0 of them now; 0 failed" in again.output


@pytest.mark.slow
def test_releases_are_made_in_order_and_the_index_holds_what_was_released(tmp_path: Path) -> None:
    plan = planned_in(tmp_path, PERIODS, "real")
    assert do_all(plan) == []
    released = tmp_path / "services/real/data/released"
    kept = sorted(path.name for path in released.iterdir())
    assert kept == [".gitignore", "1", "2", "sweep.key"]
    work = laid_out(read_plan(plan))
    cells = pq.read_table(work.place(work.items[1]) / "cells.parquet").to_pandas()
    counts = cells[(cells["column"] == "events") & ~cells["strata"].str.contains("courses")]
    assert set(counts["status"]) & {"suppressed"}
    assert (counts["estimate"].dropna() % 5 == 0).all()
    # the same again, as if it had been interrupted after the release was noted
    before = content(work.to)
    for item in work.items:
        work.counts(item.counts).rename(tmp_path / item.counts)
        work.place(item).rename(tmp_path / item.id)
    assert do_all(plan) == []
    assert content(work.to) == before
    assert sorted(path.name for path in released.iterdir()) == kept


def test_an_item_is_what_a_run_makes_of_its_notebook(tmp_path: Path) -> None:
    plan = planned_in(tmp_path, PLAN.replace("[0.9, 0.95]", "[0.9]"), "north")
    more = ["print('said')", "[1, 2]", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"]
    own = tmp_path / "services/north/notebooks/1-own.ipynb"
    notebook = nbformat.read(own, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in more]
    nbformat.write(notebook, own)
    assert do_all(plan) == []
    work = laid_out(read_plan(plan))
    (item,) = work.items
    home = tmp_path / "run"
    home.mkdir()
    for part in ("study.yaml", "counts"):
        (work.counts(item.counts) / part).rename(home / part)
    (home / "notebooks").mkdir()
    (work.to / "notebooks" / item.digest / "1-own.ipynb").rename(home / "notebooks/1-own.ipynb")
    study = read_study(home, "release")
    with stage(study) as made:
        (made / "outputs").mkdir()
        (made / "outputs" / "counts").symlink_to(home / "counts")
        with executing(study, item.parameters, lambda *_: None):
            pass
        for name in ("notebooks", "tables", "figures"):
            assert content(made / "outputs" / name) == content(work.place(item) / name), name


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("1 / 0", "1-own.ipynb, code cell 4: ZeroDivisionError: division by zero"),
        ("x = (", "1-own.ipynb, code cell 4: SyntaxError"),
        ("import os\nos._exit(3)", "its process ended with status 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL"),
    ],
)
def test_a_notebook_that_fails_is_told_and_ends_nothing(
    tmp_path: Path, cell: str, why: str
) -> None:
    plan = planned_in(tmp_path, PLAN.replace("[0.9, 0.95]", "[0.9]"), "north")
    own = tmp_path / "services/north/notebooks/1-own.ipynb"
    notebook = nbformat.read(own, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(cell))
    nbformat.write(notebook, own)
    work = laid_out(read_plan(plan))
    (counting,) = work.countings(work.items)
    assert do(Task("counting", str(work.to), work.code, as_json(counting))) == Done({})
    (item,) = work.items
    done = do(Task("item", str(work.to), work.code, as_json(item)))
    assert why in (done.failed.get(item.id) or done.trouble)
    assert not work.place(item).exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("studies: services/*\n", "plan.yaml: write either grid: or list:"),
        ("grid: {confidence: [0.9]}\n", "studies: is missing"),
        ("studies: services/*\ngrid: {confidence: [9]}\n", "line 2: grid: confidence: 0"),
        ("studies: services/*\ngrid: {}\nworkers: 3\n", "line 3: workers"),
        (
            "studies: service/*\ngrid: {}\n",
            "line 1: studies: service/*: no folder here holds a study.yaml",
        ),
        (
            "studies: services/*\ngrid:\n  notebooks: [1-won]\n",
            "line 3: notebooks: services/north has none of the name 1-won; did you mean 1-own?",
        ),
        (
            "studies: services/*\ngrid:\n  periods:\n  - {start: 2020-01-01, end: 2020-02-01}\n"
            "  - {start: 2010-01-01, end: 2020-02-01}\n",
            "line 5: services/north: period_start 2010-01-01 is outside the study's period",
        ),
        (
            "list:\n- {studies: services/north, confidence: 0.9}\n"
            "- {studies: services/north, period: {start: 2020-02-01, end: 2020-01-01}}\n",
            "line 3: list: 1: period: the end 2020-01-01 comes before the start",
        ),
    ],
)
def test_what_is_wrong_with_a_plan_is_told_with_its_line(
    tmp_path: Path, text: str, why: str
) -> None:
    plan = planned_in(tmp_path, text, "north")
    with pytest.raises(StudyError) as told:
        read_plan(plan)
    assert why in str(told.value)


def test_a_list_gives_each_of_its_entries(tmp_path: Path) -> None:
    text = (
        "to: here\nstudies: services/north\nlist:\n- {confidence: 0.9, notebooks: 1-own}\n"
        "- {studies: [services/*], event_date: 2020-05-01, notebooks: 1-own}\n"
    )
    planned = read_plan(planned_in(tmp_path, text, "north", "south"))
    assert planned.to == tmp_path / "here"
    found = [(each.label, each.parameters.confidence) for each in planned.wanted]
    assert found == [
        ("services/north", 0.9), ("services/north", 0.95), ("services/south", 0.95)
    ]  # fmt: skip


def rows(*services: str, indicator: Indicator | None = None) -> Chosen | None:
    """Choose from an index in which each service has a share and a rate."""
    about = {"study": "", "period_start": "2020-01-01", "period_end": "2020-12-31",
             "event_date": "2020-06-01", "confidence": 0.95, "column": "estimate",
             "basis": "assumed", "status": "ok", "low": 0.1, "high": 0.9,
             "strata": '{"role": "nurse"}'}  # fmt: skip
    told = [
        {**about, "service": name, "study": name, "table": "t", "estimand": what, "scale": scale,
         "numerator": 5.0 + n, "denominator": 10.0, "estimate": 0.5 + n / 10}
        for n, name in enumerate(services) for what, scale in (("rate", None), ("seen", "share"))
    ]  # fmt: skip
    return chosen(pa.Table.from_pylist(told, schema=SCHEMA), indicator)


def test_the_page_shows_a_share_of_each_service() -> None:
    found = rows("north", "south", "west")
    assert found is not None
    assert found.estimand == "seen"
    assert over_periods(found).table["service"].tolist() == ["north", "south", "west"]
    compared = funnel(found)
    assert compared is not None
    span, (points, _) = compared
    assert span == "2020-01-01 to 2020-12-31"
    assert funnel(rows("north") or found) is None
    assert points.table["high"].tolist() == [5, 6, 7]
    assert points.table["overall"].unique().tolist() == [0.6]
    assert rows() is None


@pytest.mark.parametrize("where", [{"role": "midwife"}, {"estimand": "rate"}, {"nobody": "x"}])
def test_an_indicator_that_no_result_is_is_told(where: dict[str, str]) -> None:
    assert rows("north", indicator=Indicator(table="t", where={"role": "nurse"})) is not None
    with pytest.raises(StudyError, match="no result is a share in the table t"):
        rows("north", indicator=Indicator(table="t", where=where))


@pytest.mark.slow
def test_exit_statuses_say_how_a_sweep_went(tmp_path: Path) -> None:
    plan = planned_in(tmp_path, PLAN.replace("[0.9, 0.95]", "[0.9]"), "north")

    def status(*words: str) -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["sweep", *words])
        return ran.exit_code, ran.output

    code, said = status(str(plan), "--workers", "1", "--scheduler", "tcp://127.0.0.1:9")
    assert (code, "name one of --workers, --scheduler and --cluster" in said) == (2, True)
    code, said = status(str(tmp_path / "none.yaml"))
    assert (code, "none.yaml: there is no such file" in said) == (2, True)
    code, said = status(str(plan))
    assert (code, "then add --trust" in said) == (2, True)
    (tmp_path / "slurm.yaml").write_text("jobs: 0\nmemory: much\ntime: 01:00:00\n")
    code, said = status(str(plan), "--trust", "--cluster", str(tmp_path / "slurm.yaml"))
    assert (code, "slurm.yaml: line 1: jobs: " in said, "line 2: memory: " in said) == (
        2,
        True,
        True,
    )
    assert not (tmp_path / "sweep-results").exists()
    (tmp_path / "services/north/data/raw/sessions.csv").unlink()
    code, said = status(str(plan), "--trust", "--workers", "1")
    assert (code, "sessions.csv" in said, "add --retry-failed" in said) == (1, True, True)


def test_names_of_items_say_nothing_of_protected_records(tmp_path: Path) -> None:
    plan = planned_in(tmp_path, PERIODS, "real")
    first = laid_out(read_plan(plan)).items
    (tmp_path / "services/real/data/released/sweep.key").write_text("0" * 64, encoding="ascii")
    assert {each.id for each in first}.isdisjoint(i.id for i in laid_out(read_plan(plan)).items)
    assert json.dumps([as_json(each) for each in first]).count(PARAMETERS) == 0
    assert SHOW not in str(first)
