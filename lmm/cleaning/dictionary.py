"""The data dictionary, written from the contract so that it cannot say anything else."""

import html
import re

from lmm.cleaning.contract import accepted
from lmm.cleaning.rules import rules_of
from lmm.study.problems import visible
from lmm.study.study import Study
from lmm.study.table import Column, Table
from lmm.study.tables import tables_of


def contract_page(study: Study) -> str:
    """Write the page that describes the whole contract."""
    return (
        f"# The data contract of {_plain(study.service)}\n\n"
        "Written by `lmm contract` from `lmm/study/tables.yaml` and `study.yaml`.\n\n"
        f"{data_dictionary(study)}\n"
    )


def data_dictionary(study: Study) -> str:
    """Describe every table and column as Markdown, headings at level 3."""
    return "\n".join(
        _section(name, table, study) for name, table in tables_of(study).items()
    ).rstrip()


def _section(name: str, table: Table, study: Study) -> str:
    if not study.keeps(name):
        return f"### {name}\n\nNot kept by this service: {table.row}.\n"
    source = study.sources[name]
    files = ", ".join(f"`{visible(file)}`" for file in source.files) or "`study.yaml`"
    lines = [
        f"### {name}",
        "",
        f"{files} ({source.encoding}): {table.row}. Key: {', '.join(table.key)}.",
        "",
        "| column | heading in the file | meaning | cells | required |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{visible(column)}` | {_plain(source.heading(column))} | {_plain(spec.meaning)} "
        f"| {_plain(_cells(spec, study))} | {'yes' if spec.required else 'no'} |"
        for column, spec in table.columns.items()
    ]
    if rules := rules_of(table):
        lines += ["", "Rules: " + "; ".join(rule.text for rule in rules) + "."]
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    """Write text of the study so that Markdown shows it as it is."""
    shown = html.escape(visible(text), quote=False)
    return re.sub(r"([|*`\[\]\\])", r"\\\1", shown)


def _cells(column: Column, study: Study) -> str:
    if column.refers_to:
        return f"{column.kind}, present in {column.refers_to}"
    if labels := accepted(column, study):
        return "one of: " + ", ".join(labels)
    limits = [
        f"{word} {value:.12g}"
        for word, value in (("at least", column.least), ("at most", column.most))
        if value is not None
    ]
    return ", ".join([column.kind, *limits])
