"""The files around the code: generated ones in step, commands that exist, nothing foreign."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pathspec import GitIgnoreSpec

from lmm import __version__

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
README = (ROOT / "README.md").read_text("utf-8")


def tracked(root: Path = ROOT) -> list[Path]:
    """Every file that git does not ignore; an archive without a repository has them, too."""
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    ignored = GitIgnoreSpec.from_lines([".git", *lines])
    found = []
    for place, folders, names in os.walk(root):
        home = Path(place).relative_to(root)
        folders[:] = [name for name in folders if not ignored.match_file(f"{home / name}/")]
        found += [root / home / name for name in names if not ignored.match_file(home / name)]
    return found


def test_the_files_that_are_looked_through_are_those_of_the_project() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {
        "lmm/study/study.py",
        ".ci/run",
        "docs/flow.svg",
        "outputs/tables/published_figures.csv",
    } <= found
    assert not [name for name in found if name.startswith((".venv", ".git/", "outputs/site"))]


def test_the_version_is_the_last_of_the_changelog_and_the_one_that_is_cited() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    first = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert first and __version__ == citation["version"] == first[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the unpacked wheel of the project."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (built,) = place.glob("*.whl")
    shutil.unpack_archive(built, place / "unpacked", "zip")
    return place / "unpacked"


def test_the_wheel_holds_the_notebooks_and_finds_them(wheel: Path, tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in (wheel / "lmm/notebooks").glob("*.ipynb")}
    assert made == {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    code = "from lmm.study.folder import shipped_notebooks; print(*shipped_notebooks(), sep='\\n')"
    found = installed(wheel, "-c", code, cwd=tmp_path).stdout.splitlines()
    assert found == [str(wheel / "lmm/notebooks" / name) for name in sorted(made)]


def test_the_wheel_has_the_version_of_the_library(wheel: Path) -> None:
    (found,) = wheel.glob("*.dist-info")
    assert found.name == f"lmm-{__version__}.dist-info"


def test_the_wheel_holds_the_templates(wheel: Path) -> None:
    here = sorted(path.relative_to(ROOT) for path in (ROOT / "lmm").rglob("templates/**/*.*"))
    assert Path("lmm/showing/templates/table.html.j2") in here
    assert [name for name in here if not (wheel / name).is_file()] == []


def installed(wheel: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run this Python with the wheel's library instead of the checkout's."""
    variables = {**os.environ, "PYTHONPATH": str(wheel)}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=variables, capture_output=True, text=True, check=True
    )


@pytest.mark.slow
def test_an_installed_copy_sets_up_every_exercise_and_checks_it(
    wheel: Path, tmp_path: Path
) -> None:
    for number in "12345":
        installed(wheel, "-m", "lmm", "exercise", number, cwd=tmp_path)
    folders = sorted(path.name for path in (tmp_path / "exercises").iterdir())
    assert folders == ["1-interval", "2-denominator", "3-cutoff", "4-cleaning", "5-measure"]
    answer = tmp_path / "exercises/3-cutoff/answer.py"
    answer.write_text("import lmm\ndef rate(**_): raise OSError(lmm.__file__)\n", "utf-8")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        installed(wheel, "-m", "lmm", "exercise", "3", "--check", cwd=tmp_path)
    said = " ".join(failed.value.stdout.split())
    assert f"answer.py: line 2: OSError: {wheel}" in said


@pytest.mark.slow
def test_an_installed_copy_runs_a_study(wheel: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(ROOT / "data/raw", study / "data/raw")
    shutil.copy(ROOT / "study.yaml", study)
    installed(wheel, "-m", "lmm", "run", "--study", str(study), cwd=tmp_path)
    made = study / "outputs" / "tables"
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        path.name: path.read_bytes() for path in (ROOT / "outputs/tables").iterdir()
    }


def test_the_conda_environment_is_in_step_with_pyproject() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    recipe = re.search(r"pyproject2conda (yaml .*) --overwrite force --output", makefile)
    assert recipe
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', recipe[1])]
    made = subprocess.run(
        [BIN / "pyproject2conda", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "environment.yml").read_text("utf-8").strip() == made.strip()
    assert yaml.safe_load(made)["name"] == "lmm"


def test_the_lock_pins_everything_by_hash_and_names_no_index() -> None:
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 100
    for entry in entries:
        if not entry.startswith("#"):
            assert re.match(r"[\w.-]+==[\w.]+", entry), entry
            assert "--hash=sha256:" in entry, entry
    assert "://" not in lock
    assert not re.search(r"^--(extra-)?index|^-i ", lock, flags=re.MULTILINE)


def test_every_supported_python_gets_the_same_numerical_stack() -> None:
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    for name in ("numpy", "pandas", "scipy", "matplotlib", "statsmodels", "seaborn", "contourpy"):
        pins = re.findall(rf"^{name}==(\S+)( ;.*)?", lock, flags=re.MULTILINE)
        assert len(pins) == 1, name
        assert "python" not in pins[0][1], name


def test_no_file_names_the_host_of_a_package_index() -> None:
    hosts = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.org"]))
    found = [
        path
        for path in tracked()
        if path.suffix not in {".png"} and hosts.search(path.read_text("utf-8", errors="ignore"))
    ]
    assert found == []


def test_no_bitmap_is_committed() -> None:
    assert [path for path in tracked() if path.suffix in {".png", ".jpg"}] == []


def test_the_citation_file_is_valid() -> None:
    subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.citation-file-format",
         ROOT / "CITATION.cff"],
        check=True,
        capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):]+)\)", README))))
def test_links_of_the_readme_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_tree_of_the_readme_is_there() -> None:
    tree = re.search(r"## What is where\n\n```\n(.*?)```", README, flags=re.DOTALL)
    assert tree
    for line in tree[1].splitlines():
        assert (ROOT / line.split()[0]).exists(), line


def test_the_contract_page_is_in_step_with_the_code() -> None:
    made = subprocess.run(
        [BIN / "lmm", "contract"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs" / "data-contract.md").read_text("utf-8") == made


def test_what_make_clean_removes_is_what_git_ignores() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^clean:.*\n\trm -rf \$\(VENV\) (.*)$", makefile, flags=re.MULTILINE)
    assert recipe
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    below = {line.rstrip("/") for line in ignored if line.startswith("outputs/")}
    assert set(recipe[1].split()) == below
