# Two commands: `make report` and `make test`. Each does all set-up: Python 3.11 or newer, make and an index for Python packages are enough.
SHELL := /bin/sh
PYTHON ?= python3
QUARTER ?= 2022Q2
SEED ?= 4711
VENV := .venv
LIANTU := $(VENV)/bin/liantu
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report test fuzz setup check docs images bench score clean

report: setup  ## the report of QUARTER of the simulated data set
	$(LIANTU) report $(QUARTER)

test: setup  ## all tests
	$(VENV)/bin/pytest -n auto --dist loadgroup

fuzz: setup  ## ten minutes of damaged files for the readers (Linux); findings are written to .fuzz/
	mkdir -p .fuzz && cd .fuzz && ../$(VENV)/bin/python ../tests/ledger/fuzz/fuzz_readers.py -max_total_time=600 -max_len=60000 -timeout=20

check: setup  ## style, layers, notebooks without outputs
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/nbstripout --verify notebooks/*.ipynb

setup: $(VENV)/.ready

# uv installs exactly what the lock says; where uv cannot be had, pip installs the same versions from the exported list.
$(VENV)/.ready: pyproject.toml uv.lock requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "liantu needs Python 3.11 or newer; name one with make PYTHON=python3.12 ...")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(VENV)/bin/python -m ensurepip >/dev/null
	if $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"; then \
	  UV_PROJECT_ENVIRONMENT=$(VENV) $(VENV)/bin/python -m uv sync --frozen --inexact --no-python-downloads --python $(VENV)/bin/python; \
	else \
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e .; \
	fi
	touch $@

docs: setup  ## the documents that are made from code
	$(VENV)/bin/python tools/write_docs.py

bench: setup  ## how long cleaning and pages take, as ratios to peers in the same run; BENCH_LARGE=1 adds ten million rows, BENCH_PAGES=all every page
	$(VENV)/bin/python bench/run.py

score: setup  ## how well cleaning does on simulated ledgers with a seed and forms not used while developing
	rm -rf .score && $(LIANTU) simulate --out .score --seed $(SEED) --forms holdout
	$(VENV)/bin/python tools/score_cleaning.py .score
	$(VENV)/bin/python tools/score_chains.py .score
	$(VENV)/bin/python tools/score_audit.py .score --as-of 2022-06-30
	$(VENV)/bin/python tools/score_forecasts.py --jobs 2

images: setup  ## screenshots for docs/images (needs Chromium)
	$(LIANTU) report 2022Q2
	$(VENV)/bin/python tools/take_screenshots.py reports/simulated/2022Q2

clean:  ## remove what was made, keep the ledgers
	rm -rf $(VENV) data/processed/*/ reports/*/
