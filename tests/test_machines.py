"""The comparison of machines: that it finds what differs, and what could."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "machines"))

from margin import boundary_distance, margins
from result import Result, committed, differences
from settings import CHOSEN_BY, SETTINGS, Setting


def test_what_is_committed_differs_in_nothing_from_itself() -> None:
    kept = committed()
    compared, differ, largest, which = differences(kept, kept)
    assert compared > 100
    assert (differ, largest, which) == (0, 0, [])


@pytest.mark.parametrize(
    ("name", "text", "largest"),
    [
        ("outputs/tables/a.csv", "x,1.5\n", 0.25),
        ("outputs/tables/a.csv", "y,1.25\n", float("inf")),
        ("outputs/tables/a.csv", "x,1.25,3\n", float("inf")),
        ("outputs/tables/b.csv", "x,1.25\n", float("inf")),  # one more file
    ],
)
def test_a_difference_is_named_with_its_size(name: str, text: str, largest: float) -> None:
    kept = Result(files={"outputs/tables/a.csv": "x,1.25\n"})
    found = Result(files={**kept.files, name: text})
    assert differences(found, kept) == (len(found.files), 1, largest, [name])
    assert differences(kept, found)[1:] == (1, largest, [name])


def test_a_stored_output_that_differs_is_named_by_its_cell() -> None:
    kept = Result(shown={"1.ipynb": [[], [({"text/plain": "n 3"}, {"lmm": "released"})]]})
    data = Result(shown={"1.ipynb": [[], [({"text/plain": "n 4"}, {"lmm": "released"})]]})
    metadata = Result(shown={"1.ipynb": [[], [({"text/plain": "n 3"}, {})]]})
    assert differences(data, kept) == (2, 1, 1, ["1.ipynb, code cell 2"])
    assert differences(metadata, kept)[1] == 1


@pytest.mark.parametrize(
    ("value", "distance"), [(0.1234567, 2e-7), (0.1234565, 0), (-0.1234563, 2e-7), (2.0, 5e-7)]
)
def test_the_distance_to_a_boundary(value: float, distance: float) -> None:
    assert float(boundary_distance(value, 6)) == pytest.approx(distance, abs=1e-15)


def test_numbers_that_could_round_otherwise_elsewhere_are_named() -> None:
    far = {"a": 0.1234561, "b": 3.0}
    assert margins([far, {"a": 0.1234561 + 1e-10, "b": 3.0}], 6).failures == []
    near = margins([far, {"a": 0.1234561 + 5e-9, "b": 3.0}], 6)
    assert [line[:2] for line in near.failures] == ["a:"]
    assert near.least == pytest.approx(4e-7 / 5e-9, rel=1e-3)
    assert margins([far, {"a": 0.1234561}], 6).failures == ["b: not on every machine"]


def test_on_a_boundary_there_may_be_fractions_only() -> None:
    fraction = margins([{"a": 1 / 128}, {"a": 1 / 128 - 1e-18}], 6)
    assert (fraction.exact, fraction.failures) == (1, [])
    odd = 0.1234565 + 3e-13
    assert "no simple fraction" in margins([{"a": odd}, {"a": odd}], 6).failures[0]


def test_a_setting_takes_nothing_from_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CHOSEN_BY:
        monkeypatch.setenv(name, "7")
    chosen = {name: s.environment().get(name) for s in SETTINGS[:1] for name in CHOSEN_BY}
    assert set(chosen.values()) == {None}
    old = Setting("old", {"OPENBLAS_CORETYPE": "Prescott"}, frozenset({"pni", "avx"}))
    assert old.environment()["OPENBLAS_CORETYPE"] == "Prescott"
    assert old.lacking({"pni"}) == {"avx"}
