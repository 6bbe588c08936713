"""The synthetic records: calibrated exactly, untidy in every declared way, and about nobody."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from lmm.cleaning.clean import clean_all
from lmm.cleaning.contract import accepted
from lmm.cleaning.load import read_raw
from lmm.study.labels import fold
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of
from lmm.synthetic import untidy
from lmm.synthetic.draw import Draw, split
from lmm.synthetic.inputs import INPUTS_FILE, read_entries, read_inputs
from lmm.synthetic.records import Records, Row, make_records
from lmm.synthetic.untidy import KINDS, RECORD_TABLES, make_untidy
from lmm.synthetic.write import FINGERPRINTS_FILE, fingerprints, write_raw

HOME = Path(__file__).resolve().parents[1]
STUDY = read_study(HOME)
TIDY = make_records(read_inputs(), STUDY)
LOCKDOWN = "2020-03-23"
NO_FORMS = {"forms_on_scale": 0, "forms_blank": 0, "forms_dont_know": 0}
NO_FAMILIES = dict.fromkeys(
    (
        "families",
        "families_referred",
        "families_accepted",
        "families_offered",
        "families_discharged",
    ),
    0,
)
ONE_COURSE = {
    "courses": 1,
    "staff": 15,
    "second_attendances": 0,
    "booked_never_came": 2,
    "booked_came_elsewhere": 0,
    "forms_on_scale": 10,
    "forms_blank": 1,
    "forms_dont_know": 1,
}
OTHER_INPUTS = {
    "calibrated": {},
    "another seed": {"seed": 7},
    "no answers": NO_FORMS,
    "one course": ONE_COURSE,
    "all satisfied": {"satisfaction_percent": 100},
    "none satisfied": {"satisfaction_percent": 0},
    "closed from the lockdown on": {"open_after_event": False},
    "one family": {
        **NO_FAMILIES,
        "families": 1,
        "families_referred": 1,
        "families_accepted": 1,
        "families_offered": 1,
    },
    "nothing at all": {
        **NO_FORMS,
        **NO_FAMILIES,
        "courses": 0,
        "staff": 0,
        "second_attendances": 0,
        "booked_never_came": 0,
        "booked_came_elsewhere": 0,
        "consultations": 0,
    },
}


def read_csv(table: str) -> Records:
    """Read a committed raw file by column name, without the package's own reader."""
    source = STUDY.tables[table]
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    text = (HOME / "data/raw" / source.files[0]).read_bytes().decode(encoding)
    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    assert heading == list(source.columns.values())
    return [dict(zip(source.columns, row, strict=True)) for row in rows]


RAW: Records = {table: read_csv(table) for table in RECORD_TABLES}


# --- the committed files -----------------------------------------------------------------


def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    written = write_raw(STUDY, tmp_path)
    assert {path.name for path in written} == {p.name for p in (HOME / "data/raw").iterdir()}
    for path in written:
        assert path.read_bytes() == (HOME / "data/raw" / path.name).read_bytes(), path.name


def test_the_fingerprints_are_those_of_the_committed_records() -> None:
    stored = json.loads(FINGERPRINTS_FILE.read_text(encoding="utf-8"))
    assert stored == fingerprints(STUDY)
    assert set(stored) == {STUDY.sources[table].files[0] for table in RECORD_TABLES}
    for name, digest in stored.items():
        assert digest == hashlib.sha256((HOME / "data/raw" / name).read_bytes()).hexdigest()


def test_nothing_is_written_for_a_study_with_real_records(tmp_path: Path) -> None:
    study = STUDY.model_copy(update={"records": "real"})
    with pytest.raises(StudyError, match="real records"):
        write_raw(study, tmp_path)
    assert not list(tmp_path.iterdir())


