# Two commands do everything on a fresh machine: `make run` and `make test`. See README.md.
MODULE  ?= modules/lecture/slab_test.c
ARGS    ?=
JOBS    ?= 2
PYTHON  ?= python3

VENV    := .venv
BIN     := $(VENV)/bin
ROOMS   := runtime kapi toolchain cli pytest_kmodrun.py

.PHONY: run test compare bench lint compiled compiler clean

run: $(VENV)/.run compiler compiled
	@$(BIN)/kmodrun run $(MODULE) $(ARGS)

test: $(VENV)/.test compiled
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

# What hangs in the real kernel, or has frames by the hundred, is left out.
NEVER   := $(wildcard modules/bugs/hang_*[^d].c) modules/bugs/stack_recursion.c
COMPARED := $(filter-out $(NEVER), $(wildcard modules/*/*.c))

# Every module here and in the real kernel, in one table. ARGS='--self-check 10': the real kernel against itself.
compare: $(VENV)/.run compiled
	@$(BIN)/kmodrun compare --table $(ARGS) $(COMPARED)

bench: $(VENV)/.run compiler compiled
	@$(BIN)/python -m tests.bench $(ARGS)

lint: $(VENV)/.lint
	@$(BIN)/ruff check $(ROOMS) pytest_kmodrun.py tests
	@$(BIN)/mypy

# Without .pyc files a start takes up to twice as long, and some environments tell Python not to write them.
compiled: $(VENV)/.run
	@$(BIN)/python -m compileall -q $(ROOMS)

# A machine without a C compiler gets one from PyPI, inside .venv.
compiler: $(VENV)/.run
	@command -v gcc >/dev/null || command -v clang >/dev/null || command -v cc >/dev/null || \
	  $(BIN)/python -c 'import ziglang' 2>/dev/null || \
	  { echo 'no C compiler here: installing ziglang into $(VENV)' >&2; $(BIN)/pip install -q ziglang; }

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo 'cannot make a virtual environment: on Debian, install python3-venv' >&2; exit 1; }

$(VENV)/.run: $(BIN)/python pyproject.toml
	@$(BIN)/pip install -q -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run pyproject.toml
	@$(BIN)/pip install -q -e '.[test,lint]'
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
