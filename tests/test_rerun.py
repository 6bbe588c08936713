"""A release is made again from its counts, byte for byte, by somebody who has nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from real_service import content, do_run, service

from lmm.publish import unpack as unpacking
from lmm.publish.before import strange_notebooks
from lmm.publish.counts import load_counts
from lmm.publish.crate import CRATE
from lmm.publish.execute import INJECTED
from lmm.publish.notebooks import RunFailedError
from lmm.publish.record import OF_ONE_RUN
from lmm.publish.rerun import Again, opened, rerun
from lmm.publish.run import run
from lmm.publish.unpack import unpack
from lmm.review.verify.folders import compare
from lmm.review.verify.item import Item, added, differing
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
COUNTS = "counts/released_counts.csv"
OF_NO_RESULT = (*OF_ONE_RUN, "site/verify.html")
"""Files that say what happened to results."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what a service has released, and nothing else of it."""
    place = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lmm.study.folder.shipped_notebooks", tuple)
        do_run(service(place / "study"))
    return (place / "study/outputs").rename(place / "release")


@pytest.fixture
def copy(released: Path, tmp_path: Path) -> Path:
    """Give a copy to be spoilt."""
    return Path(shutil.copytree(released, tmp_path / "copy"))


def again(release: Path, to: Path, **settings: str) -> Again:
    with opened(release, to) as held:
        return rerun(held, settings, lambda *_: None)


