"""The data contract: which tables there are, and what a clean one must look like.

The tables are declared once, below. The pandera schemas that hold the clean tables to the
contract, the cells' types, the cleaning steps and the data dictionary all come from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa

from lmm.study.declared import ROW_NUMBER
from lmm.study.problems import StudyError
from lmm.study.study import Study

Kind = Literal["identifier", "date", "label", "whole number", "number", "text"]
Frames = Mapping[str, pd.DataFrame]

DTYPES: dict[Kind, str] = {
    "identifier": "str",
    "date": "datetime64[us]",
    "label": "str",
    "whole number": "Int64",
    "number": "float64",
    "text": "str",
}


@dataclass(frozen=True)
class Column:
    """One column: how its cells are read and which values are accepted."""

    kind: Kind
    meaning: str
    required: bool = True
    vocabulary: str = ""
    accepts: tuple[str, ...] = ()
    refers_to: str = ""
    least: float | None = None
    most: float | None = None
    may_lack: bool = False
    """Whether a service may not keep the column at all; where it does, it is required."""

    def accepted(self, study: Study) -> tuple[str, ...]:
        """Labels that may stand in the column; empty where anything of its kind may."""
        return study.labels(self.vocabulary) if self.vocabulary else self.accepts


@dataclass(frozen=True)
class Rule:
    """A condition on several columns of one row; ``holds`` gives one truth value a row."""

    text: str
    columns: tuple[str, ...]
    holds: Callable[[pd.DataFrame], pd.Series[bool]]


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key, its columns and its rules."""

    row: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    rules: tuple[Rule, ...] = field(default=())
    date: tuple[str, ...] = ()


def _not_before(later: str, earlier: str) -> Rule:
    return Rule(
        f"{later} is not before {earlier}",
        (later, earlier),
        lambda f: ~(f[later] < f[earlier]),  # a missing date breaks no rule
    )


def _identifier(meaning: str, refers_to: str = "") -> Column:
    return Column("identifier", meaning, refers_to=refers_to)


def _label(vocabulary: str, meaning: str, *, required: bool = True) -> Column:
    return Column("label", meaning, required, vocabulary=vocabulary)


CRITERIA = (
    "recruitment",
    "reach",
    "implementation",
    "satisfaction",
    "completion",
    "fidelity",
    "data quality",
)
"""The seven kinds of progression criterion of Bryant et al. (2019), BMC Public Health 19."""

INDICATORS = {
    "courses": "courses",
    "attendances": "course_attendance",
    "staff": "course_attendance",
    "consultations": "consultations",
    "families": "family_contacts",
    "satisfaction": "feedback_forms",
}
"""Everything that can have a target, and the table that it is counted from."""

COUNTED_LABELS = {"yes_no": "yes", "contact_outcome": "attended"}
"""By vocabulary, the label that is counted and so has to be called this in every study."""

