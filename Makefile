# Two commands matter: `make run` rebuilds every output, `make test` checks that they are right.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
REACHED := $(CURDIR)/.coverage_cache
PEERS := .venv-peers

.PHONY: run test test-all test-slow test-exhaustive test-pythons test-machines test-cluster attack faults bench lab refresh evidence docs lint lock \
	audit coverage archive clean help

# With make -j, too: runs write into one place, and tests look at it.
.NOTPARALLEL:

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 24

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11, 3.12 or 3.13 is needed and $(PYTHON) is {v[0]}.{v[1]}: name another with make PYTHON=python3.12 run")'
	$(PYTHON) -m venv --clear $(VENV)
	grep -A 100 '^uv==' requirements.txt | awk 'NR > 1 && /^[^ ]/ {exit} {print}' > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## raw records -> cleaned tables -> notebooks -> tables, figures, pages
	$(BIN)/lmm run

test: $(READY)  ## the tests, and nbval on the committed notebooks
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: test test-slow test-pythons test-machines  ## make test, the slow tests, the other supported Pythons and other processors

test-slow: $(READY)  ## edge studies, the examples and the guide end to end, ten thousand attacks
	$(BIN)/python -m pytest -n 2 -m "slow and not exhaustive"

test-exhaustive: $(READY)  ## every set of tables that a service may keep, under every profile in turn
	$(BIN)/python -m pytest -n 2 --dist load -m exhaustive

test-pythons: $(READY)  ## the outputs, and what reads and writes files, on the other Pythons
	PYTHONS="$(PYTHONS)" tests/on_each_python.sh

test-machines: $(READY)  ## every result again under other processors' arithmetic, byte for byte
	$(BIN)/python tests/machines

test-cluster: $(READY)  ## a sweep on a real Slurm of one node, from Debian's packages, as root
	LMM=$(abspath $(BIN))/lmm tests/cluster/slurm.sh

attack: $(READY)  ## random studies released, once and in turn, and attacked, an hour: tests/attack/*.csv
	PYTHONPATH=tests $(BIN)/python -W error -m attack

faults: $(READY)  ## faults planted in a private copy, and which checks catch them, hours: benchmarks/faults
	nice -n 10 $(BIN)/python -m benchmarks.faults

bench: $(READY) $(PEERS)/.ready  ## times beside those of peers, in pairs: benchmarks/ratios
	$(BIN)/python -m benchmarks.ratios

$(PEERS)/.ready: benchmarks/ratios/peers.txt $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PEERS)
	$(BIN)/uv pip sync --quiet --python $(PEERS)/bin/python --require-hashes $<
	@touch $@

lab: $(READY)  ## open copies of the notebooks in JupyterLab, in lab/
	$(BIN)/lmm lab

refresh: $(READY)  ## rewrite the committed notebooks and outputs after a change of code
	$(BIN)/lmm refresh
	$(BIN)/lmm contract > docs/data-contract.md
	$(BIN)/lmm evidence

evidence: $(READY)  ## what standards ask, item by item, and what was found: docs/evidence
	$(BIN)/lmm evidence

docs: $(READY)  ## the website: methods, exercises, the committed notebooks as pages
	$(BIN)/python -m sphinx -W --keep-going -q -d docs/_build/doctrees docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

lint: $(READY)  ## formatting, style, types, and the numbers typed into prose
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m lmm.review.numbers

lock: $(READY)  ## resolve pyproject.toml into requirements.txt, its checksum, and environment.yml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra pdf --extra cluster --extra dev --extra docs --output-file requirements.txt pyproject.toml
	$(BIN)/python -c 'import hashlib, pathlib; lock = pathlib.Path("requirements.txt"); print(hashlib.sha256(lock.read_bytes()).hexdigest(), "", lock)' > requirements.txt.sha256
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --output-file benchmarks/ratios/peers.txt benchmarks/ratios/peers.in
	$(BIN)/pyproject2conda yaml --pyproject pyproject.toml --name lmm --channel conda-forge \
		--python-include infer --extra pdf --pip-dep "-e ." --no-header --overwrite force --output environment.yml

audit: $(READY)  ## hold the packages against known weaknesses; 3 where nothing can be asked
	$(BIN)/python .ci/audit.py

coverage: $(READY)  ## which lines of the library the tests reach: docs/tested-lines.md
	rm -rf $(REACHED)
	mkdir $(REACHED)
	COVERAGE_FILE=$(REACHED)/data $(BIN)/python -m coverage run -m pytest -n 2 -m "not slow"
	COVERAGE_FILE=$(REACHED)/data $(BIN)/python -m coverage combine --quiet
	COVERAGE_FILE=$(REACHED)/data $(BIN)/python -m coverage json --quiet -o $(REACHED)/all.json
	$(BIN)/python .ci/coverage_page.py $(REACHED)/all.json docs
	$(BIN)/lmm evidence

archive: run  ## what a deposit needs, with checksums: dist/lmm-VERSION.tar.gz
	$(BIN)/python .ci/archive.py

clean:  ## remove the environment and everything that git ignores under outputs/
	rm -rf $(VENV) outputs/notebooks outputs/site outputs/figures/*.png outputs/run.json outputs/ledger.csv outputs/verify.json outputs/ro-crate-metadata.json outputs/reports outputs/summary.* outputs/tables.xlsx
