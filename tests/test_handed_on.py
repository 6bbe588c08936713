"""What of a study goes with a release: what results need of it, read back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from malformed import make, swap

from lmm.counting.declared import measures_of
from lmm.study.forms import Form, Item
from lmm.study.handed_on import HANDED_ON, OF_FILES, _as_yaml, handed_on
from lmm.study.mapping import check_study
from lmm.study.source import OwnColumn
from lmm.study.strict_yaml import parsed
from lmm.study.study import Study, read_study
from lmm.study.table import Declaration
from lmm.study.tables import tables_of

ROOT = Path(__file__).resolve().parents[1]
STUDIES = [ROOT, *sorted((ROOT / "examples").glob("*/"))]


def handed(study: Study, folder: Path) -> Study:
    (folder / "study.yaml").write_text(handed_on(study), encoding="utf-8")
    return read_study(folder)


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_what_results_need_is_the_same(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    other = handed(study, tmp_path)
    check_study(other)
    assert measures_of(other) == measures_of(study)
    assert tables_of(other) == tables_of(study)
    for name in tables_of(study):
        assert other.columns_kept(name) == study.columns_kept(name)
    assert {name: list(labels) for name, labels in other.lists.items()} == {
        name: list(labels) for name, labels in study.lists.items()
    }
    for key in ("service", "records", "period", "event", "closures", "confidence", "disclosure",
                "reduced_capacity", "wording", "nearly_met", "reference_population"):  # fmt: skip
        assert getattr(other, key) == getattr(study, key), key
    assert handed_on(other) == handed_on(study)


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_what_only_serves_to_read_files_is_left_out(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    other = handed(study, tmp_path)
    for name, source in other.sources.items():
        assert source.files == (f"{name}.csv",)
        assert all(column == heading for column, heading in source.columns.items())
        assert source.model_fields_set <= {
            "files",
            "given",
            *Declaration.model_fields,
        }
    assert not any(spellings for labels in other.lists.values() for spellings in labels.values())
    assert other.date_formats == ("%Y-%m-%d",)
    assert (other.missing, other.total_row) == (("",), ())


def test_of_every_key_it_is_decided_whether_it_is_handed_on() -> None:
    assert set(HANDED_ON) == set(OF_FILES) == {Study, Form, Item, OwnColumn}
    for model, goes in HANDED_ON.items():
        assert set(model.model_fields) == goes | OF_FILES[model], model
        assert not goes & OF_FILES[model], model


def test_an_item_with_its_own_scale_is_handed_on_without_its_spellings(tmp_path: Path) -> None:
    make(tmp_path)
    own = "{wording: Own, scale: {no: [nope], yes: [yep]}, high: [yes], dont_know: {unsure: [eh]}}"
    swap("study.yaml", "items: {overall: Overall}", f"items: {{overall: Overall, own: {own}}}")(
        tmp_path
    )
    study = read_study(tmp_path)
    assert study.satisfaction.scale_of("own") == {"no": ("nope",), "yes": ("yep",)}
    form = handed(study, tmp_path).satisfaction
    assert form.scale_of("own") == {"no": (), "yes": ()}
    assert form.dont_know_of("own") == {"unsure": ()}
    assert (form.high_of("own"), form.items["own"]) == (("yes",), "Own")


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)
    | st.sampled_from(
        ["no", "-.5", "+.5", "1:30", "070", "~", "null", "2020-01-01", "1e5", "=", ""]
    )
    | st.integers(-(10**6), 10**6)
    | st.floats(0, 1)
    | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc-.15: ", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, min_size=1, max_size=3))
def test_whatever_is_written_is_read_back(content: dict[str, object]) -> None:
    text = _as_yaml(content)
    assert parsed(text, Path("x")).content == content
    assert yaml.safe_load(text) == content  # and others read no other