TABLES: dict[str, Table] = {
    "courses": Table(
        "one training course delivered",
        ("course_id",),
        {
            "course_id": _identifier("course"),
            "topic": _label("topic", "what the course taught"),
            "date": Column("date", "day of the course"),
            "mode": _label("mode", "how it was delivered"),
            "places": Column("whole number", "places offered", least=1, most=500, may_lack=True),
        },
    ),
    "course_attendance": Table(
        "one person on the register of one course",
        ("course_id", "staff_id"),
        {
            "course_id": _identifier("course", "courses"),
            "staff_id": _identifier("pseudonym of the member of staff"),
            "role": _label("role", "job of the member of staff"),
            "organisation": _label("organisation", "employer", required=False),
            "attended": _label("yes_no", "whether the person came"),
        },
    ),
    "feedback_forms": Table(
        "one returned, anonymous feedback form",
        ("form_id",),
        {
            "form_id": _identifier("form"),
            "course_id": _identifier("course", "courses"),
            "role": _label("role", "job of the respondent", required=False),
            # the items of study.yaml stand here: see tables_of
        },
    ),
    "consultations": Table(
        "one session of consultation, support or guidance to staff",
        ("session_id",),
        {
            "session_id": _identifier("session"),
            "date": Column("date", "day of the session"),
            "kind": _label("consultation_kind", "what was given"),
            "profession": _label("role", "job of the member of staff", required=False),
            "mode": _label("mode", "how it was held"),
            "minutes": Column(
                "whole number", "length in minutes", required=False, least=5, most=480
            ),
            "outcome": Column(
                "label",
                "what became of it: only what was attended took place, and counts",
                vocabulary="contact_outcome",
                may_lack=True,
            ),
        },
    ),
    "families": Table(
        "one family referred for direct support",
        ("family_id",),
        {
            "family_id": _identifier("pseudonym of the family"),
            "referred_on": Column("date", "day the referral was received"),
            "accepted_on": Column("date", "day the referral was accepted", required=False),
            "offered_on": Column("date", "day of the first appointment offered", required=False),
            "discharged_on": Column("date", "day of discharge", required=False),
            "referral_source": _label("referral_source", "who referred", required=False),
            "ward": _label("ward", "ward of residence", required=False),
            "ethnic_group": _label("ethnic_group", "ethnic group of the mother", required=False),
            "interpreter_needed": _label("yes_no", "whether one is needed", required=False),
            "reason": _label("reason", "main reason for the referral", required=False),
        },
        (
            _not_before("accepted_on", "referred_on"),
            _not_before("offered_on", "accepted_on"),
            _not_before("discharged_on", "referred_on"),
        ),
    ),
    "family_contacts": Table(
        "one planned contact with a family",
        ("contact_id",),
        {
            "contact_id": _identifier("contact"),
            "family_id": _identifier("family", "families"),
            "date": Column("date", "day of the contact"),
            "kind": _label("contact_kind", "what was planned"),
            "mode": _label("mode", "how it was held"),
            "outcome": _label("contact_outcome", "what became of it"),
        },
    ),
    "targets": Table(
        "one target: an indicator in a contract year, with its cut-offs",
        ("indicator", "contract_year"),
        {
            "criterion": Column("label", "kind of progression criterion", accepts=CRITERIA),
            "indicator": Column("label", "what is counted", accepts=tuple(INDICATORS)),
            "contract_year": Column("text", "such as 2018/19"),
            "target": Column(
                "number", "count in a full contract year, or share", required=False, least=0
            ),
            "red_below": Column(
                "number", "achieved / target, or share, below which it is red", least=0
            ),
            "green_from": Column("number", "achieved / target, or share, from which it is green"),
            "direction": Column("label", "which side is good", accepts=("at least",)),
            "agreed_on": Column("date", "day the cut-offs were agreed"),
            "agreed_by": Column("text", "who agreed them"),
            "basis": Column("label", "where they come from", accepts=("published", "assumed")),
        },
        (
            Rule(
                "red_below is not above green_from",
                ("red_below", "green_from"),
                lambda f: f["red_below"] <= f["green_from"],
            ),
            Rule(
                "cut-offs of satisfaction are shares from 0 to 1",
                ("red_below", "green_from"),
                lambda f: (f["indicator"] != "satisfaction") | (f["green_from"] <= 1),
            ),
        ),
    ),
    "published_figures": Table(
        "one figure of the published summary",
        ("figure",),
        {
            "figure": Column("text", "name of the figure"),
            "meaning": Column("text", "what it counts"),
            "value": Column("number", "its value, where it is a number", required=False),
            "printed": Column("text", "as printed"),
            "decimals": Column(
                "whole number",
                "decimals of the printed number",
                required=False,
                least=0,
                most=6,
            ),
            "unit": Column("text", "unit of the number", required=False),
            "window_start": Column("date", "first day it covers"),
            "window_end": Column("date", "last day it covers"),
            "source": Column("text", "where it was published"),
            "note": Column("text", "what it leaves open", required=False),
        },
    ),
}


