"""What of a study is handed on with a release: what its results need, and no more.

What only serves to read the service's own files is left out: names of files and sheets,
headings, lines, encodings, spellings, formats of dates, what is dropped, kept or made a
pseudonym. So are comments. Each table is described as its clean one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import yaml

from lmm.study.declared import Part
from lmm.study.forms import Form, Item
from lmm.study.source import OwnColumn, TableSource
from lmm.study.strict_yaml import PLAIN
from lmm.study.study import Study
from lmm.study.table import Declaration

HEAD = """\
# What the results are made by, beside the counts: written by `lmm run` from the study's own file.
"""

HANDED_ON: dict[type[Part], set[str]] = {
    Study: {"version", "service", "records", "period", "event", "contract_year_starts", "closures",
            "reduced_capacity", "confidence", "disclosure", "staff_trained_counts", "wording",
            "nearly_met", "rated_from", "reference_population", "measures"},
    Form: {"scale", "high", "dont_know", "overall", "asked"},
    Item: {"wording", "scale", "high", "dont_know"},
    OwnColumn: {"kind", "meaning", "required", "vocabulary", "accepts", "refers_to", "least",
                "most"},
}  # fmt: skip
"""Fields that go with a release; answers without their spellings."""

OF_FILES: dict[type[Part], set[str]] = {
    Study: {"draft", "total_row", "vocabularies", "forms", "tables", "date_formats", "missing"},
    Form: set(),
    Item: set(),
    OwnColumn: {"heading"},
}
"""Fields that are left out, or written otherwise."""


def handed_on(study: Study, mark: str = "") -> str:
    """Write the declarations of a study that its results need, as a study file.

    Parameters
    ----------
    mark
        Stands on top.
    """
    told = _told(study)
    told |= {"date_formats": ["%Y-%m-%d"], "missing": [""]}
    told["vocabularies"] = {name: _labels(labels) for name, labels in study.vocabularies.items()}
    if study.forms:
        told["forms"] = {name: _form(form) for name, form in study.forms.items()}
    told["tables"] = {
        name: _table(name, source, study) if isinstance(source, TableSource) else source
        for name, source in study.tables.items()
    }
    return (f"# {mark}\n" if mark else "") + HEAD + _as_yaml(told)


def _told(part: Part) -> dict[str, Any]:
    known = HANDED_ON[type(part)]
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True, include=known)


def _labels(labels: Iterable[str]) -> dict[str, list[str]]:
    return {label: [] for label in labels}


def _form(form: Form) -> dict[str, Any]:
    items = {name: _answers(_told(item)) for name, item in form.asked.items()}
    return _answers(_told(form)) | {"items": items}


def _answers(told: dict[str, Any]) -> dict[str, Any]:
    return told | {key: _labels(told[key]) for key in ("scale", "dont_know") if key in told}


def _table(name: str, source: TableSource, study: Study) -> dict[str, Any]:
    declared = set(Declaration.model_fields)
    told = source.model_dump(mode="json", include=declared, exclude_unset=True)
    own = {
        column: {**_told(cells), "heading": column} for column, cells in source.own_columns.items()
    }
    columns = {column: own.get(column, column) for column in study.columns_kept(name)}
    return {**told, "file": f"{name}.csv", "columns": columns}


class _Dumper(yaml.SafeDumper):
    """Writes what `lmm.study.strict_yaml` reads as it was, and other readers of YAML as well."""

    def ignore_aliases(self, data: object) -> bool:
        """Write out what stands twice: aliases are not read."""
        return True


for _kind, _form_of, _first in PLAIN:
    _Dumper.add_implicit_resolver(_kind, re.compile(rf"({_form_of})\Z"), _first)


def _number(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    """Write a number without an exponent, which is not read."""
    text = f"{Decimal(repr(number)):f}"
    text = text if "." in text else f"{text}.0"
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(float, _number)


def _as_yaml(content: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return text
