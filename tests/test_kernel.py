"""A kernel is this Python, and nothing of the machine or its reader reaches it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from ipykernel.kernelspec import KERNEL_NAME
from jupyter_client.kernelspec import NoSuchKernel

from lmm.publish import home as homes
from lmm.publish.home import environment, private_home
from lmm.publish.kernel import Kernel, OwnPython, kernel_config

STRANGE = {
    "PYTHONSTARTUP": "a.py", "PYTHONINSPECT": "1", "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "7", "PYTHONBREAKPOINT": "x.y",
    "MPLBACKEND": "agg", "MATPLOTLIBRC": "/x", "IPYTHONDIR": "/x", "JUPYTER_PATH": "/x",
    "JUPYTER_PREFER_ENV_PATH": "1", "JPY_PARENT_PID": "1", "XDG_RUNTIME_DIR": "/x",
}  # fmt: skip


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the home that all tests share."""
    monkeypatch.setattr(homes, "_entered", [])


def test_what_steers_python_jupyter_or_figures_does_not_reach_a_kernel(tmp_path: Path) -> None:
    found = environment({**STRANGE, "PATH": "/bin", "OPENBLAS_CORETYPE": "Haswell"}, tmp_path)
    assert {name: found[name] for name in found if found[name] == STRANGE.get(name)} == {}
    assert (found["PATH"], found["OPENBLAS_CORETYPE"]) == ("/bin", "Haswell")
    kept = {name for name in found if name.endswith(("_DIR", "_HOME", "DIR"))}
    assert len(kept) == 8
    assert all(Path(found[name]).parent == tmp_path for name in kept)


def test_a_kernel_finds_libraries_where_this_python_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"PYTHONPATH": os.pathsep.join(["near", "/far"]), "PYTHONNOUSERSITE": "1"}
    found = environment(given, tmp_path)
    assert found["PYTHONPATH"] == os.pathsep.join([str(tmp_path / "near"), "/far"])
    assert found["PYTHONNOUSERSITE"] == "1"
    assert found["PYTHONSAFEPATH"] == "1"


@pytest.mark.usefixtures("no_home")
def test_the_machine_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "mine.py")
    before = dict(os.environ)
    with private_home() as home:
        assert "PYTHONSTARTUP" not in os.environ
        (fonts,) = (home / "matplotlib").iterdir()
        assert json.loads(fonts.read_text("utf-8"))["ttflist"]
        with private_home() as within:
            assert within == home
        assert home.exists()
    assert dict(os.environ) == before
    assert not home.exists()


@pytest.mark.usefixtures("no_home")
def test_sockets_are_in_a_place_whose_name_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / ("long" * 30)
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with private_home() as home:
        assert len(os.fsencode(home)) < 30
        sockets = kernel_config(home)["Kernel"]
        assert sockets["transport"] == "ipc"
        assert len(os.fsencode(f"{sockets['ip']}-5")) < 100
    monkeypatch.setattr("os.access", lambda *_: False)  # no other place can be written in
    with private_home() as home:
        assert home.parent == place
        assert "Kernel" not in kernel_config(home)  # so it is TCP, on this machine alone
    assert Kernel().transport == "tcp"
    assert Kernel().ip == "127.0.0.1"


def test_a_kernel_of_the_same_name_elsewhere_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / KERNEL_NAME
    folder.mkdir(parents=True)
    strange = {"argv": ["stranger"], "display_name": "x", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(strange), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec = Kernel(kernel_name=KERNEL_NAME).kernel_spec
    assert spec is not None
    assert spec.argv[0] == sys.executable
    assert list(OwnPython().get_all_specs()) == [KERNEL_NAME]
    with pytest.raises(NoSuchKernel):
        OwnPython().get_kernel_spec("r")
