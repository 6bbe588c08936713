"""A table of a report, read back from the HTML in which our own template wrote it."""

from __future__ import annotations

from xml.etree import ElementTree

from lmm.publish.report import Table
from lmm.showing.tables import Column, Group, Readable


def readable_of(table: Table) -> Readable:
    """Give the words of a table by column, group and row."""
    root = ElementTree.fromstring(table.html)  # the template writes it well-formed
    columns = tuple(
        Column(_text(cell), "number" in cell.get("class", ""))
        for cell in root.findall("thead/tr/*")
    )
    groups = tuple(_group(body) for body in root.findall("tbody"))
    common = root.find("caption/span")
    notes = tuple(_text(item) for item in root.findall("tfoot//li"))
    return Readable(columns, groups, "" if common is None else _text(common), notes)


def _group(body: ElementTree.Element) -> Group:
    heading, rows = "", []
    for row in body.findall("tr"):
        if row.get("class") == "group":
            heading = _text(row)
        else:
            rows.append(tuple(map(_text, row)))
    return Group(heading, tuple(rows))


def _text(element: ElementTree.Element) -> str:
    return "".join(element.itertext())