def test_encodings_marks_and_line_ends_are_mixed() -> None:
    content = {
        t: (HOME / "data/raw" / STUDY.sources[t].files[0]).read_bytes() for t in STUDY.tables
    }
    marked = {table for table, text in content.items() if text.startswith(b"\xef\xbb\xbf")}
    windows = {table for table, text in content.items() if b"\r\n" in text}
    assert marked == {"courses", "family_contacts"}
    assert windows == {"courses", "feedback_forms", "consultations", "families"}
    for table in windows:
        assert content[table].count(b"\n") == content[table].count(b"\r\n")
    assert b"don\x92t know" in content["feedback_forms"].lower()
    assert b"\xa0" in content["families"]
    for table in ("feedback_forms", "families"):
        with pytest.raises(UnicodeDecodeError):
            content[table].decode("utf-8")
    assert re.search(rb'Total,[^\n]*"\d+,\d{3}"\r\n$', content["consultations"])


def test_the_readme_says_first_that_nobody_is_described() -> None:
    text = (HOME / "data/raw/README.md").read_text(encoding="utf-8")
    assert text.startswith("# Raw records: synthetic\n\n**All records in this folder are synth")
    for words in (*KINDS, *(f"`{name}`" for name in read_entries()), "CC0", "### families"):
        assert words in text


# --- the truth ---------------------------------------------------------------------------


def year_of(date: str) -> str:
    start = int(date[:4]) - (date[5:7] < "04")
    return f"{start}/{(start + 1) % 100}"


def test_courses_are_calibrated() -> None:
    courses = TIDY["courses"]
    assert len(courses) == 28
    by_year = Counter(year_of(course["date"]) for course in courses)
    assert by_year == {"2018/19": 11, "2019/20": 11, "2020/21": 6}
    for course in courses:
        assert dt.date.fromisoformat(course["date"]).weekday() < 5
        assert not "2020-03-23" <= course["date"] < "2020-07-01"
        assert course["mode"] == ("in person" if course["date"] < LOCKDOWN else "online")
        assert 18 <= int(course["places"]) <= 30


def test_staff_are_calibrated() -> None:
    dates = {course["course_id"]: course["date"] for course in TIDY["courses"]}
    topics = {course["course_id"]: course["topic"] for course in TIDY["courses"]}
    came = [row for row in TIDY["course_attendance"] if row["attended"] == "yes"]
    been = defaultdict(list)
    for row in came:
        been[row["staff_id"]].append(row["course_id"])
    assert (len(been), len(came)) == (434, 471)
    first = Counter(year_of(min(dates[c] for c in courses)) for courses in been.values())
    assert first == {"2018/19": 171, "2019/20": 166, "2020/21": 97}
    assert all(len({topics[c] for c in courses}) == len(courses) for courses in been.values())
    assert len(TIDY["course_attendance"]) - len(came) == 60
    people = {(r["staff_id"], r["role"], r["organisation"]) for r in TIDY["course_attendance"]}
    assert len(people) == len({person[0] for person in people}) == 434 + 42
    booked = Counter(row["course_id"] for row in TIDY["course_attendance"])
    assert all(booked[c["course_id"]] <= int(c["places"]) for c in TIDY["courses"])


def test_feedback_is_calibrated() -> None:
    forms = TIDY["feedback_forms"]
    answers = Counter(form["overall"] for form in forms)
    high = answers["satisfied"] + answers["very satisfied"]
    on_scale = sum(answers[label] for label in STUDY.satisfaction.scale)
    assert (high, on_scale, answers[""], answers["don't know"]) == (301, 304, 5, 3)
    assert f"{high / on_scale:.0%}" == "99%"
    low = [f["course_id"] for f in forms if f["overall"] in ("neither", "dissatisfied")]
    assert sorted(Counter(low).values()) == [1, 2]
    dates = {course["course_id"]: course["date"] for course in TIDY["courses"]}
    for year in ("2018/19", "2019/20", "2020/21"):
        mine = [f for f in forms if year_of(dates[f["course_id"]]) == year]
        n = sum(f["overall"] in STUDY.satisfaction.scale for f in mine)
        assert sum(f["overall"] in STUDY.satisfaction.high for f in mine) >= 0.95 * n > 0


