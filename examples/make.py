"""Write the raw records of the example studies: invented, described in each study's README.

The same seed gives the same bytes: ``python examples/make.py`` changes nothing unless this
file did. The hashes written beside the library keep these files from being taken for real.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook

from lmm.start.archive import repeatable

HERE = Path(__file__).resolve().parent
FINGERPRINTS = HERE.parent / "lmm" / "synthetic" / "example_fingerprints.json"
NOTE = "SYNTHETIC records: they describe nobody"

Rows = list[list[Any]]


def peer_support(seed: int = 20220101) -> dict[str, bytes]:
    """Make a breastfeeding peer-support project: training days, mothers and contacts."""
    random = np.random.default_rng(seed)
    days = [dt.date(2022, 1, 1) + dt.timedelta(days=int(n)) for n in range(0, 730, 36)]
    training = [
        [f"T{n:02d}", day, random.choice(["Getting started", "Refresher"], p=[0.7, 0.3]), 20]
        for n, day in enumerate(days, 1)
    ]
    signed, answers = [], []
    scale = ["1", "2", "3", "4", "5", "6", "7"]
    weights = [0.01, 0.01, 0.02, 0.06, 0.2, 0.35, 0.35]
    for ref, *_ in training:
        for _ in range(int(random.integers(9, 17))):
            person = f"PS{int(random.integers(1, 160)):03d}"
            kind = random.choice(["Volunteer", "Midwife", "Nursery staff"], p=[0.6, 0.25, 0.15])
            came = random.choice(["Yes", "No"], p=[0.9, 0.1])
            signed.append([ref, person, kind, came])
            if came == "Yes" and random.random() < 0.75:
                given = list(random.choice(scale, 3, p=weights))
                answers.append([ref, *("" if random.random() < 0.03 else a for a in given)])
    mothers, contacts = [], []
    places = ["Northside", "Old Town", "Harbour", "Elsewhere"]
    for n in range(1, 191):
        referred = dt.date(2022, 1, 1) + dt.timedelta(days=int(random.integers(0, 700)))
        first = referred + dt.timedelta(days=int(random.integers(0, 12)))
        closed = first + dt.timedelta(days=int(random.integers(20, 120)))
        via = random.choice(["Midwife", "Health visitor", "Herself"], p=[0.5, 0.3, 0.2])
        place = random.choice(places, p=[0.35, 0.3, 0.25, 0.1])
        ended = closed if closed <= dt.date(2023, 12, 31) else None
        mothers.append([f"M{n:04d}", referred, referred, first, ended, via, place])
        for k in range(int(random.integers(1, 5))):
            day = first + dt.timedelta(days=9 * k)
            if day <= dt.date(2023, 12, 31):
                how = random.choice(["Home visit", "Phone", "Video call"], p=[0.5, 0.3, 0.2])
                kept = random.choice(["Kept", "Missed"], p=[0.85, 0.15])
                contacts.append([f"M{n:04d}", day.strftime("%d.%m.%Y"), how, kept])
    heading = ["Mother", "When", "How", "Kept or missed"]
    by_year = {
        year: [row for row in contacts if row[1].endswith(str(year))] for year in (2022, 2023)
    }
    book = workbook(
        {
            "Training days": [["Ref", "Day", "Title", "Seats"], *training],
            "Sign-in": [["Ref", "Supporter", "Comes from", "Came?"], *signed],
            "Mothers": [
                ["Case", "Referred", "Taken on", "First offer", "Closed", "Came via", "Area"],
                *mothers,
            ],
        }
    )
    return {
        "records.xlsx": book,
        "forms.csv": delimited([["Ref", "Useful", "Confident", "Overall"], *answers], ";"),
        **{f"contacts-{year}.csv": delimited([heading, *rows]) for year, rows in by_year.items()},
    }


def parenting_course(seed: int = 20210901) -> dict[str, bytes]:
    """Make a parenting course with weekly sessions: sessions, registers and forms."""
    random = np.random.default_rng(seed)
    sessions, register, forms = [], [], []
    answers = ["not at all", "a little", "somewhat", "much", "very much"]
    for group in range(1, 13):
        start = dt.date(2021, 9, 6) + dt.timedelta(weeks=8 * (group - 1))
        online = random.random() < 0.3
        parents = [f"G{group:02d}P{n:02d}" for n in range(1, int(random.integers(11, 16)))]
        drawn = random.choice(["mum", "dad", "carer"], len(parents), p=[0.7, 0.2, 0.1])
        kinds = dict(zip(parents, drawn, strict=True))
        for week in range(1, 7):
            name = f"{group:02d}-{week}"
            day = start + dt.timedelta(weeks=week - 1)
            theme = "play" if week <= 3 else "routines"
            sessions.append([name, day, theme, "Zoom" if online else "Hall"])
            for parent in parents:
                came = random.random() < 0.97 - 0.05 * week
                register.append([name, parent, kinds[parent], "present" if came else "absent"])
                if came and week == 6 and random.random() < 0.85:
                    row = random.choice(answers, 3, p=[0.01, 0.02, 0.07, 0.4, 0.5])
                    forms.append([f"F{len(forms) + 1:03d}", name, kinds[parent], *row])
    parquet = io.BytesIO()
    columns = ["session", "parent", "relation", "attendance"]
    pd.DataFrame(register, columns=columns).to_parquet(parquet, index=False)
    return {
        "sessions.csv": delimited(
            [
                ["session", "held on", "theme", "place"],
                *[[n, f"{d:%d %b %Y}", t, p] for n, d, t, p in sessions],
            ],
            "\t",
        ),
        "register.parquet": parquet.getvalue(),
        "forms.xlsx": workbook(
            {"Answers": [["form", "session", "I am", "Helpful", "Welcome", "Recommend"], *forms]}
        ),
    }


def drop_ins(seed: int = 20230401) -> dict[str, bytes]:
    """Make a drop-in with head counts, a helpline and the forms that visitors fill in."""
    random = np.random.default_rng(seed)
    venues, visits, forms = ["Library", "Church hall", "Park cafe"], [], []
    for n in range(365):
        day = dt.date(2023, 4, 1) + dt.timedelta(days=n)
        if day.weekday() in (1, 3):
            busy = 6 if day < dt.date(2023, 10, 1) else 9
            adults = int(random.integers(2, busy))
            children = adults + int(random.integers(0, 4))
            venue = random.choice(venues, p=[0.5, 0.3, 0.2])
            weather = random.choice(["dry", "wet", ""], p=[0.6, 0.3, 0.1])
            visits.append([f"{day:%d/%m/%Y}", venue, adults, children, weather])
            for _ in range(int(random.binomial(adults, 0.4))):
                given = random.choice(["no", "partly", "yes"], p=[0.05, 0.2, 0.75])
                stars = random.choice(["1", "2", "3", "4"], p=[0.03, 0.07, 0.3, 0.6])
                forms.append([f"{day:%d/%m/%Y}", given, stars])
    calls = []
    for n in range(420):
        day = dt.date(2023, 4, 1) + dt.timedelta(days=int(random.integers(0, 366)))
        about = random.choice(["sleep", "feeding", "mood", "other"], p=[0.35, 0.3, 0.25, 0.1])
        answered = random.choice(["yes", "no"], p=[0.88, 0.12])
        caller = f"K{int(random.integers(1, 260)):03d}"
        calls.append([f"C{n + 1:04d}", f"{day:%Y-%m-%d}", caller, about, answered])
    calls.sort(key=lambda call: (call[1], call[0]))
    return {
        "drop_ins.csv": delimited([["Date", "Where", "Adults", "Children", "Weather"], *visits]),
        "helpline.csv": delimited([["Call", "Day", "Caller", "About", "Got through"], *calls]),
        "postcards.csv": delimited([["Day", "Did it help?", "Stars"], *forms]),
    }


def workbook(sheets: dict[str, Rows]) -> bytes:
    """Write sheets as an Excel workbook that comes out the same every time."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([str(cell) if isinstance(cell, np.str_) else cell for cell in row])
    book.create_sheet("Notes").append([NOTE])
    book.properties.title = NOTE
    buffer = io.BytesIO()
    book.save(buffer)
    return repeatable(buffer.getvalue())


def delimited(rows: Rows, delimiter: str = ",") -> bytes:
    """Write rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


EXAMPLES = {
    "peer-support": peer_support,
    "parenting-course": parenting_course,
    "drop-ins": drop_ins,
}


def main(names: Sequence[str] = tuple(EXAMPLES)) -> None:
    """Write the raw files of the examples and their hashes."""
    hashes = {}
    for name in names:
        raw = HERE / name / "data" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for file, content in EXAMPLES[name]().items():
            (raw / file).write_bytes(content)
            hashes[f"{name}/{file}"] = hashlib.sha256(content).hexdigest()
    FINGERPRINTS.write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
