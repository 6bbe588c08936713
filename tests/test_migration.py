"""Study files of earlier schemas: read as they are, and rewritten so that they say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from malformed import STUDY as SMALL

from lmm.cli import main
from lmm.study import migration
from lmm.study.declared import STUDY_FILE
from lmm.study.migration import bring_up_to_date, migrate
from lmm.study.problems import StudyError
from lmm.study.study import read_study

EARLIER = {path.stem: path.read_text("utf-8") for path in Path(__file__).parent.glob("earlier/*")}
EARLIER["small"] = SMALL
SAID = (
    "schema: 1 was added: it says which keys the file is written with",
    "satisfaction became forms: feedback_forms, beside which other forms may stand",
)


def write(folder: Path, text: str) -> Path:
    (folder / STUDY_FILE).write_text(text, encoding="utf-8")
    return folder / STUDY_FILE


def problems(folder: Path, text: str) -> tuple[str, ...]:
    write(folder, text)
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    return caught.value.problems


def test_there_are_files_of_each_kind() -> None:
    assert set(EARLIER) == {"little-minds-matter", "parenting-course", "peer-support", "small"}
    assert not any("schema:" in text.partition("\n")[2] for text in EARLIER.values())


@pytest.mark.parametrize("name", EARLIER)
def test_an_earlier_file_is_read_as_its_migrated_form(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, EARLIER[name])
    before = read_study(tmp_path)
    assert path.read_text("utf-8") == EARLIER[name]
    assert migrate(tmp_path) == SAID
    assert read_study(tmp_path) == before
    assert list(before.forms) == ["feedback_forms"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", EARLIER)
def test_comments_and_the_order_of_keys_stay(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, EARLIER[name])
    migrate(tmp_path)
    text = path.read_text("utf-8")
    comment = re.compile(r"(?:^|\s)(#.*)$", re.MULTILINE)
    assert comment.findall(text) == comment.findall(EARLIER[name])
    top = re.compile(r"^([\w\"]+):", re.MULTILINE)
    renamed = [{"satisfaction": "forms"}.get(key, key) for key in top.findall(EARLIER[name])]
    assert top.findall(text) == ["schema", *renamed]


def test_a_migrated_file_is_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, EARLIER["small"])
    migrate(tmp_path)
    text, stamp = path.read_bytes(), path.stat().st_mtime_ns
    assert migrate(tmp_path) == ()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (text, stamp)


def test_the_command_says_what_it_changed(tmp_path: Path) -> None:
    write(tmp_path, EARLIER["small"])
    first, second = (
        CliRunner().invoke(main, ["migrate", "--study", str(tmp_path)]) for _ in range(2)
    )
    assert (first.exit_code, first.output.splitlines()) == (0, [*SAID])
    assert (second.exit_code, second.output) == (
        0, "nothing to do: study.yaml is of this version\n",
    )  # fmt: skip


def test_a_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = write(tmp_path, EARLIER["small"])
    path.chmod(0o600)
    migrate(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_that_does_not_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, EARLIER["small"])
    monkeypatch.setattr(migration, "_rewritten", lambda text: "service: Another\n")
    with pytest.raises(StudyError, match="make the changes by hand: schema: 1 was added"):
        migrate(tmp_path)
    assert path.read_text("utf-8") == EARLIER["small"]


def test_a_file_stays_whole_when_it_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = write(tmp_path, EARLIER["small"])
    monkeypatch.setattr(migration.os, "fsync", full)
    with pytest.raises(StudyError, match="cannot be written: No space left on device"):
        migrate(tmp_path)
    assert path.read_text("utf-8") == EARLIER["small"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ("2", "study.yaml: schema: 2 is later than 1, the last that this version of lmm reads; "
              "install a later version"),
        ("one", "study.yaml: schema: 'one' is no number of a schema; write schema: 1"),
        ("-1", "study.yaml: schema: -1 is no number of a schema; write schema: 1"),
    ],
)  # fmt: skip
def test_a_schema_that_is_not_known_is_refused(schema: str, problem: str, tmp_path: Path) -> None:
    assert problems(tmp_path, f"schema: {schema}\n{SMALL}") == (problem,)
    with pytest.raises(StudyError, match=re.escape(problem)):
        migrate(tmp_path)


def test_what_is_wrong_in_an_earlier_file_is_said_of_its_own_keys_and_lines(tmp_path: Path) -> None:
    line = SMALL.splitlines().index("satisfaction:") + 1
    assert problems(tmp_path, SMALL.replace("overall: overall", "overall: venue")) == (
        f"study.yaml: line {line}: satisfaction: overall: 'venue' is not one of items ['overall']",
    )


def test_a_file_written_by_hand_for_both_is_not_guessed_at(tmp_path: Path) -> None:
    text = SMALL.replace("nearly_met:", "forms: {}\nnearly_met:")
    (problem,) = problems(tmp_path, text)
    assert problem.endswith("satisfaction: Extra inputs are not permitted")


def test_bringing_up_to_date_says_what_was_moved() -> None:
    content = {"service": "x", "satisfaction": {"high": ["good"]}}
    done = bring_up_to_date(content)
    assert content == {
        "service": "x", "forms": {"feedback_forms": {"high": ["good"]}}, "schema": 1,
    }  # fmt: skip
    assert done.moved == {("forms", "feedback_forms"): ("satisfaction",)}
    assert bring_up_to_date(content).said == ()
