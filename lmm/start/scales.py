"""Feedback forms: which columns are items, and the scale of their answers."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from lmm.cleaning.layout import BETWEEN
from lmm.start.labels import PLAIN, is_free_text, known
from lmm.start.proposals import OPEN, Found, Part, TableDraft, defaults, plain
from lmm.study.forms import OF_EVERY_FORM
from lmm.study.labels import fold

MOST_ANSWERS = 11
"""A scale has at most these answers, and a score is at most this."""


@dataclass(frozen=True)
class Scale:
    """What study.yaml is to say of the forms; ``items`` are headings by name of the column."""

    answers: tuple[str, ...]
    high: tuple[str, ...]
    items: Mapping[str, str]
    overall: str
    remark: str = ""


def usual() -> Scale:
    """Give the scale of a new study."""
    answers = tuple(map(str, defaults()["scales"][0]))
    return Scale(answers, answers[-2:], {"overall": "The course overall"}, "overall")


def satisfaction(tables: Mapping[str, TableDraft], matched: Mapping[str, Part]) -> Scale:
    """Find the items of the forms and their scale."""
    if "feedback_forms" not in tables:
        return replace(usual(), remark="no forms: the usual scale")
    answers = _alike(answers_in(matched["feedback_forms"], tables["feedback_forms"].unused))
    found = {fold(a): a for cells in answers.values() for a in cells}
    scale, is_ordered, remark = scale_of(list(found.values()), list(answers))
    items: dict[str, str] = {}
    for number, heading in enumerate(answers, 1):
        items[_slug(heading, number, items)] = heading
    best = scale[-2:] if len(scale) >= 5 else scale[-1:]
    high = tuple(best) if is_ordered else (OPEN,)
    return Scale(tuple(scale), high, items, overall_of(items), remark)


def answers_in(part: Part, headings: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Give the answers of each column whose cells look like answers on a scale."""
    found = {}
    for heading in part.cells if headings is None else headings:
        cells = known(part.cells.get(heading, []))
        answers = {fold(cell): cell for cell in cells}
        if 0 < len(answers) <= MOST_ANSWERS and _is_scale(answers, cells, heading):
            found[heading] = list(answers.values())
    return found


def _is_scale(answers: Mapping[str, str], cells: Sequence[str], heading: str) -> bool:
    """Whether answers are small scores, words of a known scale, or answer a rating question."""
    if answers.keys() <= PLAIN and not all(map(_is_score, answers)):
        return False
    if all(map(_is_score, answers)):
        return answers.keys() != {"0", "1"} and (len(answers) > 1 or len(cells) < 5)
    if any(answers.keys() <= set(map(fold, scale)) for scale in _scales()):
        return True
    return _asks(heading) and len(answers) > 1 and not is_free_text(cells)


def _asks(heading: str) -> bool:
    """Whether a heading asks for a rating."""
    return bool(set(plain(heading).split()) & {str(word) for word in defaults()["ratings"]})


def asks_for_answers(part: Part, headings: Iterable[str] | None = None) -> float:
    """Say from 0 to 1 how surely a sheet holds answers: scores alone could count anything."""
    found = answers_in(part, headings)
    sure = any(_asks(h) or not all(map(_is_score, given)) for h, given in found.items())
    return 1.0 if sure else 0.4 * bool(found)


def _is_score(answer: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,2}", answer)) and int(answer) <= MOST_ANSWERS


def _scales() -> list[list[str]]:
    return [[str(word) for word in words] for words in defaults()["scales"]]


def _alike(answers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Keep the most columns that share answers: the others hold something else, comments say."""
    groups: list[dict[str, list[str]]] = []
    for heading, given in answers.items():
        mine = _kinds(given)
        of = [g for g in groups if any(mine & _kinds(cells) for cells in g.values())]
        groups = [g for g in groups if g not in of]
        groups.append({h: a for g in of for h, a in g.items()} | {heading: given})
    return max(groups, key=len, default={})


def _kinds(answers: Sequence[str]) -> set[str]:
    """Give the answers, and the known scales that hold them all; all scores are of one kind."""
    mine = {"a score" if _is_score(answer) else fold(answer) for answer in answers}
    fitting = (n for n, scale in enumerate(_scales()) if mine <= set(map(fold, scale)))
    return mine | {f"scale {n}" for n in fitting}


def scale_of(answers: Sequence[str], headings: Sequence[str] = ()) -> tuple[list[str], bool, str]:
    """Put answers in order, worst first; say whether the order is known, and how sure that is."""
    if answers and all(map(_is_score, answers)):
        named = [re.search(r"\b([01])\s*(?:-|–|to)\s*(\d{1,2})\b", h) for h in headings]
        ends = [int(end) for found in named if found for end in found.groups()]
        scores = [*map(int, answers), *(end for end in ends if end <= MOST_ANSWERS)]
        whole = [str(n) for n in range(min(1, *scores), max(scores) + 1)]
        return whole, True, "numbers found: is the highest the best?"
    mine = set(map(fold, answers))
    fitting = [words for words in _scales() if mine <= set(map(fold, words))]
    if fitting:
        best = min(fitting, key=lambda words: len(words) != len(mine))
        return best, True, "a known scale: are these all answers of the form, worst first?"
    return list(answers), False, "unknown answers, in the order found: put the worst first"


def overall_of(items: Mapping[str, str]) -> str:
    """Choose the item that the reports are about: that which asks most like overall."""
    words = [str(word) for word in defaults()["overall"]]

    def place(name: str) -> int:
        asked = plain(f"{name} {items[name]}").split()
        return next((n for n, word in enumerate(words) if word in asked), len(words))

    return min(items, key=place)


def _slug(heading: str, number: int, taken: Container[str]) -> str:
    """Name an item by the first words of its heading, and by a number more where that is taken.

    Of headings on two lines the lower one names the item: the upper one stands for several.
    """
    words = plain(heading.rsplit(BETWEEN, 1)[-1]).replace(" ", "_")[:30].strip("_")
    if not words or words[0].isdigit() or words in OF_EVERY_FORM:
        words = f"item_{number}"
    more = (f"{words}_{n}" for n in count(2))
    return words if words not in taken else next(name for name in more if name not in taken)


def with_items(tables: Mapping[str, TableDraft], items: Mapping[str, str]) -> dict[str, TableDraft]:
    """Enter the items of the forms among the columns of their table."""
    found = dict(tables)
    if forms := found.get("feedback_forms"):
        given = {name: Found(heading, "an item") for name, heading in items.items()}
        unused = tuple(h for h in forms.unused if h not in items.values())
        columns = {**forms.columns, **given}
        found["feedback_forms"] = replace(forms, columns=columns, unused=unused)
    return found
