"""A run as a Process Run Crate: what was made of what, by which software, when and how long.

`run.json` says what results depend on, and is the same each time. The crate is made from it and
tells of the one run besides, in the terms of RO-Crate, which archives and other tools read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lmm.publish.provenance import Entity, inputs, references, results, software, spent, value
from lmm.study.study import Study

CRATE = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
"""Where the terms are defined that RO-Crate has not: a name, which nothing here fetches."""


@dataclass(frozen=True)
class Begun:
    """A run that has begun.

    Attributes
    ----------
    home
        The folder that the names of the inputs are paths in.
    command
        What runs, as a reader would call it.
    at
        When it began.
    """

    home: Path
    command: str
    at: datetime


def begin(home: Path, command: str) -> Begun:
    """Note that a run begins now."""
    return Begun(home, command, datetime.now(UTC))


def write_crate(study: Study, record: Mapping[str, Any], begun: Begun) -> None:
    """Describe the run whose results are in ``study.outputs``, beside them.

    Parameters
    ----------
    record
        What `lmm.publish.record.write_record` has kept.
    begun
        What `begin` gave.
    """
    from rocrate.model import ContextEntity, DataEntity  # noqa: PLC0415  # a quarter of a second
    from rocrate.rocrate import ROCrate  # noqa: PLC0415

    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(TERMS)
    whole, *entities = graph_of(study, record, begun)
    for name, said in whole.items():
        crate.root_dataset[name] = said
    for entity in entities:
        kind = DataEntity if entity["@type"] == "File" else ContextEntity
        crate.add(kind(crate, entity["@id"], entity))
    crate.metadata.write(study.outputs)


def graph_of(study: Study, record: Mapping[str, Any], begun: Begun) -> list[Entity]:
    """Give all that the crate says: of the whole first, then of the run, then of its parts."""
    tools, taken = software(record), list(inputs(study, record, begun.home))
    made = list(results(study.outputs, besides=CRATE))
    given = [value("parameter", name, said) for name, said in record["parameters"].items()]
    cost = [] if study.is_protected else list(spent(begun.at))
    run = {
        **_run(study, begun),
        "instrument": references(tools[:1]),
        "object": references([*taken, *given]),
        "result": references(made),
        **({"resourceUsage": references(cost)} if cost else {}),
    }
    about = _about(study)
    whole = {
        "name": f"{study.service}: results of a run",
        "description": f"Tables, figures, notebooks and pages. {record['records']}.",
        "datePublished": run["endTime"],
        "conformsTo": references(about[:1]),
        "license": references(about[1:]),
        "mentions": references([run]),
    }
    return [whole, run, *about, *tools, *taken, *given, *cost, *made]


def _run(study: Study, begun: Begun) -> Entity:
    """Say when it was, and that it succeeded, without which there is no crate.

    Of protected results the day alone is told: how long the gate has searched depends on the
    counts that it hides.
    """
    ended = datetime.now(UTC)
    said = {"@type": "CreateAction", "name": "A run of lmm", "description": begun.command,
            "actionStatus": "http://schema.org/CompletedActionStatus"}  # fmt: skip
    if study.is_protected:
        return {"@id": "#run", **said, "endTime": ended.date().isoformat()}
    return {
        "@id": f"urn:uuid:{uuid.uuid4()}",
        **said,
        "startTime": begun.at.isoformat("T", "seconds"),
        "endTime": ended.isoformat("T", "seconds"),
    }


def _about(study: Study) -> list[Entity]:
    """Say to what the crate conforms, and under which licence the results are."""
    licence = study.folder / "LICENSE"
    says = "No licence is declared: ask who made these results."
    if study.is_synthetic and licence.is_file():
        says = licence.read_text("utf-8")
    return [
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": "#licence", "@type": "CreativeWork", "name": "Licence", "description": says},
    ]
