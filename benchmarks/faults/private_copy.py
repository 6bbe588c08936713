"""A copy of the project to be spoilt: a clone, and an environment that imports the clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.fault import Changes

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(os.environ.get("VENV", ROOT / ".venv"))


class PrivateCopy:
    """A clone of what is committed, beside an environment of its own.

    The libraries are linked from the checkout's environment, and not written. What says where
    `lmm` and Python are is written anew, so that no process can import the checkout.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ".venv/bin/python"
        self._clock = 0

    @classmethod
    def made(cls, folder: Path) -> PrivateCopy:
        """Clone the checkout into a folder, or bring a clone that is there up to date."""
        copy = cls(folder)
        if not (folder / ".git").exists():
            _quiet("git", "clone", "--quiet", "--shared", str(ROOT), str(folder))
            _own_environment(folder / ".venv")
        commit = _quiet("git", "-C", str(ROOT), "rev-parse", "HEAD").strip()
        _quiet("git", "-C", str(folder), "fetch", "--quiet", str(ROOT), commit)
        _quiet("git", "-C", str(folder), "checkout", "--quiet", "--force", "--detach", commit)
        copy.restore()
        return copy

    @property
    def commit(self) -> str:
        """The commit that is spoilt."""
        return _quiet("git", "-C", str(self.folder), "rev-parse", "--short", "HEAD").strip()

    def restore(self) -> None:
        """Make the copy again what was committed, whatever a check has left in it."""
        changed = _quiet("git", "-C", str(self.folder), "diff", "--name-only").splitlines()
        _quiet("git", "-C", str(self.folder), "checkout", "--quiet", "--force", "--", ".")
        _quiet("git", "-C", str(self.folder), "clean", "-fdq")
        for path in changed:
            self._age(self.folder / path)

    @contextmanager
    def spoilt(self, changes: Changes) -> Iterator[None]:
        """Have files changed, or removed, for a while; those of the environment, too."""
        places = {self.folder / path: content for path, content in changes.items()}
        before = {place: place.read_bytes() if place.exists() else None for place in places}
        try:
            for place, content in places.items():
                self._write(place, content)
            yield
        finally:
            for place, content in before.items():
                self._write(place, content)
            self.restore()

    def _write(self, place: Path, content: bytes | None) -> None:
        place.unlink(missing_ok=True)  # a link of the environment, and not what it leads to
        if content is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            self._age(place)

    def _age(self, place: Path) -> None:
        """Give a file a time that it never had: Python knows compiled files by second and size."""
        self._clock = max(self._clock, int(place.stat().st_mtime)) + 1
        os.utime(place, (self._clock, self._clock))


def _own_environment(venv: Path) -> None:
    """Link the libraries of the checkout's environment, and write anew what names a place."""
    shutil.copytree(VENV, venv, symlinks=True, copy_function=os.link)
    named = [path for path in (venv / "bin").iterdir() if not path.is_symlink()]
    named += [venv / "pyvenv.cfg", *venv.glob("lib/python*/site-packages/*.pth")]
    old, new = str(VENV), str(venv)
    for path in named:
        content = path.read_bytes()
        moved = content.replace(old.encode(), new.encode())
        moved = moved.replace(str(ROOT).encode(), str(venv.parent).encode())
        if moved != content and b"\0" not in content:
            mode = path.stat().st_mode
            path.unlink()  # the link, and not what it leads to
            path.write_bytes(moved)
            path.chmod(mode)


def _quiet(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed: {done.stderr or done.stdout}")
    return done.stdout