def test_no_course_has_more_forms_of_a_job_than_people_of_it_who_came() -> None:
    forms, came = TIDY["feedback_forms"], TIDY["course_attendance"]
    returned = Counter(f["course_id"] for f in forms)
    present = Counter(r["course_id"] for r in came if r["attended"] == "yes")
    assert all(1 <= returned[course] <= present[course] for course in present)
    assert set(present) == {course["course_id"] for course in TIDY["courses"]}
    by_job = Counter((f["course_id"], f["role"]) for f in forms if f["role"])
    present_by_job = Counter((r["course_id"], r["role"]) for r in came if r["attended"] == "yes")
    assert all(n <= present_by_job[job] for job, n in by_job.items())
    modes = {course["course_id"]: course["mode"] for course in TIDY["courses"]}

    def response(mode: str) -> float:
        mine = [course for course in modes if modes[course] == mode]
        return sum(returned[c] for c in mine) / sum(present[c] for c in mine)

    assert response("online") < response("in person")


def test_consultations_are_calibrated() -> None:
    sessions = TIDY["consultations"]
    assert len(sessions) == 251
    by_year = Counter(year_of(session["date"]) for session in sessions)
    assert by_year == {"2018/19": 84, "2019/20": 95, "2020/21": 72}
    by_month = Counter(session["date"][:7] for session in sessions)
    assert len(by_month) == 34
    assert 1 <= by_month["2020-04"] <= 3
    assert all(int(s["minutes"] or 5) % 5 == 0 for s in sessions)
    assert all(s["date"] < LOCKDOWN or s["mode"] != "in person" for s in sessions)


def test_families_are_calibrated() -> None:
    seen: dict[str, str] = {}
    for contact in TIDY["family_contacts"]:
        if contact["outcome"] == "attended":
            seen.setdefault(contact["family_id"], contact["date"])
    assert len(seen) == 62
    by_year = Counter(year_of(date) for date in seen.values())
    assert by_year == {"2018/19": 22, "2019/20": 25, "2020/21": 15}
    families = TIDY["families"]
    filled = [sum(bool(f[c]) for f in families) for c in ("referred_on", "accepted_on")]
    assert [*filled, sum(bool(f["offered_on"]) for f in families)] == [118, 98, 84]
    assert sum(bool(f["discharged_on"]) for f in families if f["family_id"] in seen) == 40
    never_seen = [f for f in families if f["accepted_on"] and f["family_id"] not in seen]
    closed = [f for f in never_seen if f["discharged_on"]]
    assert len(never_seen) == 36
    assert 30 <= len(closed) < 36  # the most recent ones are still open
    assert all(f["accepted_on"] < f["discharged_on"] for f in closed)
    planned = Counter(contact["family_id"] for contact in TIDY["family_contacts"])
    for family in families:
        if family["family_id"] in seen:
            assert 3 <= planned[family["family_id"]] <= 14
            flow = [family[c] for c in ("referred_on", "accepted_on", "offered_on")]
            assert flow == sorted(flow)
            assert flow[0] < flow[1] <= flow[2] <= seen[family["family_id"]]
        elif not family["accepted_on"]:
            assert family["discharged_on"] == ""


def test_contacts_lie_between_referral_and_discharge_and_go_on_after_the_lockdown() -> None:
    families = {family["family_id"]: family for family in TIDY["families"]}
    for contact in TIDY["family_contacts"]:
        family = families[contact["family_id"]]
        assert family["offered_on"] <= contact["date"] <= (family["discharged_on"] or "2021-01-31")
        assert contact["date"] < LOCKDOWN or contact["mode"] in ("online", "telephone")
    months = {c["date"][:7] for c in TIDY["family_contacts"] if c["outcome"] == "attended"}
    since = {f"2020-{month:02d}" for month in range(3, 13)} | {"2021-01"}
    assert since <= months


