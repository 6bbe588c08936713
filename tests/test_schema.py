"""The schema of study.yaml, and the page that explains its keys, are made from the model."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from lmm.start.schema import reference, study_schema
from lmm.study.study import Study

ROOT = Path(__file__).resolve().parents[1]
STUDIES = [ROOT / "study.yaml", *sorted(ROOT.glob("examples/*/study.yaml"))]


def test_the_committed_schema_and_page_are_up_to_date() -> None:
    """Otherwise: `lmm schema > study.schema.json`, `lmm schema --reference > docs/…`."""
    text = (ROOT / "study.schema.json").read_text("utf-8")
    assert json.loads(text) == json.loads(json.dumps(study_schema()))
    assert (ROOT / "docs/study-reference.md").read_text("utf-8") == reference()


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_a_study_names_the_schema_and_fits_it(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    named = path.parent / first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads(named.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))
    jsonschema.validate(content, schema)


@pytest.mark.parametrize(
    ("key", "value"),
    [("contract_year_starts", 13), ("disclosure", "some"), ("colour", "red"), ("records", "both")],
)
def test_an_editor_is_told_of_a_wrong_value(key: str, value: object) -> None:
    content = yaml.safe_load((ROOT / "study.yaml").read_text("utf-8")) | {key: value}
    content = json.loads(json.dumps(content, default=str))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, study_schema())


def test_every_key_is_explained() -> None:
    for line in reference().splitlines():
        if line.startswith("| ") and "---" not in line:
            assert not line.rstrip().endswith("|  |"), line
    for name, given in Study.model_fields.items():
        key = given.alias or name
        if not key.startswith("_"):
            assert f"| {key} |" in reference() or f"| **{key}** |" in reference()
