"""What stands in the cells of existing files: labels, scales, dates, words for nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from lmm.cleaning.contract import COUNTED_LABELS, TABLES
from lmm.start.matching import of_kind
from lmm.start.proposals import Found, Part, TableDraft, defaults, plain
from lmm.study import fold

UNKNOWN_ORDER = "unknown answers"


def seen(parts: Sequence[Part], words: Sequence[str]) -> list[str]:
    """Give those of some words that stand alone in a cell."""
    cells = {fold(c) for part in parts for column in part.cells.values() for c in column}
    return [str(word) for word in words if fold(str(word)) in cells]


def _is_missing(cell: str) -> bool:
    known = {fold(str(w)) for w in (*defaults()["missing"], *defaults()["totals"])}
    return not cell or fold(cell) in known


def vocabularies(
    tables: Mapping[str, TableDraft], matched: Mapping[str, Part]
) -> dict[str, dict[str, list[str]]]:
    """List the labels found under the entry that each is most like, others on their own."""
    found: dict[str, dict[str, list[str]]] = {}
    for (table, name), cells in of_kind("label", tables, matched):
        vocabulary = TABLES[table].columns[name].vocabulary
        entries = found.setdefault(vocabulary, {})
        for label in dict.fromkeys(c for c in cells if not _is_missing(c)):
            entry = entry_of(label, vocabulary)
            same = next((e for e in entries if fold(e) == fold(entry)), None)
            spellings = entries.setdefault(same or entry, [])
            if fold(label) != fold(same or entry) and fold(label) not in map(fold, spellings):
                spellings.append(label)
    for table, draft in tables.items():
        for name, given in draft.fixed.items():
            entries = found.setdefault(TABLES[table].columns[name].vocabulary, {})
            entries.setdefault(given.heading, [])
    for vocabulary, label in COUNTED_LABELS.items():
        found.setdefault(vocabulary, {}).setdefault(label, [])
    return found


def entry_of(label: str, vocabulary: str) -> str:
    """Give the known entry that a label is a spelling of, or the label itself."""
    known = defaults()["vocabularies"].get(vocabulary, {})
    mine = fold(label)
    for entry, spellings in known.items():
        if _bare(mine) in {_bare(str(s)) for s in (entry, *spellings)}:
            return str(entry)
    begins = next((str(e) for e in known if re.match(rf"{re.escape(fold(e))}\b", mine)), "")
    if begins:
        return begins
    near = {entry: SequenceMatcher(None, mine, fold(entry)).ratio() for entry in known}
    best = max(near, key=lambda entry: near[entry], default="")
    return best if near.get(best, 0) >= 0.84 else label


def _bare(text: str) -> str:
    """Leave out what stands between letters: G.P. is GP."""
    return re.sub(r"[\W_]+", "", fold(text))


def satisfaction(
    tables: Mapping[str, TableDraft], matched: Mapping[str, Part]
) -> tuple[dict[str, tuple[str, str]], list[str], str]:
    """Find the items of the forms and their scale: column name -> heading and wording."""
    scale, remark = list(map(str, defaults()["scales"][0])), "no forms: the usual scale"
    if "feedback_forms" not in tables:
        return {"overall": ("", "The course overall")}, scale, remark
    given = matched["feedback_forms"].cells
    answers: dict[str, list[str]] = {}
    for heading in tables["feedback_forms"].unused:
        cells = [cell for cell in given.get(heading, []) if not _is_missing(cell)]
        if cells and len(set(map(fold, cells))) <= 11:
            answers[heading] = list(dict.fromkeys(cells))
    answers = _alike(answers)
    found = {fold(a): a for cells in answers.values() for a in cells}
    scale, remark = scale_of(list(found.values())) if found else (scale, remark)
    on_scale = set(map(fold, scale))
    answers = {h: c for h, c in answers.items() if set(map(fold, c)) & on_scale}
    items = {_slug(h, n): (h, h) for n, h in enumerate(answers, 1)}
    return items or {"overall": ("?", "?")}, scale, remark


def _alike(answers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Keep the most columns that share answers: the others hold something else, comments say."""
    groups: list[dict[str, list[str]]] = []
    for heading, given in answers.items():
        known = set(map(fold, given))
        of = [g for g in groups if known & {fold(a) for cells in g.values() for a in cells}]
        groups = [g for g in groups if g not in of]
        groups.append({h: a for g in of for h, a in g.items()} | {heading: given})
    return max(groups, key=len, default={})


