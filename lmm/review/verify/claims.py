"""What results claim in words and numbers, compared sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lmm.publish.before import read_notebook
from lmm.publish.formats import NotebookNode
from lmm.review.verify import tables
from lmm.review.verify.item import Difference, Item
from lmm.study.problems import cut

PUBLISHED = "tables/published_figures.csv"


def compare(made: Path, held: Path, notebooks: Mapping[str, Path]) -> list[Item]:
    """Compare each published figure, and the sentences of each answer, in two folders.

    Parameters
    ----------
    notebooks
        The executed notebooks that are held, by name.
    """
    claims = [*_published(made / PUBLISHED, held / PUBLISHED)]
    for path in sorted((made / "notebooks").glob("*.ipynb")):
        mine = _answers(read_notebook(path), path.stem)
        if path.name in notebooks:
            claims += _compared(mine, _answers(read_notebook(notebooks[path.name]), path.stem))
        else:
            claims += [Item.unchecked("claim", name, f"no {path.name} is held") for name in mine]
    return claims


def _published(made: Path, held: Path) -> list[Item]:
    if not made.is_file():
        return []
    mine = _figures(made)
    if not held.is_file():
        return [Item.unchecked("claim", name, f"no {PUBLISHED} is held") for name in mine]
    try:
        return _compared(mine, _figures(held))
    except (ValueError, KeyError) as error:
        why = Difference(f"{PUBLISHED} cannot be read: {error}", unit="file")
        return [Item.changed("claim", name, why) for name in mine]


def _figures(path: Path) -> dict[str, str]:
    """Give what was computed for each published figure, and how it compares."""
    table = tables.read(path)
    return {
        f"published figure: {row['figure']}": f"{row['printed']} is printed, {row['computed']} "
        f"computed: {row['status']}"
        for row in table.to_dict("records")
    }


def _answers(notebook: NotebookNode, name: str) -> dict[str, str]:
    """Give the sentences of each answer, by the result that they come from."""
    return {
        f"{name}: {'finding' if what.get('first_page') else 'answer'} from {what.get('of')}": text
        for what, text in _shown(notebook)
        if what.get("is") == "answer"
    }


def _shown(notebook: NotebookNode) -> Iterator[tuple[Mapping[str, object], str]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            what = output.get("metadata", {}).get("lmm", {})
            yield what, str(output.get("data", {}).get("text/plain", ""))


def _compared(made: Mapping[str, str], held: Mapping[str, str]) -> list[Item]:
    """Compare claims of the same names; what only one side claims is other, too."""
    items = []
    for name in [*made, *(each for each in held if each not in made)]:
        mine, theirs = made.get(name), held.get(name)
        if mine == theirs:
            items.append(Item("claim", name))
        elif theirs is None:
            items.append(Item.changed("claim", name, Difference("missing", unit="claim")))
        elif mine is None:
            items.append(Item.changed("claim", name, Difference("no run makes it", unit="claim")))
        else:
            places = _sentences(mine, theirs)
            why = "it says something else"
            items.append(
                Item.changed("claim", name, Difference(why, len(places), "sentence", where=places))
            )
    return items


def _sentences(made: str, held: str) -> tuple[str, ...]:
    """Set the sentences that are other beside those that were made."""
    mine, theirs = made.split("\n"), held.split("\n")
    pairs = zip(mine, theirs, strict=False) if len(mine) == len(theirs) else [(made, held)]
    return tuple(f"{_cut(b)}, where was made: {_cut(a)}" for a, b in pairs if a != b)


def _cut(text: str) -> str:
    return cut(text.replace("\n", " "))
