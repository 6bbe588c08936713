"""Studies that release again and again: other periods, corrected records, another profile.

What a study has released is kept in its folder and read from there, as a run does.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from attack.attacker import Found, Release, Target, attack, is_of_people, population, targets, told
from attack.drawn import drawn
from attack.names import Name, Population
from attack.program import add, times
from attack.shown import SMALL, Shown
from attack.studies import Drawn, Row, exact, records_of, shown_in, tables_of_rows
from lmm.cleaning.records import Records
from lmm.publish.remembered import earlier_releases, release_beside, remember
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study

LENGTH = 4
CORRECTED = 0.4
"""How often records are corrected before a release."""

Tables = dict[str, list[Row]]


@dataclass
class Sequence:
    """Releases of one study, what each was made from, and what is reported of them."""

    study: Study
    releases: list[Release] = field(default_factory=list)
    rows: list[Tables] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)


def released_in_turn(seed: int, profile: str, folder: Path) -> Sequence:
    """Draw a study, and release it several times."""
    rng, first = Random(f"sequence {seed}"), drawn(seed, profile)
    first.study._folder = folder
    found = Sequence(first.study)
    rows: Tables = {name: [dict(row) for row in table] for name, table in first.rows.items()}
    for n in range(LENGTH):
        if n and rng.random() < CORRECTED:
            rows = corrected(rows, first, rng)
            found.numbers["corrected"] += 1
        if n == LENGTH // 2:
            found.numbers["other profile, refused"] += is_refused_otherwise(first.study)
        parameters = Parameters.of(first.study, period(first, rng))
        shown = released_beside(first.study, rows, parameters)
        days = parameters.period_start, parameters.period_end
        found.releases.append(Release(days, shown))
        found.rows.append(rows)
    return found


def released_beside(study: Study, rows: Tables, parameters: Parameters) -> Shown:
    """Release beside what was released before, and remember it."""
    earlier = earlier_releases(study)
    found = release_beside(tables_of_rows(study, rows), study, parameters, earlier)
    remember(found, earlier)
    return shown_in(found)


def is_refused_otherwise(study: Study) -> bool:
    """Say whether a release under another profile is refused."""
    others = [name for name in SMALL if name != study.disclosure]
    other = study.model_copy(update={"disclosure": others[0]})
    other._folder = study.folder
    try:
        earlier_releases(other)
    except StudyError:
        return True
    return False


def period(of: Drawn, rng: Random) -> dict[str, str]:
    """Draw a part of the period; of people and families all begin on its first day."""
    first, last = of.study.period.start, of.study.period.end
    days = (last - first).days
    end = last if rng.random() < 0.3 else first + dt.timedelta(rng.randint(days // 3, days))
    start = first
    if not any(of.study.keeps(name) for name in ("courses", "families")) and rng.random() < 0.7:
        start = first + dt.timedelta(rng.randint(0, (end - first).days // 2))
    return {"period_start": f"{start}", "period_end": f"{end}"}


def corrected(rows: Tables, of: Drawn, rng: Random) -> Tables:
    """Correct up to three records: what nobody else hangs on is added, dropped or altered."""
    rows = {name: [dict(row) for row in table] for name, table in rows.items()}
    ways: dict[str, Callable[[Tables, Random], None]] = {
        "course_attendance": _somebody_more, "feedback_forms": _other_answer,
        "families": _other_family, "consultations": _one_less("consultations"),
        "drop_ins": _one_less("drop_ins"),
    }  # fmt: skip
    tables = [name for name in ways if rows.get(name)]
    for _ in range(rng.randint(1, 3)):
        table = rng.choice(tables)
        if rows[table]:
            ways[table](rows, rng)
    return rows


def _somebody_more(rows: Tables, rng: Random) -> None:
    like = rng.choice(rows["course_attendance"])
    name = f"L{len(rows['course_attendance'])}"
    rows["course_attendance"].append({**like, "staff_id": name, "attended": "yes"})


def _other_answer(rows: Tables, rng: Random) -> None:
    form = rng.choice(rows["feedback_forms"])
    form["overall"] = rng.choice(["satisfied", "dissatisfied", ""])


def _other_family(rows: Tables, rng: Random) -> None:
    """Leave out a family with its contacts, or give it another label."""
    family = rng.choice(rows["families"])
    if rng.random() < 0.5:
        for name in ("families", "family_contacts"):
            rows[name] = [r for r in rows.get(name, []) if r["family_id"] != family["family_id"]]
    for name, labels in (("ward", ["north", "south"]), ("reason", ["bonding", "mood"])):
        if name in family:
            family[name] = rng.choice(labels)


def _one_less(table: str) -> Callable[[Tables, Random], None]:
    def less(rows: Tables, rng: Random) -> None:
        rows[table].remove(rng.choice(rows[table]))

    return less


def attacked(sequence: Sequence, n: int) -> tuple[Found, list[str]]:
    """Attack the first releases with what is true of them of the records of the last of these.

    Returns
    -------
    found, told
        The second says which values the last of them has ruled out.
    """
    study, several = sequence.study, sequence.releases[: n + 1]
    records = [within(study, sequence.rows[n], release) for release in several]
    true = [exact(r, release.shown) for r, release in zip(records, several, strict=True)]

    def attacks(these: list[Release], only: set[str] | None = None) -> Found:
        of = population(study, several, study.event.date)
        told(of.program, of, these, true)
        most = SMALL[str(study.disclosure)]
        aims = [aim for k in range(n + 1) for aim in targets(of, true[k], most, k)]
        aims += between(of, several, true, most)
        named = [Target(f"{k} {aim.name}", aim.terms, aim.count) for k, aim in enumerate(aims)]
        return attack(of, [aim for aim in named if only is None or aim.name in only], most)

    found = attacks(several)
    before = attacks(several[:-1], {*found.narrowed}) if found.narrowed else found
    lost = {name: before.possible[name] - found.possible[name] for name in found.narrowed}
    return found, [f"{name}: {values} are ruled out" for name, values in lost.items() if values]


def within(study: Study, rows: Tables, release: Release) -> Records:
    """Give records within the period of a release."""
    first, last = release.period
    return records_of(study, rows, period_start=f"{first}", period_end=f"{last}")


def between(
    of: Population, releases: list[Release], true: list[dict[Name, int]], most: int
) -> Iterator[Target]:
    """Give the small counts that are the difference of two releases, one within the other."""
    for n, inner in enumerate(releases):
        for m, outer in enumerate(releases):
            if outer.period[0] > inner.period[0] or outer.period[1] < inner.period[1] or n == m:
                continue
            for name in true[n].keys() & true[m].keys():
                if is_of_people(name, of.scene.study) and not name[0].startswith("caseload"):
                    since = add(of.terms(name, m), times(-1, of.terms(name, n)))
                    left = true[m][name] - true[n][name]
                    if 1 <= left <= most and min(since.values()) > 0:
                        yield Target(f"{name} from {n} to {m}", since, left)


COLUMNS = (
    "sequences", "releases", "corrected", "other profile, refused", "small", "narrowed",
    "narrowed before",
)  # fmt: skip


def tried_in_turn(seed: int, profile: str) -> tuple[Counter[str], list[str]]:
    """Put a sequence on trial; give what is reported, and what is narrowed."""
    with tempfile.TemporaryDirectory(prefix="lmm-attack-") as folder:
        sequence = released_in_turn(seed, profile, Path(folder))
    numbers, every = sequence.numbers, list[str]()
    numbers.update({"sequences": 1, "releases": len(sequence.releases)})
    for n in range(len(sequence.releases)):
        found, lost = attacked(sequence, n)
        every += [f"release {n}, {each}" for each in lost]
        numbers.update({
            "small": len(found.targets), "narrowed": len(lost),
            "narrowed before": len(found.narrowed) - len(lost),
        })  # fmt: skip
    return numbers, every
