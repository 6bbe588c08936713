"""A release beside earlier ones: what stays as it was, and what their difference gives away."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from attack.drawn import drawn
from attack.sequences import tried_in_turn
from attack.shown import SMALL
from attack.studies import Row, records_of, study_of, tables_of_rows
from attack.twins import written
from gates import records_of as records_here
from scipy.sparse import csr_array

from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Key, key
from lmm.disclosure.cells import FAR
from lmm.disclosure.earlier import RELEASED, Earlier, known, spanning, stands, was_small
from lmm.disclosure.gate import Released
from lmm.disclosure.habits import Habits
from lmm.disclosure.model import Model
from lmm.disclosure.neighbours import neighbours
from lmm.disclosure.plan import Cell, Told
from lmm.disclosure.population import Population
from lmm.disclosure.search import Moves
from lmm.publish.remembered import earlier_releases, release_beside, remember
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study

SHOWN = Told(10, 8, 12, "shown")
SMALL_ONE = Told(None, 1, 7, "primary")
OTHER = Told(None, 0, FAR, "secondary")
UNROUNDED = {"hide_up_to": 7, "round_to": 1}
COLUMNS = ["session_id", "date", "kind", "mode"]


def sessions(**days: int) -> list[Row]:
    """Give so many sessions on each day, named like ``d0131``; every other one of a kind."""
    dates = [f"2020-{day[1:3]}-{day[3:]}" for day, n in days.items() for _ in range(n)]
    return [
        {"session_id": f"S{n}", "date": date, "mode": "in person",
         "kind": ("support", "guidance")[n % 2]}
        for n, date in enumerate(dates)
    ]  # fmt: skip


class Service:
    """A service that releases again and again."""

    def __init__(self, folder: Path, disclosure: Any = "opensafely", **given: Any) -> None:
        self.study = study_of(disclosure, {"consultations": COLUMNS}, **given)
        self.study._folder = folder

    def releases(self, rows: list[Row], **parameters: str) -> Released:
        earlier = earlier_releases(self.study)
        tables = tables_of_rows(self.study, {"consultations": rows})
        found = release_beside(tables, self.study, Parameters.of(self.study, parameters), earlier)
        remember(found, earlier)
        return found

    def otherwise(self, **update: Any) -> Study:
        other = self.study.model_copy(update=update)
        other._folder = self.study.folder
        return other


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


ROWS = sessions(d0110=11, d0212=9, d0303=13, d0405=4)


# --- what is told of one count ------------------------------------------------------------


def test_the_last_release_that_is_still_true_stands() -> None:
    assert stands([OTHER, SHOWN], 9) == SHOWN
    assert stands([SHOWN, OTHER], 9) == OTHER  # what was hidden once stays so
    assert stands([OTHER, SHOWN], 20) == OTHER
    assert stands([SHOWN], 20) is None  # corrected since: told anew
    assert stands([], 20) is None


def test_of_what_was_a_small_count_nothing_is_told_any_more() -> None:
    assert was_small([OTHER, SMALL_ONE])
    assert stands([SMALL_ONE], 9) == OTHER
    assert known("n", [SMALL_ONE], 9, None) == Cell("n", 9, known=(0, FAR), was_small=True)


def test_all_that_is_still_true_is_known() -> None:
    both = [SHOWN, Told(None, 0, FAR, "secondary"), Told(15, 11, 17, "shown")]
    assert known("n", both, 12, 15) == Cell("n", 12, known=(11, 12), value=15)
    assert known("n", both, 17, 15).known == (11, 17)
    assert known("n", [], 3, None) == Cell("n", 3, known=(0, FAR))


def test_a_range_that_excludes_small_counts_is_not_protected_as_one() -> None:
    assert not known("n", [SMALL_ONE, SHOWN], 9, 10).was_small


def test_the_records_span_the_periods_of_all_releases(service: Service) -> None:
    def of(start: str, end: str) -> Parameters:
        return Parameters.of(service.study, {"period_start": start, "period_end": end})

    earlier = [Earlier("1", of("2020-01-01", "2020-02-01"), {})]
    assert spanning(of("2019-12-01", "2020-01-15"), earlier) == of("2019-12-01", "2020-02-01")
    assert spanning(of("2020-03-01", "2020-03-02"), earlier) == of("2020-01-01", "2020-03-02")


def test_members_may_lie_in_each_part_of_a_month_that_is_counted_by_itself() -> None:
    population = Population.of(records_here("opensafely", 0.15))
    made, _ = neighbours(population, 0, [pd.Timestamp("2019-06-11"), pd.Timestamp("2019-06-14")])
    days = made.frames["consultations"]["date"]
    within = set(days[days.between("2019-06-01", "2019-06-30")].dt.day)
    assert within & {*range(1, 11)}
    assert within & {11, 12, 13}
    assert within & {*range(14, 31)}


def test_members_are_exchanged_within_each_part_of_a_period(service: Service) -> None:
    """All sessions were on days late in a month, and an earlier release ended with the 10th."""
    rows = sessions(d0120=9, d0420=9)
    service.releases(rows, period_end="2020-02-10")
    tables = tables_of_rows(service.study, {"consultations": rows})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    earlier = earlier_releases(service.study)
    model = Model(records, count(records), earlier)
    february = model.same[earlier[0].named(key("consultations", month="2020-02-01"))]
    moves = next(model.kinds())
    changed = moves.effects[[model.standing.index(february)]].toarray()[0]
    assert (changed[moves.source >= 0] > 0).any()


def test_where_nothing_is_found_members_are_exchanged_for_some_who_differ_in_two_things(
    service: Service,
) -> None:
    """In the kind of session and the month, of those who are exchanged for another kind."""
    tables = tables_of_rows(service.study, {"consultations": sessions(d0120=9, d0220=9, d0420=9)})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    model = Model(records, count(records))
    both = key("consultations", kind="support"), key("consultations", month="2020-02-01")
    at = [model.standing.index(model.same[name]) for name in both]

    def added(moves: Moves) -> npt.NDArray[np.int64]:
        return moves.effects[at].toarray() * (moves.source >= 0)

    *_, last = model.kinds()
    of_another_kind = np.flatnonzero(added(last)[0] == 1)
    assert of_another_kind.size
    assert not (added(last) == 1).all(axis=0).any()
    more = model.nearer(of_another_kind)
    assert (added(more) == 1).all(axis=0).any()
    assert model.nearer(of_another_kind).most.size == more.most.size  # nobody is asked twice


@pytest.mark.slow
def test_neighbours_of_neighbours_keep_to_the_habits_of_the_members() -> None:
    of = drawn(54, "opensafely")
    records = records_of(of.study, of.rows)
    ended = Parameters.of(of.study, {"period_end": "2020-02-17"})
    model, alone = (Model(records, count(records), e) for e in ([Earlier("1", ended, {})], []))
    assert len(model.source) > 500 + len(alone.source)
    assert Habits.of(model.members).kept(model.everybody).all()


def seen(of: Population, members: Any) -> pd.DataFrame:
    """Give the day of the referral and of the first contact of members."""
    families, contacts = (of.frames[name] for name in ("families", "family_contacts"))
    first = contacts.groupby(of.member["family_contacts"])["date"].min()
    referred = pd.Series(families["referred_on"].to_numpy(), of.member["families"])
    return pd.DataFrame({"seen": first, "referred": referred}).reindex(members)


def test_what_follows_a_referral_may_lie_just_on_each_side_of_an_edge() -> None:
    population = Population.of(records_here("opensafely", 0.15))
    made, source = neighbours(population, 0, [pd.Timestamp("2019-06-11")])
    now, before = seen(made, range(made.size)), seen(population, source)
    alone = now["referred"].to_numpy() == before["referred"].to_numpy()
    for day in ("2019-06-10", "2019-06-11"):
        just_then = (now["seen"] == pd.Timestamp(day)).to_numpy()
        assert len(set(source[alone & just_then])) > 3


def test_where_few_are_exchanged_referrals_and_what_follows_move_by_any_days() -> None:
    """So that somebody just waits, or just does not wait, for any number of days."""
    every = Population.of(records_here("opensafely", 0.15))
    some, _ = every.taken(seen(every, range(every.size)).dropna().index[:3].to_numpy())
    made, source = neighbours(some, None)
    now, before = seen(made, range(made.size)), seen(some, source).set_axis(range(made.size))
    moved = (now - before).apply(lambda days: days.dt.days)
    for column, other in (("seen", "referred"), ("referred", "seen")):
        assert {1, 2, 3, 4, 5} <= {*moved.loc[moved[other] == 0, column].abs()}


def test_different_things_of_two_releases_are_not_taken_for_the_same(service: Service) -> None:
    rows = sessions(d0120=9, d0220=9)
    service.releases(rows, period_end="2020-03-10")
    tables = tables_of_rows(service.study, {"consultations": rows})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    earlier = earlier_releases(service.study)
    model = Model(records, count(records), earlier)
    support, month = key("consultations", kind="support"), key("consultations", month="2020-01-01")
    then, known = earlier[0].named(support), model.adds

    def stands_for(name: Key) -> Key:
        """Say for what a count stands to which everybody adds what they did to the other one."""
        adds = known.tolil()
        adds[model.place[name]] = adds[model.place[then]]
        model.adds = csr_array(adds)
        return model._same()[name]

    assert stands_for(support) == then
    assert stands_for(month) == month


def test_what_lies_between_any_two_releases_is_protected_by_all_that_follow(
    service: Service,
) -> None:
    rows = sessions(d0110=9, d0210=2, d0310=3, d0410=4)
    ends = [Parameters.of(service.study, {"period_end": f"2020-0{m}-28"}) for m in (3, 1, 2)]
    tables = tables_of_rows(service.study, {"consultations": rows})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    told = {key("consultations"): Told(None, 0, FAR, "secondary")}
    earlier = [Earlier(f"{n}", end, told) for n, end in enumerate(ends)]
    cells = {cell.key: cell.count for cell in Model(records, count(records), earlier).cells}
    counts = {9: "1", 11: "2", 14: "0"}
    names = {n: key("consultations", **{RELEASED: of}) for n, of in counts.items()}
    names[18] = key("consultations")
    found = {
        key: n for key, n in cells.items() if key[0] == "left" and {*key[1:]} < {*names.values()}
    }
    assert found == {
        ("left", names[more], names[less]): more - less
        for less, more in combinations(sorted(names), 2)
    }


def test_of_two_releases_that_only_overlap_neither_is_part_of_the_other(service: Service) -> None:
    spans = (("2020-01-01", "2020-02-28"), ("2020-02-01", "2020-03-28"))
    tables = tables_of_rows(service.study, {"consultations": sessions(d0110=9, d0210=12, d0310=13)})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    told = {key("consultations"): Told(None, 0, FAR, "secondary")}
    earlier = [
        Earlier(f"{n}", Parameters.of(service.study, {"period_start": a, "period_end": b}), told)
        for n, (a, b) in enumerate(spans)
    ]
    one, other = (key("consultations", **{RELEASED: each.name}) for each in earlier)
    whole = key("consultations")
    found = set(Model(records, count(records), earlier)._since())
    assert found == {(one, whole), (other, whole)}


@pytest.mark.slow
def test_what_is_left_beside_forms_is_protected_in_each_release() -> None:
    """Those who came and returned no form, up to the end of an earlier period as well."""
    records = records_here("opensafely", 0.15)
    early = Parameters.of(records.study, {"period_end": "2020-06-30"})
    model = Model(records, count(records), [Earlier("1", early, {})])
    then = count(records.within_period(early)).numbers
    came, forms = (then[key(name)] or 0 for name in ("attendances", "feedback_forms"))
    cells = {c.key[-1]: c for c in model.cells if c.key[0] == "left beside" and c.key[4] == ()}
    assert (cells["1"].count, cells["1"].protected) == (came - forms, True)
    assert cells[""].count > cells["1"].count > 0


def test_in_the_end_people_like_neighbours_may_come_besides(service: Service) -> None:
    """Of two sessions in January no more than two can be moved; but others can be held in May."""
    tables = tables_of_rows(service.study, {"consultations": sessions(d0110=2)})
    records = Records.within(tables, service.study, Parameters.of(service.study))
    model = Model(records, count(records))
    may = model.standing.index(model.same[key("consultations", month="2020-05-01")])
    come = [
        bool((moves.effects[[may]].toarray()[0][moves.source < 0] > 0).any())
        for moves in model.kinds()
    ]
    assert (come[0], come[-1]) == (False, True)


# --- one release after another ------------------------------------------------------------


def test_what_was_released_stays_as_it_was(service: Service) -> None:
    first = service.releases(ROWS, period_end="2020-03-31")
    second = service.releases(ROWS)
    months = [name for name in first.told if dict(name[1]).get("month", "")]
    assert len(months) > 4
    for name in months:
        assert second.told[name] == first.told[name], name
    assert second.counts.numbers[key("consultations", month="2020-03-01")] == 15
    total = key("consultations")
    assert first.counts.numbers[total] == 35  # 11, 9 and 13
    assert second.told[total] != first.told[total]


def test_the_same_is_released_again_without_a_plan_and_kept_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = service.releases(ROWS)
    monkeypatch.setattr("lmm.disclosure.model.Model", pytest.fail)
    again = service.releases(ROWS, confidence="0.9")
    assert again.told == first.told
    assert again.counts.numbers == first.counts.numbers
    assert [path.name for path in service.study.released.glob("*/")] == ["1"]


@pytest.mark.parametrize("month", [{}, {"month": "2020-04-01"}])
def test_a_difference_of_two_releases_that_is_small_is_not_given_away(
    tmp_path: Path, month: dict[str, str]
) -> None:
    """Three sessions were held late in April: the others are in both, and nothing is rounded."""
    rows, of = sessions(d0403=20, d0420=3), key("consultations", **month)
    early = {"period_end": "2020-04-10"}
    one, other = Service(tmp_path / "one", UNROUNDED), Service(tmp_path / "other", UNROUNDED)
    assert one.releases(rows, **early).counts.numbers[of] == 20
    assert one.releases(rows).counts.numbers[of] is None
    assert other.releases(rows).counts.numbers[of] == 23
    assert other.releases(rows, **early).counts.numbers[of] is None


def test_a_corrected_count_is_told_anew_and_a_small_one_stays_blank(service: Service) -> None:
    march, april = (key("consultations", month=f"2020-0{n}-01") for n in (3, 4))
    first = service.releases(ROWS)
    assert (first.told[march].value, first.told[april].decision) == (15, "primary")
    more = sessions(d0110=11, d0212=9, d0303=22, d0405=10)
    second = service.releases(more)
    assert second.told[march].value == 20
    assert second.told[april] == OTHER  # 10, and 4 in what was released
    assert second.told[key("consultations", month="2020-01-01")].value == 10


@pytest.mark.parametrize(
    ("seed", "profile"),
    [(3, "opensafely"), *(
        pytest.param(seed, profile, marks=pytest.mark.slow)
        for seed in (3, 22, 54) for profile in SMALL if (seed, profile) != (3, "opensafely")
    )],
)  # fmt: skip
def test_no_release_of_a_sequence_rules_anything_out(seed: int, profile: str) -> None:
    """Other periods, corrected records, and another profile, which is refused."""
    numbers, told = tried_in_turn(seed, profile)
    assert told == []
    assert numbers["small"] > 50
    assert (numbers["releases"], numbers["other profile, refused"]) == (4, 1)
    assert numbers["corrected"] or not numbers["narrowed before"]


def test_the_attack_on_sequences_sees_what_single_releases_give_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("attack.sequences.earlier_releases", lambda _: [])
    monkeypatch.setattr("attack.sequences.remember", lambda *_: None)
    numbers, _ = tried_in_turn(3, "nhs_digital")
    assert numbers["narrowed"] > 0


def ran(study: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lmm", "run", "--study", str(study), *more]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_a_run_plans_beside_earlier_ones_and_says_so(service: Service, tmp_path: Path) -> None:
    folder = written(tmp_path / "kept", service.study, {"consultations": ROWS})
    first = ran(folder)
    assert (first.returncode, "earlier release" in first.stderr) == (0, False), first.stderr
    second = ran(folder, "--set", "period_end=2020-03-31")
    assert second.returncode == 0, second.stderr
    assert "counting, beside 1 earlier release" in second.stderr + second.stdout
    assert sorted(path.name for path in (folder / "data/released").glob("*/")) == ["1", "2"]
    made = (folder / "outputs/counts/released_counts.csv").read_bytes()
    path = folder / "study.yaml"
    path.write_text(path.read_text("utf-8").replace("opensafely", "midpoint6"), "utf-8")
    third = ran(folder)
    assert third.returncode == 2
    assert "the disclosure profile is midpoint6, and something was released" in third.stderr
    assert (folder / "outputs/counts/released_counts.csv").read_bytes() == made
    assert not [*folder.glob(".stage*"), *folder.glob("outputs.failed")]


# --- what is kept -------------------------------------------------------------------------


def test_what_is_kept_reads_as_it_was_told_and_is_for_the_service_alone(service: Service) -> None:
    first = service.releases(ROWS, period_end="2020-03-31")
    second = service.releases(ROWS)
    kept = earlier_releases(service.study)
    assert [each.name for each in kept] == ["1", "2"]
    assert [each.told for each in kept] == [first.told, second.told]
    assert f"{kept[0].parameters.period_end}" == "2020-03-31"
    place = service.study.released
    assert (place / ".gitignore").read_text("utf-8") == "*\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    files = [path for path in place.rglob("*") if path.is_file() and path.parent != place]
    assert {path.name for path in files} == {"release.json", "told.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_nothing_is_kept_where_nothing_is_protected(tmp_path: Path) -> None:
    service = Service(tmp_path, "none", records="synthetic")
    service.releases(ROWS)
    assert not service.study.released.exists()


def refused(study: Study) -> str:
    with pytest.raises(StudyError) as stopped:
        earlier_releases(study)
    return str(stopped.value)


def test_another_profile_is_refused_with_what_to_do(service: Service) -> None:
    service.releases(ROWS)
    assert refused(service.otherwise(disclosure="midpoint6")) == (
        "study.yaml: the disclosure profile is midpoint6, and something was released under "
        "opensafely. Two ways of protecting the same counts together give small ones away: set "
        "`disclosure: opensafely` again, or, if nobody was given that release, remove the folder "
        "data/released/1"
    )
    own = Service(service.study.folder / "own", UNROUNDED)
    own.releases(ROWS)
    assert '`disclosure: {"hide_up_to": 7, "round_to": 1, ' in refused(
        own.otherwise(disclosure="nhs_digital")
    )


def test_a_study_that_counts_something_else_is_refused(service: Service) -> None:
    service.releases(ROWS)
    kinds = {**service.study.vocabularies}
    kinds["consultation_kind"] = {"support": [], "advice": []}  # type: ignore[assignment]
    other = study_of("opensafely", {"consultations": COLUMNS}, vocabularies=kinds)
    other._folder = service.study.folder
    told = refused(other)
    assert "told.csv: line " in told
    assert "column 'level': 'guidance' is no level of kind; a new release has to be planned" in told
    assert "remove the folder data/released/1" in told


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("told.csv", ",primary,", ",perhaps,", "', 1, 7, perhaps' is not what"),
        ("told.csv", ",10,8,12,shown", ",10,12,8,shown", "'10, 12, 8, shown' is not what"),
        ("told.csv", ",10,8,12,shown", ",,8,12,shown", "', 8, 12, shown' is not what may be told"),
        ("told.csv", ",low,", ",least,", "told.csv: line 1: has the headings"),
        ("told.csv", ",real", ",synthetic", "'synthetic' records, but study.yaml declares real"),
        ("release.json", "2019-11-15", "2018-11-15", "release.json: period_start 2018-11-15 is"),
        ("release.json", "period_end", "period_and", "release.json: is missing, or cannot be read"),
    ],
)
def test_what_is_kept_and_was_altered_is_refused(
    service: Service, file: str, old: str, new: str, why: str
) -> None:
    service.releases(ROWS)
    path = service.study.released / "1" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    told = refused(service.study)
    assert why in told
    assert "data/released/1" in told


def test_a_folder_that_is_no_release_is_passed_by(service: Service) -> None:
    service.releases(ROWS)
    (service.study.released / ".2").mkdir()  # of a run that was killed
    (service.study.released / "notes").mkdir()
    assert [each.name for each in earlier_releases(service.study)] == ["1"]
    service.releases(ROWS, period_end="2020-03-31")
    assert len(earlier_releases(service.study)) == 2
    told = json.loads((service.study.released / "2" / "release.json").read_text("utf-8"))
    assert told == {
        "records": "real", "disclosure": "opensafely", "period_start": "2019-11-15",
        "period_end": "2020-03-31", "event_date": "2020-03-23",
    }  # fmt: skip