DATES = {"courses": ("date",), "course_attendance": ("courses.date",),
         "feedback_forms": ("date", "courses.date"), "consultations": ("date",),
         "families": ("referred_on",), "family_contacts": ("date",)}  # fmt: skip


def tables_of(study: Study) -> dict[str, Table]:
    """Give the contract's tables as the study keeps them.

    The study's own feedback items are filled in, and columns that a service may lack are left
    out where it does.
    """
    return {name: _as_kept(name, table, study) for name, table in _contract(study).items()}


def _as_kept(name: str, table: Table, study: Study) -> Table:
    kept = study.columns_kept(name)
    columns = {
        column: spec
        for column, spec in table.columns.items()
        if column in kept or not spec.may_lack
    }
    return replace(table, columns=columns, date=DATES.get(name, ()))


def _contract(study: Study) -> dict[str, Table]:
    forms = TABLES["feedback_forms"]
    items = {
        name: _label("answer", f"“{wording}”", required=False)
        for name, wording in study.satisfaction.items.items()
    }
    return {**TABLES, "feedback_forms": replace(forms, columns={**forms.columns, **items})}


def check_study(study: Study) -> None:
    """Raise if ``study.yaml`` does not map the contract's tables and required columns."""
    problems = [
        f"study.yaml: vocabularies: {vocabulary}: there is no label {label!r}, which is counted; "
        f"call the label that means it so, with your word as its spelling: {label!r}: [your word]"
        for vocabulary, label in COUNTED_LABELS.items()
        if label not in study.vocabularies.get(vocabulary, {label})
    ]
    problems += [
        f"study.yaml: reduced_capacity: {name!r} is no indicator; there are {', '.join(INDICATORS)}"
        for part in study.reduced_capacity
        for name in part.indicators
        if name not in INDICATORS
    ]
    contract = _contract(study)
    vocabularies = {*study.vocabularies, "answer"}
    for name in study.tables.keys() - contract.keys():
        problems.append(f"study.yaml: tables: {name} is unknown; there are {', '.join(contract)}")
    for name, table in contract.items():
        if name not in study.tables:
            problems.append(
                f"study.yaml: tables: {name} is missing; one that you do not have is: absent"
            )
            continue
        given = study.columns_kept(name)
        problems += [
            f"study.yaml: tables: {name}: columns: {column} is missing"
            for column, spec in table.columns.items()
            if study.keeps(name)
            and column not in given
            and (
                (spec.required and not spec.may_lack) or spec.vocabulary == "answer"
            )  # an item is declared to be read
        ]
        problems += [
            f"study.yaml: tables: {name}: columns: {column} is unknown; "
            f"there are {', '.join(table.columns)}"
            for column in given
            if column not in table.columns
        ]
        problems += [
            f"study.yaml: vocabularies: {spec.vocabulary} is missing"
            for column, spec in table.columns.items()
            if spec.vocabulary and spec.vocabulary not in vocabularies and column in given
        ]
    problems += _misnumbered(study, contract)
    problems += [
        f"study.yaml: tables: {name} cannot be absent while {child} is there, which refers to it; "
        f"if {child} is another table, correct its mapping, or declare it absent as well"
        for child, table in contract.items()
        for spec in table.columns.values()
        if (name := spec.refers_to) and study.keeps(child) and study.tables.get(name) == "absent"
    ]
    if problems:
        raise StudyError(*sorted(set(problems)))


def _misnumbered(study: Study, contract: Mapping[str, Table]) -> list[str]:
    """Name the columns that may not be numbered by row: only one that stands alone can be."""
    named_elsewhere = {
        (spec.refers_to, column)
        for child, table in contract.items()
        for column, spec in table.columns.items()
        if spec.refers_to and study.keeps(child)
    }
    return [
        f"study.yaml: tables: {name}: columns: {column} cannot be {ROW_NUMBER!r}: "
        "two rows would never mean the same one; name the heading of the column that holds it, "
        "or declare the table absent"
        for name, source in study.sources.items()
        if name in contract
        for column, heading in source.columns.items()
        if heading == ROW_NUMBER
        and (contract[name].key != (column,) or (name, column) in named_elsewhere)
    ]


