"""What a count counts, and what is part of what by it: on a handful of rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from family_counts import counts_of, family
from own_counts import counted

from lmm.counting.counts import Counts, Key, key
from lmm.counting.meaning import FIRST, Meanings, Unit
from lmm.disclosure.relations import linked
from lmm.study.measures import Measure

START, END = pd.Timestamp("2023-04-01"), pd.Timestamp("2024-03-31")


@pytest.fixture
def families() -> Counts:
    return counts_of(
        family("2018-05-01", seen="2018-05-20", ward="Little Horton"),
        family("2018-05-01", seen="2018-09-01"),
        family("2019-06-01"),
    )


def is_part(counts: Counts, part: Key, whole: Key) -> bool:
    found = Meanings(counts)
    return found.is_part(found.of(part), found.of(whole))


def held(counts: Counts) -> dict[frozenset[tuple[Key, int]], str]:
    """Give the relations of counts, which have to hold, by their terms."""
    cells, relations, _ = linked(counts)
    true = {cell.key: cell.count for cell in cells}
    for relation in relations:
        total = sum(n * true[name] for name, n in relation.terms)
        assert total == 0 or (relation.sense == "<=" and total < 0), relation
    return {frozenset(relation.terms): relation.sense for relation in relations}


def test_a_count_says_of_what_it_is_where_and_when(tmp_path: Path) -> None:
    found = Meanings(counted(tmp_path))
    calls = found.of(key("calls", month="2023-05-01"))
    assert calls.of == Unit("helpline")
    assert calls.of.are_rows
    assert calls.conditions == {"helpline.answered": {"yes"}}
    assert calls.days == (pd.Timestamp("2023-05-01"), pd.Timestamp("2023-05-31"))
    adults = found.of(key("adults", venue="library"))
    assert adults.of == Unit("drop_ins", of="adults")
    assert not adults.of.are_rows
    assert adults.conditions == {"drop_ins.venue": {"library"}}
    assert adults.days == (START, END)


def test_two_counts_of_one_meaning_are_equal(tmp_path: Path) -> None:
    counts = counted(
        tmp_path,
        through={"label": "the same", "rows": "helpline", "where": {"answered": "yes"}},
        sleep={"label": "of sleep", "rows": "helpline", "by": [],
               "where": {"answered": "yes", "about": "sleep"}},
    )  # fmt: skip
    found = Meanings(counts)
    assert found.of(key("through")) == found.of(key("calls"))
    assert found.of(key("answered", inside="yes")) == found.of(key("calls"))
    assert found.of(key("sleep")) == found.of(key("calls", about="sleep"))
    assert found.of(key("answered")) != found.of(key("calls"))
    assert counts.n("sleep") == counts.n("calls", about="sleep")


def test_a_narrower_count_is_part_of_a_wider_one_and_not_the_other_way(tmp_path: Path) -> None:
    counts = counted(tmp_path)
    pairs = [
        (key("calls", about="sleep"), key("calls")),
        (key("calls", about="sleep"), key("answered", about="sleep")),
        (key("calls", month="2023-05-01"), key("calls", quarter="2023-04-01")),
        (key("calls", month="2023-05-01"), key("answered")),
    ]
    for part, whole in pairs:
        assert is_part(counts, part, whole)
        assert not is_part(counts, whole, part)
    assert not is_part(counts, key("calls", about="sleep"), key("calls", about="mood"))
    assert not is_part(counts, key("calls", month="2023-05-01"), key("calls", about="sleep"))
    assert not is_part(counts, key("adults", venue="library"), key("calls"))


def test_the_levels_of_a_column_are_all_of_it(tmp_path: Path) -> None:
    """Of a required one without ``not recorded``, at which nothing can be."""
    counts = counted(
        tmp_path,
        calls_made={"label": "calls", "rows": "helpline", "by": ["about", "about?"]},
        visits={"label": "visits", "rows": "drop_ins", "by": ["weather", "weather?"]},
    )
    found = Meanings(counts)
    assert found.universe("helpline.about") == {"sleep", "feeding", "mood", "other"}
    assert found.universe("drop_ins.weather") == {"dry", "wet", "not recorded"}
    assert found.of(key("calls_made", **{"about?": "recorded"})) == found.of(key("calls_made"))
    nothing = key("calls_made", about="not recorded")
    assert found.of(nothing).conditions == {"helpline.about": set()}
    weather = key("visits", **{"weather?": "recorded"})
    assert found.of(weather).conditions == {"drop_ins.weather": {"dry", "wet"}}
    assert is_part(counts, key("visits", weather="wet"), weather)
    assert not is_part(counts, key("visits", weather="not recorded"), weather)
    relations, same = held(counts), linked(counts)[2]
    assert relations[frozenset([(same[nothing], -1)])] == "="
    levels = {
        key("calls_made", about=of) for of in (*found.universe("helpline.about"), "not recorded")
    }
    whole = same[key("calls_made")]
    assert relations[frozenset({*((same[name], 1) for name in levels), (whole, -1)})] == "="


def test_a_required_column_that_is_no_label_is_always_recorded(families: Counts) -> None:
    found = Meanings(families)
    assert found.universe("families.referred_on") == {"recorded"}
    assert found.universe("families.accepted_on") == {"recorded", "not recorded"}
    assert found.of(key("referred_seen_within_28")) == found.of(key("referred"))
    assert found.of(key("accepted_seen_within_28")) == found.of(key("accepted"))


def test_limits_divide_numbers_and_a_lower_one_is_part_of_a_higher(families: Counts) -> None:
    found = Meanings(families)
    assert found.universe("families.wait") == {"to 28", "29 to 56", "over 56", "not recorded"}
    soon, later = (key(f"referred_seen_within_{n}", inside="yes") for n in (28, 56))
    assert found.of(soon).conditions == {"families.wait": {"to 28"}}
    assert found.of(later).conditions == {"families.wait": {"to 28", "29 to 56"}}
    assert is_part(families, soon, later)
    assert not is_part(families, later, soon)
    assert is_part(families, key("accepted_seen_within_28", inside="yes"), soon)


def test_a_limit_that_holds_only_where_the_column_is_kept_divides_numbers_too(
    tmp_path: Path,
) -> None:
    small = {"label": "small", "rows": "drop_ins", "where_kept": {"adults": {"at_most": 3}}}
    counts = counted(tmp_path, small={**small, "by": []})
    found = Meanings(counts)
    assert counts.n("small") == 2
    assert found.universe("drop_ins.adults") == {"to 3", "over 3"}  # it is required
    assert found.of(key("small")).conditions == {"drop_ins.adults": {"to 3"}}


def test_conditions_of_two_columns_hold_together(families: Counts) -> None:
    """No count lies between those seen of a ward and those referred whose ward is known."""
    part, whole = key("seen", ward="Little Horton"), key("referred", **{"ward?": "recorded"})
    assert is_part(families, part, whole)
    assert not is_part(families, key("seen", ward="not recorded"), whole)
    wards = {(name, 1) for name in families.numbers if name[0] == "seen" and "ward" in dict(name[1])
             and "not recorded" not in str(name)}  # fmt: skip
    assert len(wards) == 4
    assert any(wards < terms and (whole, -1) in terms for terms in held(families))


def test_spans_are_cut_to_the_period_and_hold_each_other(families: Counts) -> None:
    found = Meanings(families)
    last = found.of(key("families", quarter="2021-01-01"))
    assert last.days == (pd.Timestamp("2021-01-01"), pd.Timestamp("2021-01-31"))
    before, since = (key("families", phase=phase) for phase in families.phases)
    month = key("families", month="2020-03-01")  # in which the event lies
    assert found.of(before).days == (pd.Timestamp("2018-04-01"), pd.Timestamp("2020-03-22"))
    assert not is_part(families, month, before)
    assert not is_part(families, month, since)
    assert is_part(families, key("families", month="2020-02-01"), before)


def test_a_stock_has_an_end_of_a_month_and_no_days(families: Counts) -> None:
    found = Meanings(families)
    books = found.of(key("caseload", month_end="2018-05-01"))
    assert books.of == Unit("families", ends=("accepted_on", "discharged_on", "2018-05-01"))
    assert books.days is None
    later, unseen = key("caseload", month_end="2018-06-01"), key(
        "caseload_not_seen", month_end="2018-05-01"
    )  # fmt: skip
    assert found.of(later) != books
    assert found.of(unseen) != books
    assert not is_part(families, key("caseload", month_end="2018-05-01"), key("accepted"))


def test_of_who_is_counted_once_a_level_is_that_of_the_first_row(tmp_path: Path) -> None:
    """K1 called about sleep first, and later about other things."""
    once = {"rows": "helpline", "where": {"answered": "yes"}, "once_for": "caller"}
    counts = counted(
        tmp_path,
        people={**once, "label": "people", "by": ["about", "phase"]},
        of_mood={
            **once,
            "label": "of mood",
            "where": {"answered": "yes", "about": "mood"},
            "by": ["phase"],
        },
    )
    found = Meanings(counts)
    first = key("people", about="mood")
    assert found.of(first).of == Unit("helpline", once_for="caller")
    assert found.of(first).on_rows == {"helpline.answered": {"yes"}}
    assert found.of(first).conditions[f"{FIRST}helpline.about"] == {"mood"}
    assert (counts.n("people", about="mood"), counts.n("of_mood")) == (0, 1)
    assert found.of(first) != found.of(key("of_mood"))
    assert is_part(counts, first, key("calls", about="mood"))
    assert is_part(counts, first, key("of_mood"))
    assert not is_part(counts, key("of_mood"), first)
    assert is_part(counts, key("of_mood"), key("people"))
    before, since = counts.phases
    assert not is_part(counts, key("of_mood", phase=since), key("people", phase=since))
    assert not is_part(counts, key("of_mood", phase=before), key("people", about="mood"))
    assert held(counts)


def test_people_with_several_rows_are_part_of_those_with_one_and_not_by_later_rows(
    tmp_path: Path,
) -> None:
    def people(least: int) -> dict[str, object]:
        return {"label": f"{least} times", "rows": "helpline", "where": {"answered": "yes"},
                "once_for": "caller", "rows_each": least, "by": ["about"]}  # fmt: skip

    counts = counted(tmp_path, people=people(1), twice=people(2), thrice=people(3))
    twice_sleep = key("twice", about="sleep")  # on the first row: the second is about more
    assert is_part(counts, twice_sleep, key("people", about="sleep"))
    assert is_part(counts, key("thrice"), key("twice"))
    assert not is_part(counts, key("twice"), key("thrice"))
    same = linked(counts)[2]
    together = {(same[key("people")], 1), (key("twice"), 1), (key("thrice"), 1),
                (same[key("calls")], -1)}  # fmt: skip
    assert held(counts)[frozenset(together)] == "<="
    assert counts.n("people", about="sleep") == counts.n("twice", about="sleep") == 2
    assert counts.n("calls", about="sleep") == 3  # fewer than two each


def test_another_date_is_another_span_and_the_same_whole(families: Counts) -> None:
    by_referral = {"label": "a", "rows": "families", "where": {"accepted_on": "recorded"}}
    by_acceptance = {**by_referral, "label": "b", "date": "accepted_on"}
    measures = {"joined": Measure(**by_acceptance), "came": Measure(**by_referral)}
    study = families.study.model_copy(update={"measures": measures})
    counts = counts_of(
        family("2018-05-01", accepted_on="2018-06-02"),
        family("2018-05-30"),
        {"referred_on": "2018-05-01"},
        study=study.model_copy(update={"disclosure": "opensafely"}),
    )
    found = Meanings(counts)
    assert found.of(key("joined")) == found.of(key("came")) == found.of(key("accepted"))
    joined, came = (key(of, month="2018-05-01") for of in ("joined", "came"))
    assert found.of(joined) != found.of(came)
    assert found.of(joined).dated == "families.accepted_on"
    assert (counts.numbers[joined], counts.numbers[came]) == (1, 2)
    assert is_part(counts, joined, key("accepted"))
    assert is_part(counts, joined, key("joined", quarter="2018-04-01"))
    assert not is_part(counts, joined, key("came", quarter="2018-04-01"))
    assert held(counts)


def test_a_row_without_the_date_of_a_measure_is_in_no_span(families: Counts) -> None:
    spans = ["month", "quarter", "contract_year", "phase", "day"]
    left = Measure(label="left", rows="families", date="discharged_on", by=spans)
    study = families.study.model_copy(update={"measures": {"left": left}})
    counts = counts_of(
        family("2018-05-01", discharged_on="2018-08-02"),
        family("2018-05-30"),
        study=study.model_copy(update={"disclosure": "opensafely"}),
    )
    assert counts.n("left") == 2
    assert [counts.by("left", span)["n"].sum() for span in spans] == [1] * 5
    assert counts.by("left", "phase")["n"].tolist() == [1, 0]
    assert held(counts)


def test_a_sum_lies_between_the_least_and_the_most_of_each_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted(
        tmp_path,
        visits={"label": "visits", "rows": "drop_ins", "by": ["venue"]},
        heads={"label": "heads", "rows": "drop_ins", "kind": "sum", "of": "adults", "by": []},
    )
    found = Meanings(counts)
    assert found.range_of(Unit("drop_ins", of="adults")) == (0, None)  # as declared: from 0 on
    assert found.of(key("heads")) == found.of(key("adults"))
    assert not is_part(counts, key("adults"), key("visits"))
    columns = counts.layout.tables["drop_ins"].columns
    bounded = columns["adults"].model_copy(update={"least": 1, "most": 200})
    monkeypatch.setitem(columns, "adults", bounded)
    assert found.range_of(Unit("drop_ins", of="adults")) == (1, 200)
    relations = held(counts)
    visits = linked(counts)[2][key("visits")]
    assert relations[frozenset({(visits, 1), (key("adults"), -1)})] == "<="
    assert relations[frozenset({(key("adults"), 1), (visits, -200)})] == "<="


def test_a_share_counts_among_and_its_numerator_where_as_well(tmp_path: Path) -> None:
    kept = {"label": "sleep", "rows": "helpline", "kind": "share", "where": {"about": "sleep"},
            "where_kept": {"answered": "yes"}, "among": {"about": ["sleep", "mood"]},
            "by": []}  # fmt: skip
    counts = counted(tmp_path, of_night=kept)
    found = Meanings(counts)
    assert (counts.high("of_night"), counts.n("of_night")) == (3, 5)
    assert found.of(key("of_night")).conditions == {"helpline.about": {"sleep", "mood"}}
    assert found.of(key("of_night", inside="yes")) == found.of(key("calls", about="sleep"))


def test_every_name_of_a_count_joins_it_to_the_levels_beside_it(tmp_path: Path) -> None:
    """The high answers are those of one label: with the others they are all answers."""
    counts = counted(tmp_path)
    same, relations = linked(counts)[2], held(counts)
    high = key("postcards.helped", inside="yes")
    assert same[key("postcards", helped="yes")] == same[high]
    answers = {(same[key("postcards", helped=to)], 1) for to in ("no", "partly", "yes")}
    assert relations[frozenset({*answers, (same[key("postcards.helped")], -1)})] == "="
