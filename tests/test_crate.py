"""The crate of a run: what the profile requires, each file as it is, and nothing hidden."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from malformed import make, swap

from lmm.publish.crate import CRATE, PROFILE, begin, write_crate
from lmm.publish.provenance import commit_of_library
from lmm.publish.record import input_hashes, keep_inputs, write_record
from lmm.study.folder import Audience
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
Crate = dict[str, Any]
TIME = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+00:00)?"


def described(folder: Path, audience: Audience = "release") -> Crate:
    """Give the crate of a run that has made two files, without running."""
    study = read_study(folder, audience)
    (study.outputs / "tables").mkdir(parents=True, exist_ok=True)
    (study.outputs / "tables/a b.csv").write_text("n\n1\n", "utf-8")
    for place in (study.processed, study.outputs):
        place.mkdir(parents=True, exist_ok=True)
    begun = begin(folder, "lmm run")
    made_of = keep_inputs(study, input_hashes(study))
    write_crate(study, write_record(study, Parameters.of(study), made_of), begun)
    crate: Crate = json.loads((study.outputs / CRATE).read_text("utf-8"))
    return crate


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("crate") / "study")


@pytest.fixture(scope="module")
def crate(place: Path) -> Crate:
    return described(place)


def by_id(crate: Crate) -> dict[str, Crate]:
    return {entity["@id"]: entity for entity in crate["@graph"]}


def the_run(crate: Crate) -> Crate:
    (found,) = (each for each in crate["@graph"] if each["@type"] == "CreateAction")
    return found


def pointed(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each["@id"] for each in values if isinstance(each, dict)]


def faults(crate: Crate, folder: Path) -> list[str]:
    """Look at what RO-Crate 1.1 and Process Run Crate 0.5 require, and at every file."""
    found = by_id(crate)
    about, root = found.get(CRATE, {}), found.get("./", {})
    runs = [each for each in crate["@graph"] if each["@type"] == "CreateAction"]
    checks = {
        "context": "https://w3id.org/ro/crate/1.1/context" in crate["@context"],
        "descriptor": about.get("@type") == "CreativeWork"
        and pointed(about.get("about")) == ["./"]
        and pointed(about.get("conformsTo")) == ["https://w3id.org/ro/crate/1.1"],
        "root": root.get("@type") == "Dataset",
        **{name: bool(root.get(name)) for name in ("name", "description", "license")},
        "date": bool(re.fullmatch(TIME, root.get("datePublished", ""))),
        "profile": pointed(root.get("conformsTo")) == [PROFILE]
        and found.get(PROFILE, {}).get("@type") == "CreativeWork",
        "a run": len(runs) == 1 and pointed(root.get("mentions")) == [runs[0]["@id"]],
        "ids": len(found) == len(crate["@graph"]),
        "types": all(each.get("@type") for each in crate["@graph"]),
        "nothing dangling": all(
            target in found or target.startswith("http")
            for entity in crate["@graph"]
            for value in entity.values()
            for target in pointed(value)
        ),
    }
    for each in runs:
        tools = [found.get(name, {}) for name in pointed(each.get("instrument"))]
        checks["instrument"] = bool(tools) and all(
            "SoftwareApplication" in tool.get("@type", ()) and tool.get("version") for tool in tools
        )
        checks["end"] = bool(re.fullmatch(TIME, each.get("endTime", "")))
        checks["result"] = bool(pointed(each.get("result")))
    files = [name for name, each in found.items() if each["@type"] == "File"]
    checks["parts"] = sorted(pointed(root.get("hasPart"))) == sorted(files)
    for name in files:
        path = folder / unquote(name) if "?path=" not in name else (
            folder.parent / unquote(name.split("?path=")[1])
        )  # fmt: skip
        content = path.read_bytes() if path.is_file() else b"is missing"
        checks[f"file {found[name].get('name')}"] = found[name].get("sha256") == hashlib.sha256(
            content
        ).hexdigest() and found[name].get("contentSize") == str(len(content))
    return [name for name, holds in checks.items() if not holds]


def test_what_is_required_holds(crate: Crate, place: Path) -> None:
    assert faults(crate, place / "outputs") == []


def without(name: str, key: str) -> Callable[[Crate], object]:
    return lambda crate: by_id(crate)[name].pop(key)


def of_run(key: str) -> Callable[[Crate], object]:
    return lambda crate: the_run(crate).pop(key)


def changed(of: str, **to: object) -> Callable[[Crate], object]:
    return lambda crate: by_id(crate)[of].update(to)


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("context", lambda crate: crate.update({"@context": []})),
        ("descriptor", without(CRATE, "about")),
        ("descriptor", without(CRATE, "conformsTo")),
        ("root", changed("./", **{"@type": "Thing"})),
        ("name", without("./", "name")),
        ("description", without("./", "description")),
        ("license", without("./", "license")),
        ("date", changed("./", datePublished="yesterday")),
        ("profile", without("./", "conformsTo")),
        ("profile", lambda crate: crate["@graph"].remove(by_id(crate)[PROFILE])),
        ("a run", lambda crate: crate["@graph"].remove(the_run(crate))),
        ("a run", without("./", "mentions")),
        ("ids", lambda crate: crate["@graph"].append(dict(by_id(crate)["#lmm"]))),
        ("types", changed("#licence", **{"@type": ""})),
        ("nothing dangling", lambda crate: crate["@graph"].remove(by_id(crate)["#licence"])),
        ("instrument", of_run("instrument")),
        ("instrument", without("#lmm", "version")),
        ("end", of_run("endTime")),
        ("result", of_run("result")),
        ("parts", without("./", "hasPart")),
        ("file tables/a b.csv", changed("tables/a%20b.csv", sha256="0" * 64)),
        ("file tables/a b.csv", changed("tables/a%20b.csv", contentSize="5")),
        ("file gone.csv", changed("tables/a%20b.csv", **{"@id": "gone.csv", "name": "gone.csv"})),
    ],
)
def test_each_of_it_is_missed(
    crate: Crate, place: Path, fault: str, spoil: Callable[[Crate], object]
) -> None:
    spoilt = copy.deepcopy(crate)
    spoil(spoilt)
    assert fault in faults(spoilt, place / "outputs")


def test_it_tells_what_went_in_and_what_it_took(crate: Crate, place: Path) -> None:
    found, run = by_id(crate), the_run(crate)
    given = {found[name]["name"]: found[name] for name in pointed(run["object"])}
    assert given["study.yaml"]["sha256"] == input_hashes(read_study(place))["study.yaml"]
    assert given["data/raw/courses.csv"]["encodingFormat"] == "text/csv"
    assert given["confidence"]["value"] == "0.95"
    spent = {found[name]["name"]: found[name] for name in pointed(run["resourceUsage"])}
    assert 0 <= int(spent["duration"]["value"]) < 60
    assert run["startTime"] <= run["endTime"]
    lmm = found["#lmm"]
    assert "Python 3" in lmm["runtimePlatform"]
    assert " on " in lmm["runtimePlatform"]
    needs = {found[name]["name"]: found[name]["version"] for name in pointed(
        lmm["softwareRequirements"])}  # fmt: skip
    assert needs["pandas"].startswith("3.")
    assert "agent" not in run  # nobody is invented


def test_of_protected_records_no_input_is_named_and_no_time_but_the_day(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    swap("study.yaml", "records: synthetic", "records: real")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    crate = described(folder)
    assert faults(crate, folder / "outputs") == []
    text = json.dumps(crate)
    for hidden in ("data/raw", "courses.csv", *input_hashes(read_study(folder)).values()):
        assert hidden not in text
    hidden_inputs = by_id(crate)["#hidden-inputs%20that%20are%20not%20named"]
    assert hidden_inputs["value"] == str(len(input_hashes(read_study(folder))))
    assert "T" not in the_run(crate)["endTime"]
    assert not {"startTime", "resourceUsage"} & the_run(crate).keys()
    assert " on " not in by_id(crate)["#lmm"]["runtimePlatform"]
    assert described(folder) == crate  # so that two releases that are alike are the same bytes


def test_a_licence_of_the_code_is_none_of_protected_results(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    (folder / "LICENSE").write_text("MIT License\n", "utf-8")
    assert by_id(described(folder))["#licence"]["description"] == "MIT License\n"
    swap("study.yaml", "records: synthetic", "records: real")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    said = by_id(described(folder))["#licence"]["description"]
    assert said == "No licence is declared: ask who made these results."


@pytest.mark.parametrize(
    ("head", "differs", "said"),
    [
        ("abc", "", "abc"),
        ("abc", None, "abc with changes that are not committed"),
        (None, "", ""),
    ],
)
def test_a_commit_that_is_not_all_of_the_code_says_so(
    head: str | None,
    differs: str | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr("lmm.publish.provenance.LIBRARY", tmp_path / "lmm")
    answers = {"rev-parse": head, "diff": differs}
    monkeypatch.setattr("lmm.publish.git.asked", lambda _, *words: answers[words[0]])
    assert commit_of_library() == said


def test_an_internal_run_keeps_its_crate_inside(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    swap("study.yaml", "records: synthetic", "records: real")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    crate = described(folder, "internal")
    assert "internal: not for release" in by_id(crate)["./"]["description"]
    assert not (folder / "outputs").exists()


def test_no_network_is_asked(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a crate asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert described(place)["@graph"]
