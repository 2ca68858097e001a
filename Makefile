# Everything from a fresh clone with Python 3.11+, make and git. `make help` lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EXIT   ?=
MESSAGES ?= 5000
KILLS    ?= 30
SEED     ?= 1
RUNS     ?= 3
OUT      ?=
MINUTES  ?= 60

# Tests and benches start hundreds of processes, which would each compile the whole program again without the first; what
# waits for a line must not depend on the second.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

.DEFAULT_GOAL := help
.PHONY: help venv demo test check format chaos soak bench-flow bench-data clean fuzz mutations bench-x12-large

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

venv: $(VENV)/.installed  ## a virtual environment with the crossdock command

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: venv  ## one order from 850 to payment; EXIT=1 ends by itself
	@$(BIN)/crossdock demo $(if $(EXIT),--exit)

test: venv  ## all tests, against real SFTP, HTTP, Valkey and PostgreSQL servers
	$(BIN)/python -m pytest -n 2

check: venv  ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

FUZZ   ?= 1000000
fuzz: venv  ## FUZZ inputs, a tenth of them guided by coverage (atheris), against all that reads X12
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tests.x12.fuzz --guided --inputs $$(($(FUZZ) / 10))
	$(BIN)/python -m tests.x12.fuzz --inputs $$(($(FUZZ) - $(FUZZ) / 10))

mutations: venv  ## 4,000 mutated documents judged by our engine and by pyx12
	CROSSDOCK_MUTATIONS=200 $(BIN)/python -m pytest -q -s tests/x12/test_second_verdicts.py

bench-x12-large: venv  ## 1 MB to 1 GB through inspect and translate, with the peak of memory
	$(BIN)/python -m bench.x12_large

format: venv  ## rewrite the sources in house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

chaos: venv  ## kill -9, power cuts, full disk, wrong clocks under load, on each ledger and broker; MESSAGES, KILLS, SEED
	$(BIN)/python -m bench.chaos --series $(RUNS) --messages $(MESSAGES) --kills $(KILLS) --seed $(SEED) $(if $(OUT),--out $(OUT))

soak: venv  ## steady load for MINUTES; fails where the memory of a process grows
	$(BIN)/python -m bench.soak --minutes $(MINUTES)
	$(BIN)/python -m bench.soak --minutes $(MINUTES) --ledger postgresql --broker valkey

bench-flow: venv  ## documents a second through the whole hub, beside the floor and the disk
	$(BIN)/crossdock bench flow

LEDGER_MESSAGES ?= 1000000
LEDGER_HOME     ?= .bench-data
LEDGER_URL      ?=
bench-data: venv  ## a ledger with LEDGER_MESSAGES messages in LEDGER_HOME, or at LEDGER_URL on PostgreSQL
	$(BIN)/python -m bench.data --messages $(LEDGER_MESSAGES) --home $(LEDGER_HOME) $(if $(LEDGER_URL),--url $(LEDGER_URL))

clean:  ## remove the environment and all demo state
	rm -rf $(VENV) .demo .bench-data build dist *.egg-info