def test_every_date_lies_in_the_period_and_every_key_is_unique() -> None:
    for table, rows in TIDY.items():
        contract = tables_of(STUDY)[table]
        keys = [tuple(row[column] for column in contract.key) for row in rows]
        assert len(set(keys)) == len(keys)
        for row in rows:
            assert list(row) == list(contract.columns)
            for name, column in contract.columns.items():
                if column.kind == "date" and row[name]:
                    assert "2018-04-01" <= row[name] <= "2021-01-31"
                if column.kind == "label" and row[name]:
                    assert row[name] in accepted(column, STUDY)
                assert row[name] or not column.required


def test_targets_show_green_and_amber_and_no_red() -> None:
    targets = read_csv("targets")
    assert len(targets) == 15
    achieved = {
        "courses": (11, 11, 6),
        "staff": (171, 166, 97),
        "consultations": (84, 95, 72),
        "families": (22, 25, 15),
    }
    colours = {}
    for row in targets:
        if row["indicator"] in achieved:
            place = ("2018/19", "2019/20", "2020/21").index(row["contract_year"])
            months = (12, 12, 10)[place]
            ratio = achieved[row["indicator"]][place] / (float(row["target"]) * months / 12)
            red, green = ratio < float(row["red_below"]), ratio >= float(row["green_from"])
            colours[row["indicator"], row["contract_year"]] = "r" * red + "g" * green or "a"
    assert "r" not in colours.values()
    assert {key for key, colour in colours.items() if colour == "a"} == {
        ("courses", "2020/21"),
        ("staff", "2020/21"),
        ("consultations", "2018/19"),
        ("families", "2018/19"),
        ("families", "2020/21"),
    }


def test_published_figures_are_quoted_as_printed() -> None:
    rows = {row["figure"]: row for row in read_csv("published_figures")}
    assert {name: row["value"] for name, row in rows.items()} == {
        "courses": "28",
        "staff": "434",
        "satisfaction": "99",
        "consultations": "251",
        "families": "62",
        "targets": "",
        "period": "",
        "continuity": "",
    }
    for row in rows.values():
        assert row["printed"].startswith(row["value"])
        assert row["decimals"] == ("0" if row["value"] else "")
        assert row["source"].startswith("Better Start Bradford Innovation Hub")
        assert row["window_start"] == STUDY.period.start.isoformat()
        assert row["window_end"] == STUDY.period.end.isoformat()


# --- the untidiness ----------------------------------------------------------------------

WORDS_FOR_MISSING = ("", "-", "n/a", "not known")
FORMATS = {
    r"\d\d/\d\d/\d{4}": "%d/%m/%Y",
    r"\d{4}-\d\d-\d\d": "%Y-%m-%d",
    r"\d\d-[A-Z][a-z]{2}-\d\d": "%d-%b-%y",
    r"\d\d [A-Z][a-z]+ \d{4}": "%d %B %Y",
}
PARENTS = {
    "course_attendance": ("courses", "course_id"),
    "feedback_forms": ("courses", "course_id"),
    "family_contacts": ("families", "family_id"),
}


def plain(cell: str) -> str:
    return " ".join(cell.split())


def identifier(cell: str) -> str:
    return "" if fold(cell) in WORDS_FOR_MISSING else "".join(cell.split()).upper()


def date_of(cell: str) -> dt.date | None:
    cell = plain(cell)
    if re.fullmatch(r"\d{5}", cell):
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))
    for shape, form in FORMATS.items():
        if re.fullmatch(shape, cell):
            try:
                return dt.datetime.strptime(cell, form).date()
            except ValueError:
                return None
    return None


def columns(table: str, *kinds: str) -> list[str]:
    return [n for n, c in tables_of(STUDY)[table].columns.items() if c.kind in kinds]


def records(raw: Records, table: str) -> list[Row]:
    first = next(iter(STUDY.tables[table].columns))
    return [r for r in raw[table] if any(r.values()) and fold(r[first]) != "total"]


def cells(raw: Records, table: str, *kinds: str) -> list[str]:
    return [row[c] for row in records(raw, table) for c in columns(table, *kinds)]