def results(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out what tells of one run."""
    return {name: held for name, held in files.items() if name not in OF_ONE_RUN}


def found(release: Path, to: Path) -> tuple[int, list[str], list[str]]:
    """Make a release again; count its files that are the same, name others, and others made."""
    assert again(release, to).as_released
    items = compare(to, release)

    def named(several: list[Item]) -> list[str]:
        return [each.name for each in several]

    return sum(each.is_exact for each in items), named(differing(items)), named(added(items))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(release: Path) -> str:
    """Give what is said of a release that is not made again, and see that nothing is left."""
    to = release.parent / "again" / "outputs"
    with pytest.raises(StudyError) as caught:
        again(release, to)
    assert not to.parent.exists()
    return str(caught.value)


def test_everything_comes_out_byte_for_byte_but_the_record(released: Path, tmp_path: Path) -> None:
    outcome = found(released, tmp_path / "new/outputs")
    theirs, mine = content(released), content(tmp_path / "new/outputs")
    assert theirs.pop("site/verify.html") == mine.pop("site/verify.html")
    was, now = (json.loads(files.pop("run.json")) for files in (theirs, mine))
    told, of_it = (json.loads(files.pop(CRATE)) for files in (theirs, mine))
    assert {each["name"] for each in of_it["@graph"] if each["@id"].startswith("ni:")} == set(
        now["release_sha256"]
    )
    assert not [each for each in told["@graph"] if each["@id"].startswith("ni:")]
    assert mine == theirs
    assert outcome == (len(theirs), [], [])
    assert now["release_made_with"] == {name: was[name] for name in ("lmm", "python", "packages")}
    assert set(now["release_sha256"]) == {name for name in mine if "counts/" in name} | {
        "study.yaml"
    }
    assert names(tmp_path / "new") == ["outputs"]  # nothing is left of what it took
    for name in ("notebooks/.ipynb_checkpoints/1-own-checkpoint.ipynb", ".git/HEAD", ".DS_Store"):
        path = tmp_path / "new/outputs" / name  # what programs keep for themselves
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert found(tmp_path / "new/outputs", tmp_path / "third") == (len(theirs), [], [])


def test_another_level_of_confidence_needs_no_records(released: Path, tmp_path: Path) -> None:
    outcome = again(released, tmp_path / "outputs", confidence="0.9")
    assert not outcome.as_released
    assert outcome.succeeded
    of = json.loads((tmp_path / "outputs/counts/parameters.json").read_text("utf-8"))
    assert of["confidence"] == 0.9
    counts = content(tmp_path / "outputs")[COUNTS]
    assert counts == content(released)[COUNTS]


@pytest.mark.parametrize("name", ["period_start", "period_end", "event_date"])
def test_another_period_needs_the_records(released: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(StudyError, match=f"released for {name}=.*the records are needed"):
        again(released, tmp_path / "outputs", **{name: "2020-05-01"})
    assert not (tmp_path / "outputs").exists()


def test_nothing_of_the_services_own_files_is_handed_on(released: Path) -> None:
    text = (released / "study.yaml").read_text("utf-8")
    for own in ("register.csv", "Person", "How", "Ann Other", "%d/%m/%Y", "total"):
        assert own not in text
    for needed in ("midwife", "in person", "opensafely", "family_contacts"):
        assert needed in text


def test_a_notebook_in_a_release_is_run_by_hand(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(released / "notebooks")
    counts = load_counts("2020-01-01", "2020-12-31", "2020-06-01", 0.9)
    assert counts.n("courses") == 2
    assert counts.n("attendances") is None


def test_a_release_is_no_study(copy: Path) -> None:
    study = read_study(copy)
    with pytest.raises(StudyError, match="holds no records; name the study's folder"):
        run(study, Parameters.of(study), lambda *_: None)


def test_what_is_there_is_not_written_over(released: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="is there already"):
        again(released, released)
    with pytest.raises(StudyError, match="lies within the release"):
        again(released, released / "again")
    assert names(released) == [
        "counts", "figures", "ledger.csv", "notebooks", "reports", "ro-crate-metadata.json",
        "run.json", "site", "study.yaml", "summary.docx", "summary.pdf", "tables", "tables.xlsx",
    ]  # fmt: skip


def swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(release: Path) -> None:
        text = (release / name).read_text("utf-8")
        assert old in text
        (release / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def remove(name: str) -> Callable[[Path], None]:
    return lambda release: (release / name).unlink()


def write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda release: (release / name).write_bytes(content) and None


def cut_off(release: Path) -> None:
    lines = (release / COUNTS).read_text("utf-8").splitlines(keepends=True)
    (release / COUNTS).write_text("".join(lines[:-2]), encoding="utf-8")


SPOILT = [
    (remove(COUNTS), "counts/released_counts.csv: is missing; take"),
    (remove("counts/targets.csv"), "counts/targets.csv: is missing; take"),
    (remove("study.yaml"), "study.yaml: is missing; take the file from the release"),
    (swap(COUNTS, "measure,by,", "measure,per,"),
     "released_counts.csv: line 1: has the headings measure, per, level"),
    (swap(COUNTS, "courses,", "curses,"),
     "released_counts.csv: line 2: column 'measure': 'curses' is no measure that is counted"),
    (swap(COUNTS, ",2,real", ",two,real"),
     "released_counts.csv: line 2: column 'n': 'two' is no count"),
    (swap(COUNTS, ",2,real", ",-2,real"), "column 'n': '-2' is no count"),
    (swap(COUNTS, ",2,real", ",2.5,real"), "column 'n': '2.5' is no count"),
    (swap(COUNTS, ",2,real", ",2,synthetic"),
     "column 'records': 'synthetic' records, but study.yaml declares real ones"),
    (swap(COUNTS, "month,2020-01-01", "month,2019-01-01"),
     "released_counts.csv: line 3: column 'level': '2019-01-01' is no level of month"),
    (swap(COUNTS, "month,2020-01-01", "role,nurse"), "'by': courses is not counted by role"),
    (swap(COUNTS, "month,2020-02-01", "month,2020-01-01"),
     "line 4: column 'measure': the same count stands in line 3"),
    (swap(COUNTS, "contacts,kind,visit,outcome,missed,,,,,real\n",
          "contacts,outcome,attended,kind,visit,,,,,real\n"),
     "line 175: column 'measure': the same count stands in line 174"),
    (swap(COUNTS, "courses,,,,,,,,2", "courses,,,,,,,yes,2"),
     "released_counts.csv: line 2: column 'inside': 'yes' stands for nothing here"),
    (swap(COUNTS, "courses,,,", "courses,,2020-01-01,"),
     "line 2: column 'level': '2020-01-01' stands for nothing here"),
    (swap(COUNTS, "courses,month,2020-01-01,,,,,,", "courses,inside,yes,,,,,yes,"),
     "line 3: column 'by': courses is not counted by inside"),
    (cut_off, "released_counts.csv: has no row for feedback_forms, overall: good; take"),
    (swap(COUNTS, "courses,month,2020-04-01,,,,,,0,real\n", ""),
     "released_counts.csv: has no row for courses, month: 2020-04-01; take"),
    (swap(COUNTS, "satisfaction,topic,sleep,,,,,yes,0,real\n", ""),
     "released_counts.csv: has no row for satisfaction, inside: yes, topic: sleep; take"),
    (swap(COUNTS, "day,2020-02-05", "day,soon"), "column 'level': 'soon' is no level of day"),
    (swap(COUNTS, "courses,month", "courses\ncourses,month"),
     "released_counts.csv: line 3: column 'records': '' records, but study.yaml"),
    (swap(COUNTS, "courses,month", "courses,,month"), "released_counts.csv: cannot be read"),
    (write("counts/targets.csv", b"a,b\n1,2,3\n"), "targets.csv: has rows that are longer"),
    (write(COUNTS, b""), "released_counts.csv: cannot be read as a table; take"),
    (write(COUNTS, b"\xff\xfe"), "released_counts.csv: cannot be read as a table; take"),
    (write("counts/parameters.json", b"{"), "parameters.json: is missing, or cannot be read"),
    (write("counts/parameters.json", b"{}"), "parameters.json: should say records, confidence"),
    (swap("counts/parameters.json", "0.95", "95"),
     "parameters.json: parameter confidence: Input should be less than or equal to 0.9999"),
    (swap("study.yaml", "service: Small", "service: [Small]"), "study.yaml: line"),
    (write("notebooks/1-own.ipynb", b"no"), "1-own.ipynb: is no notebook"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), SPOILT)
def test_what_is_spoilt_is_named_with_its_place(
    copy: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(copy)
    assert message in refused(copy)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [("target", "many", "targets.csv: line 2: column 'target': 'many' is no number"),
     ("agreed_on", "soon", "targets.csv: line 2: column 'agreed_on': 'soon' is no date"),
     ("indicator", "cats", "targets.csv: line 2: indicator: isin(")],
)  # fmt: skip
def test_a_target_that_is_none_is_named(copy: Path, column: str, cell: str, message: str) -> None:
    row = {"criterion": "recruitment", "indicator": "families", "contract_year": "2019/20",
           "target": "7", "red_below": "0.6", "green_from": "1", "direction": "at least",
           "agreed_on": "2020-01-01", "agreed_by": "all", "basis": "published",
           "records": "real"} | {column: cell}  # fmt: skip
    pd.DataFrame([row]).to_csv(copy / "counts/targets.csv", index=False)
    assert message in refused(copy)


def test_many_problems_are_counted(copy: Path) -> None:
    text = (copy / COUNTS).read_text("utf-8")
    (copy / COUNTS).write_text(text.replace(",0,real", ",x,real"), encoding="utf-8")
    lines = refused(copy).splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("released_counts.csv: and ")


@pytest.mark.slow
def test_a_count_that_was_changed_shows_in_what_differs(copy: Path, tmp_path: Path) -> None:
    swap(COUNTS, "courses,month,2020-02-01,,,,,,1", "courses,month,2020-02-01,,,,,,9")(copy)
    _, other, _ = found(copy, tmp_path / "outputs")
    assert other == [
        "figures/months.svg", "notebooks/1-own.ipynb", "reports/1-own.pdf", "site/1-own.html",
        "site/search.js", "tables.xlsx", "tables/months.csv",
    ]  # fmt: skip


def test_each_file_that_is_not_as_released_is_named(copy: Path, tmp_path: Path) -> None:
    swap("tables/months.csv", "courses,2020-02-01,1,", "courses,2020-02-01,2,")(copy)
    write("tables/extra.csv", b"n\n4\n")(copy)
    remove("site/1-own.html")(copy)
    files = len(content(copy))
    same, other, more = found(copy, tmp_path / "outputs")
    assert other == ["tables/extra.csv", "tables/months.csv"]
    assert more == ["site/1-own.html"]
    assert same == files - len((*OF_NO_RESULT, *other))


@pytest.mark.slow
def test_pdfs_are_asked_for_where_they_can_be_made(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.publish.handouts.pdf.find_spec", lambda _: None)
    assert found(copy, tmp_path / "outputs")[1:] == ([], [])
    assert not list((tmp_path / "outputs").rglob("*.pdf"))
    assert (tmp_path / "outputs/summary.docx").is_file()
    monkeypatch.undo()
    _, other, more = found(tmp_path / "outputs", tmp_path / "with")
    assert (other, more) == ([], ["reports/1-own.pdf", "summary.pdf"])


@pytest.mark.slow
def test_a_release_of_other_parameters_is_made_again_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    do_run(service(tmp_path / "study"), period_end="2020-11-30", confidence="0.9")
    theirs = content(tmp_path / "study/outputs")
    outcome = found(tmp_path / "study/outputs", tmp_path / "again")
    assert outcome == (len(theirs) - len(OF_NO_RESULT), [], [])
    assert results(content(tmp_path / "again")) == results(theirs)


@pytest.mark.parametrize("name", ["counts/targets.csv", "notebooks/1-own.ipynb", "run.json"])
def test_nothing_is_taken_from_outside_of_a_release(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    outside = (copy / name).rename(tmp_path / "outside")
    (copy / name).symlink_to(outside)
    assert f"{Path(name).name}: is a link that leads out of" in refused(copy)
    (copy / name).unlink()
    outside.rename(copy / name)
    monkeypatch.setattr("lmm.cleaning.limits.LARGEST", (copy / name).stat().st_size - 1)
    assert "MB that a file may have" in refused(copy)


def test_notebooks_that_came_with_this_copy_are_known_in_a_release(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = released.parent / "study/notebooks/1-own.ipynb"
    with opened(released, tmp_path / "outputs") as release:
        assert release.was_told
        assert [path.name for path in strange_notebooks(release.study)] == ["1-own.ipynb"]
        monkeypatch.setattr("lmm.publish.before.shipped_notebooks", lambda: (own,))
        assert strange_notebooks(release.study) == []


def test_exact_results_are_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "internal/counts").mkdir(parents=True)
    (tmp_path / "internal/counts/exact_counts.csv").touch()
    assert "these are exact results, for the service alone" in refused(tmp_path / "internal")


def test_a_study_or_another_folder_is_no_release(released: Path, tmp_path: Path) -> None:
    shutil.copytree(released, tmp_path / "study/outputs")
    assert "is a study; name its release" in refused(tmp_path / "study")
    (tmp_path / "empty").mkdir()
    assert "is no release, which is the folder outputs/ of a run" in refused(tmp_path / "empty")
    assert "there is no such folder or archive" in refused(tmp_path / "nowhere")


def test_a_notebook_that_fails_leaves_nothing(copy: Path, tmp_path: Path) -> None:
    path = copy / "notebooks/1-own.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = "1 / 0"
    nbformat.write(notebook, path)
    with pytest.raises(RunFailedError, match="ZeroDivisionError") as failure:
        again(copy, tmp_path / "new/outputs")
    assert failure.value.kept is None
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_notebooks_that_kept_to_their_own_parameters_do_so_again(
    copy: Path, tmp_path: Path
) -> None:
    def told(path: Path) -> int:
        cells = nbformat.read(path, as_version=4).cells
        return sum(INJECTED in cell.metadata.get("tags", []) for cell in cells)

    own = "notebooks/1-own.ipynb"
    notebook = nbformat.read(copy / own, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != INJECTED]
    nbformat.write(notebook, copy / own)
    again(copy, tmp_path / "own")
    assert told(tmp_path / "own" / own) == 0
    again(copy, tmp_path / "other", confidence="0.9")
    assert told(tmp_path / "other" / own) == 1


def test_notebooks_of_a_release_are_trusted_first(released: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lmm", "run", "--from-release", str(released)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "1-own.ipynb: the study's own, and run as code" in answer.stderr
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [("--internal", "--from-release", "x"), ("--to", "y"),
     ("--study", ".", "--from-release", "x")],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lmm", "run", *words]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "Error: " in answer.stderr


# --- archives ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["zip", "tar", "gztar"])
@pytest.mark.parametrize("within", ["", "release"])
def test_an_archive_of_a_release_is_opened(
    released: Path, tmp_path: Path, form: str, within: str
) -> None:
    base = released.parent if within else released
    packed = shutil.make_archive(str(tmp_path / "a"), form, base, within or ".")
    with opened(Path(packed), tmp_path / "outputs") as release:
        assert content(release.held) == content(released)
        assert release.study.service == "Small"
    assert names(tmp_path) == [Path(packed).name]


def zipped(path: Path, *names: str, mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, b"x")
    return path


def taped(path: Path, name: str, **given: Any) -> Path:
    info = tarfile.TarInfo(name)
    for key, value in given.items():
        setattr(info, key, value)
    path.write_bytes(info.tobuf() + b"x" * 512)
    return path


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "..\\x", "C:x"])
def test_what_leads_out_of_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    for packed in (zipped(tmp_path / "a.zip", name), taped(tmp_path / "a.tar", name)):
        with pytest.raises(StudyError, match="which leads out of its folder"):
            unpack(packed, tmp_path / packed.suffix / "place")
    assert names(tmp_path) == [".tar", ".zip", "a.tar", "a.zip"]


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    links = [
        zipped(tmp_path / "a.zip", "x", mode=0o120777),
        taped(tmp_path / "a.tar", "x", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        taped(tmp_path / "b.tar", "x", type=tarfile.LNKTYPE, linkname="y"),
        taped(tmp_path / "c.tar", "x", type=tarfile.FIFOTYPE),
    ]
    for packed in links:
        with pytest.raises(StudyError, match="is no file but a link or the like"):
            unpack(packed, tmp_path / f"{packed.name}.d")


def test_absurd_sizes_are_refused_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudyError, match="more than 5000 files and folders, or 200 MB"):
        unpack(taped(tmp_path / "a.tar", "x", size=10**12), tmp_path / "a")
    assert list((tmp_path / "a").iterdir()) == []
    asks = taped(tmp_path / "b.tar", "x", type=tarfile.XHDTYPE, size=10**12)
    (tmp_path / "b.tgz").write_bytes(gzip.compress(asks.read_bytes()))
    with pytest.raises(StudyError, match="cannot be unpacked"):
        unpack(tmp_path / "b.tgz", tmp_path / "b")
    monkeypatch.setattr(unpacking, "MOST", 2)
    for number, entries in enumerate((("a", "b", "c"), ("a/", "b/", "c/"))):
        with pytest.raises(StudyError, match="more than 2 files"):
            unpack(zipped(tmp_path / f"c{number}.zip", *entries), tmp_path / f"c{number}")
    folders = [tarfile.TarInfo(name) for name in "abc"]
    for folder in folders:
        folder.type = tarfile.DIRTYPE
    (tmp_path / "d.tar").write_bytes(b"".join(folder.tobuf() for folder in folders))
    with pytest.raises(StudyError, match="more than 2 files"):
        unpack(tmp_path / "d.tar", tmp_path / "d")


def test_the_sizes_of_files_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST", 1)
    unpack(zipped(tmp_path / "a.zip", "a"), tmp_path / "a")
    with pytest.raises(StudyError, match="holds more than"):
        unpack(zipped(tmp_path / "b.zip", "a", "b"), tmp_path / "b")
    assert names(tmp_path / "b") == ["a"]


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_archives_are_packed_in_the_usual_way(tmp_path: Path, way: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", way) as archive:
        archive.writestr("x", b"x" * 100)
    with pytest.raises(StudyError, match=r"'x', packed in a way that is not read; pack the folder"):
        unpack(tmp_path / "a.zip", tmp_path / "a")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_are_none_or_odd_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="holds 'x' twice"):
        unpack(zipped(tmp_path / "a.zip", "x", "x"), tmp_path / "a")
    for number, broken in enumerate((b"", b"text", b"PK\x03\x04", b"\x1f\x8b\x08")):
        (tmp_path / f"{number}.zip").write_bytes(broken)
        with pytest.raises(StudyError, match=r"\.zip: cannot be unpacked.*; pack the folder"):
            unpack(tmp_path / f"{number}.zip", tmp_path / f"{number}")
    packed = zipped(tmp_path / "cut.zip", "x")
    packed.write_bytes(packed.read_bytes().replace(b"x", b"y", 2))
    with pytest.raises(StudyError, match="cannot be unpacked"):
        unpack(packed, tmp_path / "cut")


# --- the examples, as services would release them ------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["peer-support", "parenting-course", "drop-ins"])
def test_an_example_declared_real_is_made_again_elsewhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "service" / name
    shutil.copytree(ROOT / "examples" / name, folder)
    text = (folder / "study.yaml").read_text("utf-8")
    (folder / "study.yaml").write_text(text.replace("records: synthetic", "records: real"), "utf-8")
    monkeypatch.setattr("lmm.publish.run.check_records_kind", lambda _: None)  # they are known
    do_run(folder)
    theirs = content(folder / "outputs")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    packed = shutil.make_archive(str(elsewhere / "release"), "zip", folder / "outputs")
    shutil.rmtree(tmp_path / "service")

    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": str(elsewhere)}
    command = [sys.executable, "-m", "lmm", "run", "--from-release", packed, "--to", "again"]
    answer = subprocess.run(
        command, cwd=elsewhere, env=bare, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    mine = content(elsewhere / "again")
    assert results(mine) == results(theirs)
    assert (
        f"{len(theirs) - len(OF_NO_RESULT)} files made again, byte for byte as in the release"
        in answer.stdout
    )
    assert names(elsewhere) == ["again", "release.zip"]
