"""The curve of Kaplan and Meier, its median and its shares: against R, print, and at the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lmm.statistics.survival import kaplan_meier, median_days, share_seen

REFERENCE = Path(__file__).parent / "reference"
R_FAMILIES = pd.read_csv(REFERENCE / "waiting_families.csv")
R_CURVE = pd.read_csv(REFERENCE / "waiting_curve.csv")
R_SUMMARY = pd.read_csv(REFERENCE / "waiting_summary.csv")
CASES = list(
    R_CURVE[["series", "leaving", "level"]].drop_duplicates().itertuples(index=False, name=None)
)


def r_curve(series: str, leaving: str, level: float) -> pd.DataFrame:
    rows = R_FAMILIES[R_FAMILIES["series"] == series]
    if leaving == "never seen":
        rows = rows.assign(days=rows["days"].mask(rows["outcome"] == "left", rows["to_end"]))
    counts = rows.groupby(["days", "outcome"]).size().reset_index(name="n")
    return kaplan_meier(counts, level)


@pytest.mark.parametrize(("series", "leaving", "level"), CASES)
def test_the_curve_agrees_with_r(series: str, leaving: str, level: float) -> None:
    found = r_curve(series, leaving, level).set_index("days")
    keys = (R_CURVE["series"] == series) & (R_CURVE["leaving"] == leaving)
    expected = R_CURVE[keys & (R_CURVE["level"] == level)]
    assert set(found.index) == {0, *expected["days"]}
    for row in expected.itertuples():
        mine = found.loc[row.days]
        assert mine["at_risk"] == row.at_risk
        assert mine["not_yet_seen"] == pytest.approx(row.not_yet_seen, rel=1e-8, abs=1e-12)
        if row.not_yet_seen < 1:  # R gives 1 to 1 where nothing has happened
            assert (mine["low"], mine["high"]) == pytest.approx(
                (row.low, row.high), rel=1e-8, nan_ok=True
            )
        assert (mine["status"] == "ok") == (0 < row.not_yet_seen < 1)


@pytest.mark.parametrize(("series", "leaving", "level"), CASES)
def test_median_and_shares_agree_with_r(series: str, leaving: str, level: float) -> None:
    curve = r_curve(series, leaving, level)
    keys = (R_SUMMARY["series"] == series) & (R_SUMMARY["leaving"] == leaving)
    for row in R_SUMMARY[keys & (R_SUMMARY["level"] == level)].itertuples():
        if row.what == "median":
            found = median_days("median", curve, "assumed")
            if np.isnan(row.high):
                assert found.status == "short_series"
                assert f"by day {row.estimate:.0f}" in found.note
                assert (found.estimate, found.low) == (row.estimate, row.low)
                continue
        else:
            within = int(row.what.removeprefix("seen by "))
            found = share_seen("share", curve, within, level, "assumed")
            if row.estimate == 0:  # R gives 0 to 0
                assert (found.estimate, found.low) == (0, 0)
                assert found.method.startswith("Wilson")
                continue
        assert (found.estimate, found.low, found.high) == pytest.approx(
            (row.estimate, row.low, row.high), rel=1e-8
        )


def test_a_textbook_curve() -> None:
    """Miller (1981): remission with maintenance, as every text on survival prints it."""
    curve = r_curve("aml maintained", "censored at discharge", 0.95)
    steps = curve.loc[curve["seen"] > 0, ["days", "not_yet_seen"]].round(3)
    assert steps.to_numpy().tolist() == [
        [9, 0.909], [13, 0.818], [18, 0.716], [23, 0.614], [31, 0.491], [34, 0.368], [48, 0.184],
    ]  # fmt: skip


def test_leavers_as_never_seen_are_a_competing_event() -> None:
    """Close to R's Aalen-Johansen estimate, which the data with known ends also allow."""
    curve = r_curve("made", "never seen", 0.95)
    for row in R_SUMMARY[R_SUMMARY["leaving"] == "competing"].itertuples():
        within = int(row.what.removeprefix("seen by "))
        found = share_seen("share", curve, within, 0.95, "assumed")
        assert found.estimate == pytest.approx(row.estimate, abs=0.01)


def followed(*rows: tuple[int, str, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["days", "outcome", "n"])


def test_a_count_is_so_many_people() -> None:
    one_by_one = followed(*[(7, "seen", 1)] * 3, (9, "left", 1), *[(12, "waiting", 1)] * 2)
    counted = followed((12, "waiting", 2), (7, "seen", 3), (9, "left", 1), (20, "seen", 0))
    curve = kaplan_meier(counted, 0.95)
    pd.testing.assert_frame_equal(curve, kaplan_meier(one_by_one, 0.95))
    assert curve["at_risk"].tolist() == [6, 6, 3, 2]
    assert curve[["seen", "left", "waiting"]].to_numpy().tolist() == [
        [0, 0, 0], [3, 0, 0], [0, 1, 0], [0, 0, 2],
    ]  # fmt: skip
    assert curve["not_yet_seen"].tolist() == pytest.approx([1, 0.5, 0.5, 0.5])


def test_nobody_is_followed() -> None:
    curve = kaplan_meier(followed(), 0.95)
    assert curve.empty
    for found in (
        median_days("median", curve, "assumed"),
        share_seen("share", curve, 28, 0.95, "assumed"),
    ):
        assert (found.status, found.denominator) == ("no_data", 0)
        assert found.note == "there is nobody to follow"