def in_any_cell(*kinds: str, found: Callable[[str], object]) -> Callable[[Records, str], bool]:
    return lambda raw, table: any(found(cell) for cell in cells(raw, table, *kinds))


def outside_period(raw: Records, table: str) -> bool:
    days = [date_of(row[columns(table, "date")[0]]) for row in records(raw, table)]
    early = any(day and day < STUDY.period.start for day in days)
    late = any(day and day > STUDY.period.end for day in days)
    return early if table == "families" else late if table == "family_contacts" else early and late


def reused(raw: Records, table: str) -> set[str]:
    key = tables_of(STUDY)[table].key[0]
    rows = {tuple(row.items()): identifier(row[key]) for row in records(raw, table)}
    return {name for name, n in Counter(rows.values()).items() if n > 1 and name}


def reused_identifier(raw: Records, table: str) -> bool:
    if table in PARENTS:
        parent, key = PARENTS[table]
        return any(identifier(r[key]) in reused(raw, parent) for r in records(raw, table))
    return bool(reused(raw, table))


def orphan(raw: Records, table: str) -> bool:
    parent, key = PARENTS[table]
    known = {identifier(row[key]) for row in records(raw, parent)}
    return any(identifier(row[key]) not in {*known, ""} for row in records(raw, table))


def contact_before_referral(raw: Records, table: str) -> bool:
    referred = {
        identifier(r["family_id"]): date_of(r["referred_on"]) for r in records(raw, "families")
    }
    pairs = [(date_of(r["date"]), referred.get(identifier(r["family_id"]))) for r in raw[table]]
    return sum(bool(day and start and day < start) for day, start in pairs) >= 2


def discharge_before_referral(raw: Records, table: str) -> bool:
    wrong = set()
    for row in records(raw, "families"):
        start, end = date_of(row["referred_on"]), date_of(row["discharged_on"])
        if start and end and end < start:
            wrong.add(identifier(row["family_id"]))
    return any(identifier(row["family_id"]) in wrong for row in records(raw, table))


def required_missing(raw: Records, table: str) -> bool:
    required = [n for n, c in tables_of(STUDY)[table].columns.items() if c.required]
    return any(fold(r[c]) in WORDS_FOR_MISSING for r in records(raw, table) for c in required)


def twice_on_a_register(raw: Records, table: str) -> bool:
    distinct = {tuple(row.values()): row for row in records(raw, table)}.values()
    pairs = defaultdict(list)
    for row in distinct:
        pairs[identifier(row["course_id"]), identifier(row["staff_id"])].append(row)
    twice = [rows for pair, rows in pairs.items() if len(rows) > 1 and all(pair)]
    answers = STUDY.spellings["yes_no"]
    return (
        len(twice) == 6
        and sum({answers[fold(row["attended"])] for row in rows} == {"yes", "no"} for rows in twice)
        == 3
    )


def spelling_variants(raw: Records, table: str) -> bool:
    for name in columns(table, "label"):
        if name == "organisation":  # respelled by "twice on a register" too
            continue
        labels = {fold(x) for x in accepted(tables_of(STUDY)[table].columns[name], STUDY)}
        found = {fold(row[name]).replace("’", "'") for row in records(raw, table)}
        if any(not cell.isdigit() for cell in found - labels - {*WORDS_FOR_MISSING}):
            return True
    return False


def other_case(raw: Records, table: str) -> bool:
    labels = [plain(cell) for cell in cells(raw, table, "label")]
    return any(cell.isupper() and len(cell) > 4 for cell in labels)


def several_date_formats(raw: Records, table: str) -> bool:
    written = [plain(cell) for cell in cells(raw, table, "date")]
    return all(any(re.fullmatch(shape, cell) for cell in written) for shape in FORMATS)


def words_for_missing(raw: Records, table: str) -> bool:
    found = {fold(cell) for row in records(raw, table) for cell in row.values()}
    return "" in found and len(found & {*WORDS_FOR_MISSING}) >= 3


