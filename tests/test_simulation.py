"""The coverage simulation: it repeats itself, its truth is what it says, and its check bites."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal
from scipy import stats

from lmm.cli import main
from lmm.showing.plots.coverage import coverage as draw
from lmm.simulation import SEED, STUDIES, course_sizes, people, recovery, report, settings
from lmm.simulation.coverage import COLUMNS, MONTE_CARLO_LEVEL, Found, Results, Setting
from lmm.simulation.engine import Simulation, generator, simulate
from lmm.simulation.ratings import SHARE_CUT_OFFS, tally
from lmm.simulation.run import Outcome, every_rating, every_setting, run, write, written
from lmm.statistics.rates import byar, garwood
from lmm.statistics.shares import clopper_pearson, wilson
from lmm.study.problems import StudyError
from lmm.study.study import read_study
from lmm.synthetic.inputs import read_inputs

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
STUDY = read_study(ROOT)
PAGE = (DOCS / "coverage.md").read_text("utf-8")
COMMITTED = pd.read_csv(DOCS / "coverage.csv")
SETTINGS = {each.key: each for each in every_setting(STUDY)}
RATINGS = {each.name: each for each in every_rating(STUDY)}
RNG = partial(np.random.default_rng, 20)
LEVEL = 0.95
Limits = Callable[[int], tuple[float, float]]


def quiet(name: str, done: int, total: int) -> None:
    assert done <= total, name


def simulated(*chosen: Setting, studies: int = 60, seed: int = 1, workers: int = 1) -> pd.DataFrame:
    outcome = run(chosen, [], LEVEL, studies=studies, seed=seed, workers=workers, progress=quiet)
    return outcome.coverage


def some() -> list[Setting]:
    """Take one quick setting of most kinds."""
    groups = {each.group: each for each in SETTINGS.values() if each.scale == "plain"}
    return list(groups.values())


# --- repeatable ------------------------------------------------------------------------


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    alone = simulated(*some(), studies=30)
    assert len(alone) >= 7
    assert_frame_equal(alone, simulated(*some(), studies=30, workers=2))


def test_a_setting_is_drawn_alike_in_any_company() -> None:
    first, *_, last = some()
    alone = simulated(last)
    assert_frame_equal(alone, simulated(first, last).tail(len(alone)).reset_index(drop=True))


def test_another_seed_gives_another_result() -> None:
    first = some()[:3]
    assert not simulated(*first).equals(simulated(*first, seed=2).assign(seed=1))


def test_the_random_numbers_are_those_that_the_seed_spawns() -> None:
    name = "a setting"
    key = generator(7, name, 0).bit_generator.seed_seq.spawn_key[0]  # type: ignore[attr-defined]
    parent = np.random.SeedSequence(7, spawn_key=(key,))
    spawned = [np.random.default_rng(each).random() for each in parent.spawn(3)]
    assert spawned == [generator(7, name, replicate).random() for replicate in range(3)]


def test_two_settings_of_one_name_would_share_their_chance() -> None:
    setting = some()[0]
    with pytest.raises(ValueError, match="the same name"):
        simulated(setting, setting)


def test_progress_ends_where_it_was_said_to_end() -> None:
    told: dict[str, tuple[int, int]] = {}
    outcome = run(
        some(), [], LEVEL, studies=30, seed=1, workers=1,
        progress=lambda name, done, total: told.update({name: (done, total)}),
    )  # fmt: skip
    assert all(done == total for done, total in told.values())
    assert sum(total for _, total in told.values()) == 30 * len(some())
    assert outcome.ratings.empty


def test_results_come_in_the_order_of_the_studies() -> None:
    one = Simulation("x", lambda rng: float(rng.random()), 60)
    found = simulate([one], 3, 1, quiet)["x"]
    assert found == [generator(3, "x", replicate).random() for replicate in range(60)]


# --- the truth is what it says ---------------------------------------------------------


@pytest.mark.parametrize("share", settings.CLUSTERED_SHARES)
@pytest.mark.parametrize("likeness", settings.LIKENESS)
def test_answers_of_a_course_have_the_share_and_the_correlation(
    share: float, likeness: float
) -> None:
    rng = RNG()
    drawn = [settings.course_answers(share, likeness, rng) for _ in range(1500)]
    high, answers = (np.concatenate(part) for part in zip(*drawn, strict=True))
    assert answers.min() == 5
    assert answers.max() == 17
    assert high.sum() / answers.sum() == pytest.approx(share, abs=0.006)
    # products of the residuals of the pairs of one course, over p (1 - p)
    residual = high - answers * share
    squares = high * (1 - share) ** 2 + (answers - high) * share**2
    pairs = (answers * (answers - 1)).sum()
    found = float((residual**2 - squares).sum() / pairs / (share * (1 - share)))
    assert found == pytest.approx(likeness, abs=0.025)


@pytest.mark.parametrize("spread", people.SPREADS.values())
def test_courses_are_poisson_and_as_dispersed_as_said(spread: float) -> None:
    """The variance of a total is that of a compound Poisson count."""
    rng = RNG()
    drawn = [people.course_sizes(9, spread, rng) for _ in range(3000)]
    sizes = np.concatenate(drawn)
    assert np.mean([len(each) for each in drawn]) == pytest.approx(9, rel=0.02)
    assert sizes.mean() == pytest.approx(people.COURSE_SIZE, rel=0.02)
    mean = people.COURSE_SIZE - 1
    assert sizes.var() == pytest.approx(mean + (spread * mean) ** 2, rel=0.05)
    totals = [sum(each) for each in drawn]
    assert np.var(totals) == pytest.approx(9 * (sizes.astype(float) ** 2).mean(), rel=0.1)


@pytest.mark.parametrize("scatter", recovery.SCATTERS)
@pytest.mark.parametrize("ratio", settings.RATIOS)
def test_monthly_counts_have_the_means_and_the_scatter(
    ratio: float, scatter: recovery.Scatter
) -> None:
    months = recovery.series(recovery.bare_counts(STUDY))
    expected = recovery.expected_counts(months, ratio)
    without = recovery.expected_counts(months, 1)
    later = months["after"] == 1
    assert (expected[later] / without[later]).round(9).tolist() == [ratio] * int(later.sum())
    assert without.sum() == pytest.approx(settings.COUNTS["consultations"], rel=0.04)
    rng = RNG()
    counts = np.array([recovery.scattered(expected, scatter, rng) for _ in range(2000)])
    assert counts.mean(axis=0) == pytest.approx(expected, rel=0.07)
    dispersion = float((counts.var(axis=0) / expected).mean())
    neighbours = np.corrcoef(counts[:, 10], counts[:, 11])[0, 1]
    if scatter == "in batches":
        assert dispersion == pytest.approx(recovery.DISPERSION, rel=0.04)
    if scatter == "independent":
        assert dispersion == pytest.approx(1, rel=0.03)
    if scatter == "like the month before":
        assert neighbours > 0.1
    else:
        assert neighbours == pytest.approx(0, abs=0.08)


@pytest.mark.parametrize("name", recovery.ANSWERS)
@pytest.mark.parametrize("ratio", recovery.ODDS_RATIOS)
def test_answers_have_the_odds_ratio_at_every_cut(name: str, ratio: float) -> None:
    weights = recovery.ANSWERS[name]
    course = np.repeat(np.arange(20_000), 10)
    later = course >= 10_000
    answer = recovery.answers(course, later, weights, ratio, RNG())
    for cut, above in enumerate(1 - np.cumsum(weights)[:-1]):
        if 0.01 < above < 0.98:
            before, after = (float((answer[group] > cut).mean()) for group in (~later, later))
            assert before == pytest.approx(above, abs=0.006)
            odds = after / (1 - after) / (before / (1 - before))
            assert odds == pytest.approx(ratio, rel=0.06)
    top = (answer == 4).reshape(-1, 10)[:10_000]
    assert np.corrcoef(top[:, 0], top[:, 1])[0, 1] == pytest.approx(0.063, abs=0.03)


def test_sizes_are_those_of_the_records() -> None:
    inputs = read_inputs()
    assert {
        "families": inputs.families,
        "courses": inputs.courses,
        "consultations": inputs.consultations,
    } == settings.COUNTS
    assert inputs.forms_on_scale == settings.ANSWERS
    assert inputs.courses == settings.COURSES == recovery.COURSES_BEFORE + recovery.COURSES_AFTER
    assert settings.COURSES * sum(settings.COURSE_ANSWERS) / 2 == pytest.approx(304, rel=0.02)
    assert {
        name: target.target for name, target in inputs.targets.items() if name in settings.TARGETS
    } == settings.TARGETS
    satisfaction = inputs.targets["satisfaction"]
    assert (satisfaction.red_below, satisfaction.green_from) == SHARE_CUT_OFFS


def test_the_courses_of_given_sizes_are_those_of_the_records() -> None:
    sizes = course_sizes.SIZES["28 courses of the records"]
    assert (len(sizes), sum(sizes)) == (settings.COURSES, settings.ANSWERS)
    assert len(course_sizes.settings(LEVEL)) == 120


def test_a_scale_of_other_answers_is_refused() -> None:
    answers = STUDY.satisfaction.model_copy(update={"scale": {"no": (), "yes": ()}})
    with pytest.raises(StudyError, match="five answers"):
        every_setting(STUDY.model_copy(update={"forms": {"feedback_forms": answers}}))


# --- the check bites -------------------------------------------------------------------


def narrow_study(level: float, rng: np.random.Generator) -> Results:
    """Count with an interval of another level than it states."""
    events = int(rng.poisson(62))
    return {"narrow": Found((events, *garwood(events, level)))}


@pytest.mark.parametrize(("level", "verdict"), [(0.8, "falls short"), (0.999, "wider than stated")])
def test_an_interval_of_another_width_than_stated_is_found(level: float, verdict: str) -> None:
    setting = Setting("count", "narrow", 62, partial(narrow_study, level), ("narrow",))
    row = simulated(setting, studies=600).iloc[0]
    assert row["verdict"] == verdict
    assert row["coverage"] == pytest.approx(level, abs=0.06)
    said = draw(simulated(setting, studies=600), MONTE_CARLO_LEVEL).finding
    assert said.startswith("1 of 1" if level < 0.9 else "None of 1")


def refusing_study(rng: np.random.Generator) -> Results:
    """Refuse every second time, and hold the truth of 1 otherwise, from above or below."""
    limits = [None, (1.0, 0.0, 2.0), (2.5, 2.0, 3.0), None][int(rng.integers(4))]
    return {"now and then": Found(limits), "never": Found(None)}


def test_studies_without_an_interval_are_counted_by_themselves() -> None:
    setting = Setting("ratio", "refusing", 1.0, refusing_study, ("now and then",))
    table = simulated(setting, studies=400)
    sometimes, never = (row for _, row in table.iterrows())
    given = round(400 * (1 - sometimes["no_interval"]))
    assert sometimes["no_interval"] == pytest.approx(0.5, abs=0.1)
    assert sometimes["coverage"] == round(sometimes["covered"] / given, 4)
    assert sometimes["truth_below"] == pytest.approx(1 - sometimes["coverage"], abs=1e-4)
    assert sometimes["truth_above"] == 0
    assert never["verdict"] == "no interval"
    assert pd.isna(never["coverage"])
    assert "| no interval |" in report.interval_table(table)
    assert draw(table, MONTE_CARLO_LEVEL).svg("", "alt") == draw(table, MONTE_CARLO_LEVEL).svg(
        "", "alt"
    )


# --- what is committed -----------------------------------------------------------------

PRIMARY = {
    "Garwood exact": 3,
    "exact under 10, Byar from 10 on": 9,
    "Wilson": 3,
    "Clopper-Pearson": 3,
    "Korn-Graubard with CR2": 132,
    "conditional exact": 4,
    "Garwood exact / target": 3,
    "quasi-Poisson, t limits": 6,
    "proportional odds, clustered": 4,
}
SLOW = {
    "odds ratio from the event on",
    "share, answers in courses, bootstrap",
    "share, answers in courses, GEE",
}


@pytest.mark.parametrize(("interval", "number"), PRIMARY.items())
def test_every_primary_interval_is_there_often_enough(interval: str, number: int) -> None:
    rows = COMMITTED[(COMMITTED["interval"] == interval) & (COMMITTED["role"] == "primary")]
    assert len(rows) == number
    slow = rows["group"].isin(SLOW)
    assert (rows.loc[~slow, "studies"] >= STUDIES).all()
    assert (rows.loc[slow, "studies"] >= 500).all()


def test_the_committed_table_is_of_every_setting_and_records_its_seed() -> None:
    assert list(COMMITTED) == list(COLUMNS)
    assert set(COMMITTED["group"] + ": " + COMMITTED["setting"]) == set(SETTINGS)
    assert set(COMMITTED["seed"]) == {SEED}
    assert (COMMITTED["nominal"] == STUDY.confidence).all()
    # the errors of an interval on either side and its coverage are one whole
    whole = COMMITTED[["coverage", "truth_above", "truth_below"]].sum(axis=1)
    assert whole[COMMITTED["coverage"].notna()].between(0.9998, 1.0002).all()


@pytest.mark.parametrize(
    "key",
    [
        "count: families, mean 62",
        "rate a month: courses, contract year, 9.9 expected",
        "share, independent answers: true share 0.99, 304 answers",
        "share, answers in courses: true share 0.99, correlation 0.2",
        "ratio of two periods: courses, true ratio 0.6",
    ],
)
def test_committed_rows_come_out_again_exactly(key: str) -> None:
    setting = SETTINGS[key]
    here = (COMMITTED["group"] == setting.group) & (COMMITTED["setting"] == setting.name)
    committed = COMMITTED[here].reset_index(drop=True)
    again = run(
        [setting], [], STUDY.confidence,
        studies=int(committed["studies"].iloc[0]), seed=SEED, workers=1, progress=quiet,
    ).coverage  # fmt: skip
    for column in ("truth", "few_failures"):
        again[column] = again[column].astype(committed[column].dtype)
    assert_frame_equal(again, committed, check_exact=True)


def test_committed_ratings_come_out_again_exactly() -> None:
    rating = RATINGS["families, target 24 a year, truth 0.45"]
    found = simulate([Simulation(rating.key, rating.study, STUDIES)], SEED, 1, quiet)
    row = tally(rating, found[rating.key])
    assert report.rating_table(pd.DataFrame([row])).splitlines()[-1] in PAGE


@pytest.mark.parametrize("name", [name for name in RATINGS if "correlation 0," in name])
def test_each_rating_and_zone_is_reached_where_it_is_true(name: str) -> None:
    rating = RATINGS[name]
    found = simulate([Simulation(rating.key, rating.study, 200)], 1, 1, quiet)
    row = tally(rating, found[rating.key])
    zones = {"red": ("red",), "amber": ("amber-red", "amber-green"), "green": ("green",)}
    assert row[rating.true_rag] > 0.8
    assert sum(row[f"zone {zone}"] for zone in zones[rating.true_rag]) > 0.8
    assert row["probability"] > 0.6
    assert row["met_or_nearly_met"] < 0.05 or rating.true_rag != "red"
    assert {RATINGS[other].true_rag for other in RATINGS} == {"red", "amber", "green"}


def poisson(limits: Limits, mean: float) -> float:
    events = range(int(mean + 12 * mean**0.5) + 20)
    return sum(
        float(stats.poisson.pmf(x, mean)) for x in events if limits(x)[0] <= mean <= limits(x)[1]
    )


def binomial(limits: Limits, share: float) -> float:
    return sum(
        float(stats.binom.pmf(x, settings.ANSWERS, share))
        for x in range(settings.ANSWERS + 1)
        if limits(x)[0] <= share <= limits(x)[1]
    )


def rate_limits(events: int) -> tuple[float, float]:
    return byar(events, LEVEL) if events >= 10 else garwood(events, LEVEL)


@pytest.mark.parametrize(
    ("setting", "interval", "exact"),
    [
        ("families, mean 62", "Garwood", poisson(lambda x: garwood(x, LEVEL), 62)),
        ("courses, mean 28", "Garwood", poisson(lambda x: garwood(x, LEVEL), 28)),
        ("courses, contract year", "exact under", poisson(rate_limits, 28 * 12 / 34)),
        ("families, whole period", "exact under", poisson(rate_limits, 62)),
        ("true share 0.99, 304", "Wilson", binomial(lambda x: wilson(x, 304, LEVEL), 0.99)),
        ("true share 0.65, 304", "Wilson", binomial(lambda x: wilson(x, 304, LEVEL), 0.65)),
        ("true share 0.9, 304", "Cl", binomial(lambda x: clopper_pearson(x, 304, LEVEL), 0.9)),
    ],
)
def test_the_coverage_is_that_added_up_over_all_outcomes(
    setting: str, interval: str, exact: float
) -> None:
    (row,) = COMMITTED[
        COMMITTED["setting"].str.startswith(setting)
        & COMMITTED["interval"].str.startswith(interval)
    ].itertuples()
    assert row.coverage == pytest.approx(exact, abs=4 * (exact * (1 - exact) / row.studies) ** 0.5)


def test_page_figure_and_tables_are_what_is_written_of_the_committed_outcome() -> None:
    outcome = Outcome(COMMITTED, pd.read_csv(DOCS / "coverage-ratings.csv"))
    made = written(outcome, PAGE)
    places = {"figure", "shortfalls", "candidates", "intervals", "recovery", "ratings", "caveats"}
    assert set(re.findall(r"<!-- begin (\w+) -->", PAGE)) == places
    assert made["coverage.md"] == PAGE
    for name, content in made.items():
        assert (DOCS / name).read_text("utf-8") == content, name


def test_writing_twice_changes_nothing_and_a_page_without_places_is_refused(
    tmp_path: Path,
) -> None:
    outcome = run(
        list(SETTINGS.values())[:2] + some(), [], LEVEL,
        studies=20, seed=1, workers=1, progress=quiet,
    )  # fmt: skip
    with pytest.raises(StudyError, match="no such page"):
        write(outcome, tmp_path)
    (tmp_path / "coverage.md").write_text("# Empty\n", "utf-8")
    with pytest.raises(StudyError, match="not one place for"):
        report.filled("# Empty\n", {"figure": "x"})
    page = "<!-- begin a -->\n<!-- end a -->"
    once = report.filled(page, {"a": r"100 \% \1"})
    assert once == "<!-- begin a -->\n\n100 \\% \\1\n\n<!-- end a -->"
    assert report.filled(once, {"a": r"100 \% \1"}) == once


def test_a_folder_without_the_page_is_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    shutil.copy(ROOT / "study.yaml", tmp_path)
    answer = CliRunner().invoke(main, ["simulate", "--study", str(tmp_path)])
    assert answer.exit_code == 2
    assert "there is no such page" in answer.stderr


@pytest.mark.slow
def test_the_command_writes_the_page_its_figure_and_tables(tmp_path: Path) -> None:
    shutil.copy(ROOT / "study.yaml", tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "coverage.md", tmp_path / "docs")
    words = [sys.executable, "-m", "lmm", "simulate", "--studies", "20", "--seed", "5"]
    for workers in ("1", "2"):
        subprocess.run([*words, "--workers", workers], cwd=tmp_path, check=True)
        files = {p.name: p.read_bytes() for p in (tmp_path / "docs").iterdir()}
        assert set(files) == {
            "coverage.csv", "coverage-ratings.csv", "coverage.svg", "coverage.md",
        }  # fmt: skip
        if workers == "1":
            first = files
    assert files == first
    assert b"20 simulated studies of each setting, from the seed 5." in files["coverage.md"]
