"""What others pick the compendium up by: commands, workflows, the archive, the audit."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from check_jsonschema import main as validate
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PHONY = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", MAKEFILE, re.M)
TARGETS = sorted(PHONY[1].replace("\\\n", " ").split()) if PHONY else []
HELP = dict(re.findall(r"^([a-z-]+):.*?## (.+)$", MAKEFILE, re.M))
READ_BY_PEOPLE = ["README.md", "CONTRIBUTING.md", ".ci/run",
                  *(path.relative_to(ROOT).as_posix() for folder in (".github", "docs")
                    for path in sorted((ROOT / folder).rglob("*"))
                    if path.suffix in {".md", ".yml"} and "_build" not in path.parts)]  # fmt: skip
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def script(name: str) -> ModuleType:
    """Import a script of .ci."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f".ci/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_of_make_is_listed_with_what_it_does() -> None:
    assert len(TARGETS) > 15
    assert sorted(HELP) == TARGETS
    command = ["make", "--no-print-directory", "help"]  # as it says where it is within `make test`
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in said.stdout.splitlines()] == list(HELP)


@pytest.mark.parametrize("name", READ_BY_PEOPLE)
def test_no_text_names_a_command_of_make_that_is_not_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    named = {
        word
        for words in re.findall(r"(?:`|^|run: )make ((?:[a-z-]+ ?)+)", text, re.M)
        for word in words.split()
    }
    named = {word for word in named if not word.startswith("-")}
    assert named <= {*TARGETS}, named - {*TARGETS}


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", [str(path) for path in WORKFLOWS]),
        ("github-issue-forms", [f".github/ISSUE_TEMPLATE/{name}.yml"
                                for name in ("fault", "method", "service")]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
        ("dependabot", [".github/dependabot.yml"]),
    ],
)  # fmt: skip
def test_what_a_host_reads_is_valid(schema: str, files: list[str]) -> None:
    paths = [str(ROOT / file) for file in files]
    done = CliRunner().invoke(validate, ["--builtin-schema", f"vendor.{schema}", *paths])
    assert done.exit_code == 0, done.output
    assert files


def jobs() -> list[dict[str, Any]]:
    found = [yaml.safe_load(path.read_text("utf-8")) for path in WORKFLOWS]
    return [{**job, "permissions": each["permissions"]}
            for each in found for job in each["jobs"].values()]  # fmt: skip


def test_workflows_may_only_read_and_end_by_themselves() -> None:
    assert len(jobs()) >= 5
    assert all(job["permissions"] == {"contents": "read"} for job in jobs())
    assert all(job["timeout-minutes"] for job in jobs())


def test_every_supported_python_is_tested_on_every_system() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lowest, highest = re.findall(r"3\.(\d+)", declared["requires-python"])
    supported = [f"3.{number}" for number in range(int(lowest), int(highest))]
    matrices = [job["strategy"]["matrix"] for job in jobs() if "strategy" in job]
    assert all(each["python"] == supported for each in matrices)
    systems = {system for each in matrices for system in each.get("system", ())}
    systems |= {job["runs-on"] for job in jobs()} - {"${{ matrix.system }}"}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}


def test_the_container_is_set_up_by_make() -> None:
    declared = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    assert declared["postCreateCommand"] == "make .venv/.ready"
    assert declared["image"].startswith("mcr.microsoft.com/devcontainers/python:3.13")


def test_owners_are_nobody_until_somebody_is_named() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text("utf-8").splitlines()
    assert all(line.startswith("#") for line in lines)


def test_an_archive_is_the_same_bytes_and_carries_its_checksums() -> None:
    pack = script("archive").pack
    files = {"b.txt": b"2", "a/run": b"1", "ä.txt": b""}
    packed = pack(files, {"a/run"}, "top")
    assert packed == pack(dict(reversed(files.items())), {"a/run"}, "top")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        entries = archive.getmembers()
        assert [each.name for each in entries] == [
            "top/SHA256SUMS", "top/a/run", "top/b.txt", "top/ä.txt",
        ]  # fmt: skip
        assert [each.mode for each in entries] == [0o644, 0o755, 0o644, 0o644]
        assert {(each.mtime, each.uid, each.uname) for each in entries} == {(0, 0, "")}
        sums = archive.extractfile("top/SHA256SUMS")
        assert sums
        assert f"{hashlib.sha256(b'1').hexdigest()}  a/run" in sums.read().decode()


@pytest.mark.parametrize(
    ("packages", "status"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0),
        ([{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}], 1),
        ([{"name": "a", "skip_reason": "not found"}], 3),
        ([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "x"}], 3),
        ([], 3),
    ],
)
def test_an_audit_of_what_nobody_knows_is_no_pass(
    packages: list[dict[str, Any]], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script("audit").tell(packages) == status
    assert ("this is no pass" in capsys.readouterr().out) == (status == 3)


def test_the_committed_page_of_tested_lines_is_that_of_its_numbers() -> None:
    module = script("coverage_page")
    numbers = json.loads((ROOT / "docs/tested-lines.json").read_text("utf-8"))
    assert len(numbers["files"]) > 100
    assert all(name.startswith("lmm/") for name in numbers["files"])
    assert module.kept(numbers) == {"files": numbers["files"]}
    page = module.page(numbers, numbers["lmm"])
    assert (ROOT / "docs/tested-lines.md").read_text("utf-8") == page


def test_the_page_on_tested_lines_never_rounds_up() -> None:
    module = script("coverage_page")
    summary = {"num_statements": 1000, "covered_lines": 999, "num_branches": 0,
               "covered_branches": 0}  # fmt: skip
    page = module.page({"files": {"lmm/study/a.py": {"summary": summary}}}, "1.0")
    assert "| `lmm/study` | 1000 | 99 % | 0 | none |" in page
    assert "| all of it | 1000 | 99 % | 0 | none |" in page
    assert "| `lmm/study/a.py` | 1000 | 99 % |" in page


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an archive is made in a checkout")
def test_an_archive_runs_without_git_and_without_the_checkout(tmp_path: Path) -> None:
    archive = script("archive")
    names = archive.git("ls-files", "-z").split("\0")
    files = {name: (ROOT / name).read_bytes() for name in filter(None, names)}
    packed = archive.pack(files, {"tests/on_each_python.sh", ".ci/run"}, "lmm")
    with tarfile.open(fileobj=io.BytesIO(packed)) as opened:
        opened.extractall(tmp_path, filter="data")
    home = tmp_path / "lmm"
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=home, check=True)
    before = {path.name: path.read_bytes() for path in (home / "outputs/tables").iterdir()}
    shutil.rmtree(home / "outputs")
    variables = {**os.environ, "PYTHONPATH": str(home), "GIT_DIR": str(tmp_path / "none")}
    for words in (
        ["-c", "import lmm; assert lmm.__file__.startswith(r'%s'), lmm.__file__" % home],  # noqa: UP031
        ["-m", "lmm", "run"],
        ["-m", "pytest", "-n", "0", "-m", "not slow", "tests/test_project.py",
         "tests/test_architecture.py", "tests/test_evidence.py"],
    ):  # fmt: skip
        done = subprocess.run([sys.executable, *words], cwd=home, env=variables, text=True,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    after = {path.name: path.read_bytes() for path in (home / "outputs/tables").iterdir()}
    assert after == before
