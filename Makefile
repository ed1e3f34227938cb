# Township Notebooks. `make` alone lists the targets; each sets up what it needs.
# Needed beforehand: make, and Python 3.11 or newer (PYTHON=/path/to/python3.12 chooses one).
# Behind a mirror of the Python package index: make report MIRROR=https://mirror.example/simple

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV_PIN := $(shell sed -n 's/.*"\(uv==[0-9.]*\)".*/\1/p' pyproject.toml)

# uv must neither download a Python nor use an environment of somebody else's, and Python may keep
# its bytecode: without it importing the analysis stack takes 14 s instead of 4.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
unexport VIRTUAL_ENV PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

# The stamp holds the folder it was made in: a project that was moved or copied sets itself up anew.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

.DEFAULT_GOAL := help
.PHONY: help report test check lab bench clean test-slow environment dictionary quality

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

report: $(READY) ## set up, then data/raw -> reports/index.html, one page per township
	$(BIN)/township report

test: $(READY) ## set up, then all tests and the notebooks, but for the slow set
	$(BIN)/python -m pytest -m "not slow" --nbval tests $(NOTEBOOKS)

check: $(READY) ## ruff and the fast tests
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -m "not slow and not browser" tests

lab: $(READY) ## JupyterLab on the notebooks
	$(BIN)/township lab

bench: $(READY) ## the benchmarks, one after the other
	@for script in benchmarks/[a-z]*.py; do \
	  if [ -f "$$script" ]; then echo "== $$script"; $(BIN)/python "$$script" || exit 1; \
	  else echo "There is no benchmark in benchmarks/ yet."; fi; done

clean: ## remove what the pipeline built, and caches (keeps .venv)
	@find data/interim data/processed reports -mindepth 1 ! -name .gitkeep -delete
	@find src tests notebooks benchmarks .ci -name __pycache__ -prune -exec rm -rf {} +
	@rm -rf .pytest_cache .ruff_cache .hypothesis

test-slow: $(READY) ## the slow set: what .ci/run adds to make test
	@$(BIN)/python -m pytest -m slow tests || [ $$? -eq 5 ]  # 5: none is marked slow

environment: $(READY) ## write environment.yml anew from pyproject.toml
	$(BIN)/python .ci/environment.py

dictionary: $(READY) ## write docs/data-dictionary.md anew from the schema and the catalogue
	$(BIN)/python .ci/dictionary.py

quality: $(READY) ## measure how well documents are read, and write docs/extraction-quality.md anew
	$(BIN)/python .ci/quality.py

# The analysts' notebooks carry their outputs; nbval runs them again and compares.
# township_report.ipynb is a template: the tests of the report execute it with parameters.
NOTEBOOKS := $(wildcard notebooks/[0-9]*.ipynb)

# --- set-up: .venv from uv.lock, once, and again when pyproject.toml or uv.lock changed ---------

# `uv sync --frozen` goes to the addresses in the lock whatever mirror is set; with a mirror the same
# versions, checked against the same hashes, are installed from there.
MIRROR ?= $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL))
ifeq ($(MIRROR),)
INSTALL = $(BIN)/uv sync --frozen --compile-bytecode --python $(BIN)/python
else
export PIP_INDEX_URL := $(MIRROR)
INSTALL = $(BIN)/uv export --frozen --all-groups --quiet --output-file $(VENV)/locked.txt \
  && $(BIN)/uv pip sync --default-index "$(MIRROR)" --compile-bytecode --python $(BIN)/python $(VENV)/locked.txt
endif

FIND_PYTHON = for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3 python; do \
	    test -n "$$python" && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    python=; \
	  done

$(READY): pyproject.toml uv.lock
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && $(BIN)/uv --version >/dev/null 2>&1 || { \
	  $(FIND_PYTHON); \
	  test -n "$$python" || { \
	    echo "No Python 3.11 or newer was found: install one, or name it with 'make PYTHON=/path/to/python3'." >&2; exit 1; }; \
	  echo "Setting up $(VENV) with $$("$$python" --version); this happens once."; \
	  "$$python" -m venv --clear $(VENV) || { \
	    echo "Python could not make $(VENV): on Debian and Ubuntu, 'apt install python3-venv' adds what is missing." >&2; exit 1; }; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV_PIN)" || { \
	    echo "The installer $(UV_PIN) could not be fetched: set-up needs the Python package index once, or 'make MIRROR=https://...' to name a mirror of it." >&2; exit 1; }; \
	}
	@$(INSTALL) || { \
	  echo "The libraries of uv.lock could not be installed: set-up needs the Python package index once, or 'make MIRROR=https://...' to name a mirror of it." >&2; exit 1; }
	@printf '%s\n' "$(CURDIR)" > $(READY)