def exact_repeats(raw: Records, table: str) -> bool:
    rows = [tuple(row.values()) for row in records(raw, table)]
    return len(set(rows)) < len(rows)


def total_row(raw: Records, table: str) -> bool:
    last = list(raw[table][-1].values())
    return last[0] == "Total" and int(last[-1].replace(",", "")) > 0 and not any(last[1:-1])


def out_of_range(raw: Records, table: str) -> bool:
    column = tables_of(STUDY)[table].columns[columns(table, "whole number")[0]]
    numbers = [float(c) for c in cells(raw, table, "whole number") if re.fullmatch(r"[\d.]+", c)]
    return any(not column.least <= number <= column.most for number in numbers)


DETECTORS: dict[str, Callable[[Records, str], bool]] = {
    "outside the period": outside_period,
    "re-used identifier": reused_identifier,
    "orphan": orphan,
    "contact before referral": contact_before_referral,
    "discharge before referral": discharge_before_referral,
    "impossible date": in_any_cell(
        "date", found=lambda c: re.match(r"\s*3\d/", c) and not date_of(c)
    ),
    "not a number": in_any_cell(
        "whole number", found=lambda c: re.search("[a-z]", c) and fold(c) not in WORDS_FOR_MISSING
    ),
    "number out of range": out_of_range,
    "required cell missing": required_missing,
    "twice on a register": twice_on_a_register,
    "answers as numbers": lambda raw, table: (
        {"3", "4", "5"} <= set(map(plain, cells(raw, table, "label")))
    ),
    "typographic apostrophe": in_any_cell("label", found=lambda c: "’" in c),
    "spelling variants": spelling_variants,
    "upper and lower case": other_case,
    "Excel day numbers": in_any_cell("date", found=lambda c: re.fullmatch(r"\s*\d{5}\s*", c)),
    "several date formats": several_date_formats,
    "decimals on whole numbers": in_any_cell("whole number", found=lambda c: c.endswith(".0")),
    "words for missing": words_for_missing,
    "identifiers written loosely": in_any_cell(
        "identifier", found=lambda c: identifier(c) not in ("", c)
    ),
    "stray spaces": in_any_cell(
        "label", "date", found=lambda c: "  " in c or c.startswith(" ") or c.endswith(" ")
    ),
    "non-breaking spaces": in_any_cell("label", found=lambda c: "\xa0" in c),
    "exact repeats": exact_repeats,
    "empty row": lambda raw, table: any(not any(row.values()) for row in raw[table]),
    "total row": total_row,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_untidiness_is_in_each_of_its_files(kind: str) -> None:
    missing = [table for table in KINDS[kind].tables if not DETECTORS[kind](RAW, table)]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_is_no_longer_made_would_be_missed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = {name: item for name, item in KINDS.items() if name != kind}
    monkeypatch.setattr(untidy, "KINDS", rest)
    raw = make_untidy(TIDY, STUDY, read_inputs().seed)
    found = [table for table in KINDS[kind].tables if DETECTORS[kind](raw, table)]
    assert found == []


# --- inputs, pseudonyms, other inputs ----------------------------------------------------


def test_every_input_says_whether_it_is_published_or_assumed() -> None:
    entries = yaml.safe_load(INPUTS_FILE.read_text(encoding="utf-8"))
    for name, entry in entries.items():
        assert entry["status"] in ("published", "assumed"), name
        assert entry.get("source" if entry["status"] == "published" else "reason"), name
    published = {name for name, entry in entries.items() if entry["status"] == "published"}
    assert {"courses", "staff", "satisfaction_percent", "consultations", "families"} < published


@pytest.mark.parametrize(
    "entry",
    ["{value: 1, status: assumed}", "{value: 1, status: published}", "{value: 1, status: guessed}"],
)
def test_an_input_without_its_label_is_refused(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "inputs.yaml"
    path.write_text(f"courses: {entry}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"inputs.yaml: courses: "):
        read_entries(path)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"coarses": 1}, "coarses"),
        ({"courses": -1}, "courses"),
        ({"families_offered": 61}, "families is more than families_offered"),
        ({"courses": 3}, "more attendances than places"),
        ({"forms_on_scale": 500}, "more forms than attendances"),
    ],
)
def test_impossible_inputs_are_refused(override: dict[str, int], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        read_inputs(**override)


def test_the_raw_files_hold_pseudonyms_and_nothing_that_names_a_person() -> None:
    shapes = {
        "course_id": r"C\d{2,3}",
        "staff_id": r"P\d{3,4}",
        "form_id": r"FB\d{3,4}",
        "session_id": r"S\d{3,4}",
        "family_id": r"F\d{3,4}",
        "contact_id": r"K\d{4}",
    }
    telling = re.compile(r"name|mail|phone|mobile|address|postcode|birth|\bdob\b|nhs", re.I)
    for table in RECORD_TABLES:
        assert not [h for h in STUDY.tables[table].columns.values() if telling.search(h)]
        for row in records(RAW, table):
            for column, cell in row.items():
                if column in shapes and identifier(cell):
                    assert re.fullmatch(shapes[column], identifier(cell))
                assert not re.search(r"@|\d{7}|\b0\d{3,4} \d{3}", cell)
    assert "staff_id" not in STUDY.tables["feedback_forms"].columns


def study_with(folder: Path, override: dict[str, object]) -> tuple[Study, Records]:
    shutil.copy(HOME / "study.yaml", folder)
    study, inputs = read_study(folder), read_inputs(**override)
    write_raw(study, study.raw, inputs)
    return study, make_records(inputs, study)


@pytest.mark.parametrize("override", OTHER_INPUTS.values(), ids=OTHER_INPUTS)
def test_cleaning_gives_back_exactly_the_truth(override: dict[str, object], tmp_path: Path) -> None:
    study, truth = study_with(tmp_path, override)
    clean = clean_all(read_raw(study), study).tables
    for table, rows in truth.items():
        frame = clean[table]
        text = frame.astype("str").where(frame.notna(), "")
        found = [tuple(row) for row in text.itertuples(index=False)]
        assert sorted(found) == sorted(tuple(row.values()) for row in rows), table


def test_a_service_that_closed_has_nothing_from_the_lockdown_on() -> None:
    tidy = make_records(read_inputs(open_after_event=False), STUDY)
    for table in ("courses", "consultations", "family_contacts"):
        assert tidy[table]
        assert max(row["date"] for row in tidy[table]) < LOCKDOWN


def test_satisfaction_follows_the_input() -> None:
    for percent, high in ((100, 304), (99, 301), (50, 152), (0, 0)):
        tidy = make_records(read_inputs(satisfaction_percent=percent), STUDY)
        answers = [form["overall"] for form in tidy["feedback_forms"]]
        assert sum(answer in STUDY.satisfaction.high for answer in answers) == high


# --- chance ------------------------------------------------------------------------------


def test_draws_come_from_the_stream_that_python_promises_to_keep() -> None:
    draw = Draw(20180401)
    assert [draw.below(1000) for _ in range(5)] == [373, 990, 410, 146, 793]


def test_draws_keep_within_their_bounds() -> None:
    draw = Draw(1)
    assert {draw.between((2, 4)) for _ in range(200)} == {2, 3, 4}
    assert sorted(draw.shuffled(range(9))) == list(range(9))
    assert len(set(draw.sample(range(9), 4))) == 4
    assert {draw.weighted({"a": 1, "b": 0}) for _ in range(200)} == {"a"}
    assert draw.spread([], 0) == []
    assert [n // 10 for n in draw.spread(range(50), 5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(28, (11, 11, 6), [11, 11, 6]), (1, (11, 11, 6), [1, 0, 0]), (0, (0, 0), [0, 0])],
)
def test_split_uses_the_whole_total(total: int, weights: tuple[int], parts: list[int]) -> None:
    assert split(total, weights) == parts