def scale_of(answers: Sequence[str]) -> tuple[list[str], str]:
    """Put answers in order, worst first, and say how sure that is."""
    if all(re.fullmatch(r"\d+", a) for a in answers):
        top = max(map(int, answers))
        low = min(map(int, answers))
        whole = [str(n) for n in range(min(low, 1), top + 1)]
        return whole, "numbers found: is the highest the best?"
    for known in defaults()["scales"]:
        words = [str(w) for w in known]
        if set(map(fold, answers)) <= set(map(fold, words)):
            return words, "a known scale: are these all answers of the form, worst first?"
    return list(answers), f"{UNKNOWN_ORDER}, in the order found: put the worst first"


def _slug(heading: str, number: int) -> str:
    words = plain(heading).replace(" ", "_")[:30].strip("_")
    taken = {"form_id", "course_id", "role", ""}
    return f"item_{number}" if words in taken or words[0].isdigit() else words


def with_items(
    tables: Mapping[str, TableDraft], items: Mapping[str, tuple[str, str]]
) -> dict[str, TableDraft]:
    """Enter the items of the forms among the columns of their table."""
    found = dict(tables)
    if forms := found.get("feedback_forms"):
        given = {name: Found(heading, "an item") for name, (heading, _) in items.items()}
        unused = tuple(h for h in forms.unused if h not in {f.heading for f in given.values()})
        columns = {**forms.columns, **given}
        found["feedback_forms"] = TableDraft(
            **{**vars(forms), "columns": columns, "unused": unused}
        )
    return found


# --- dates -------------------------------------------------------------------------------


def date_formats(cells: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Find the formats that dates are written in; leave open what the cells do not prove."""
    written = [c for c in dict.fromkeys(cells) if c and not re.match(r"\d{4}-\d\d-\d\d", c)]
    formats = [str(f) for f in defaults()["date_formats"]]
    reads = {f: {c for c in written if _reads(c, f)} for f in formats}
    chosen: list[str] = []
    remarks = []
    left = set(written)
    for pair in (("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%y", "%m/%d/%y")):
        day_first, month_first = (reads[f] for f in pair)
        if not (day_first | month_first):
            continue
        only_day, only_month = day_first - month_first, month_first - day_first
        if only_day and not only_month:
            chosen.append(pair[0])
            remarks.append(f"day first: {sorted(only_day)[0]} can be read in no other way")
        elif only_month and not only_day:
            chosen.append(pair[1])
            remarks.append(f"month first: {sorted(only_month)[0]} can be read in no other way")
        else:
            chosen.append("?")
            what = "both orders occur" if only_day else "no date proves the order"
            remarks.append(f"{what}: put {pair[0]} (day first) or {pair[1]} in place of ?")
        left -= day_first | month_first
    for form in formats:
        if reads[form] & left:
            chosen.append(form)
            left -= reads[form]
    if any(re.fullmatch(r"[1-9]\d{4}(\.0)?", cell) for cell in left):
        chosen.append("excel")
    return tuple(chosen) or ("%d/%m/%Y",), "; ".join(remarks)


def _reads(cell: str, form: str) -> bool:
    try:
        return 1990 <= dt.datetime.strptime(cell, form).year <= 2100
    except ValueError:
        return False


def period(dates: Sequence[Sequence[str]], formats: Sequence[str]) -> tuple[dt.date, dt.date]:
    """Take the months from the first to the last date."""
    found = []
    for cells in dates:
        for cell in set(cells):
            if re.match(r"\d{4}-\d\d-\d\d", cell):
                found.append(cell[:10])
            for form in formats:
                if form not in ("?", "excel") and _reads(cell, form):
                    found.append(dt.datetime.strptime(cell, form).date().isoformat())
                    break
    if not found:
        this = dt.date.today().year
        return dt.date(this - 1, 4, 1), dt.date(this, 3, 31)
    first, last = (dt.date.fromisoformat(day) for day in (min(found), max(found)))
    following = (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first.replace(day=1), following - dt.timedelta(days=1)