def typed(text: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Turn canonical text cells (ISO dates, plain numbers, "" for missing) into typed ones."""
    return pd.DataFrame(
        {name: _typed_cells(text[name], column) for name, column in columns.items()},
        index=text.index,
    )


def _typed_cells(cells: pd.Series[str], column: Column) -> pd.Series[Any]:
    known = cells.mask(cells == "")
    if column.kind == "date":
        return pd.to_datetime(known, format="%Y-%m-%d").astype("datetime64[us]")
    if column.kind == "whole number":
        return pd.to_numeric(known).astype("Int64")
    if column.kind == "number":
        return pd.to_numeric(known).astype("float64")
    return known.astype("str")


def schema(table: Table, study: Study) -> pa.DataFrameSchema:
    """Build the pandera schema of a clean table."""
    return pa.DataFrameSchema(
        {name: _schema_column(column, study) for name, column in table.columns.items()},
        checks=[pa.Check(rule.holds, name=rule.text, error=rule.text) for rule in table.rules],
        unique=list(table.key),
        strict=True,
    )


def _schema_column(column: Column, study: Study) -> pa.Column:
    checks = []
    if accepted := column.accepted(study):
        checks.append(pa.Check.isin(accepted))
    if column.least is not None:
        checks.append(pa.Check.ge(column.least))
    if column.most is not None:
        checks.append(pa.Check.le(column.most))
    return pa.Column(DTYPES[column.kind], checks, nullable=not column.required)


def check_tables(tables: Frames, study: Study) -> None:
    """Hold the clean tables to the contract.

    Parameters
    ----------
    tables
        Typed frames by table name, indexed by line number in the raw file.

    Raises
    ------
    StudyError
        With one line for each breach, over all tables at once; what has to hold between
        tables is looked at when each of them holds by itself.
    """
    contract = tables_of(study)
    problems = [
        problem
        for name, frame in tables.items()
        for problem in _breaches(name, frame, contract[name], study)
    ]
    if not problems:  # only then are keys unique and types right
        problems = [p for name in tables for p in _orphans(name, tables, contract[name])]
        problems += _early_contacts(tables)
    if problems:
        raise StudyError(*problems)


def _breaches(name: str, frame: pd.DataFrame, table: Table, study: Study) -> list[str]:
    try:
        schema(table, study).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.to_dict("records")
        # pandera repeats what does not hold for a whole row under each of its columns
        return list(dict.fromkeys(f"{name}: {_breach(case, table)}" for case in cases))
    return []


def _breach(case: Mapping[Any, Any], table: Table) -> str:
    where = "" if pd.isna(case["index"]) else f"line {case['index']}: "
    check = case["check"]
    if check == "multiple_fields_uniqueness":
        return f"{where}another row has the same {' and '.join(table.key)}"
    if check in {rule.text for rule in table.rules}:
        return f"{where}does not hold: {check}"
    column = f"{case['column']}: " if isinstance(case["column"], str) else ""
    return f"{where}{column}{check} does not hold for {case['failure_case']!r}"


def _orphans(name: str, tables: Frames, table: Table) -> list[str]:
    frame = tables[name]
    return [
        f"{name}: line {line}: {column_name} {value!r} is not in {column.refers_to}"
        for column_name, column in table.columns.items()
        if column.refers_to
        for line, value in frame.loc[
            ~frame[column_name].isin(tables[column.refers_to][column_name]), column_name
        ].items()
    ]


def _early_contacts(tables: Frames) -> list[str]:
    referred = tables["families"].set_index("family_id")["referred_on"]
    contacts = tables["family_contacts"]
    early = contacts[contacts["date"] < referred.reindex(contacts["family_id"]).to_numpy()]
    return [
        f"family_contacts: line {line}: the contact is before the referral" for line in early.index
    ]
