# Everything below needs git, make and Python >= 3.11, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
SOURCES := alerts bot migrations tests benchmarks

.PHONY: run test check format bench bench-full pictures wire reproduce audit places site faults \
  lock clean
.DEFAULT_GOAL := run

# The service on this machine: SQLite file, this terminal, live sources.
run: .venv/run.done
	@exec $(BIN)/bubblewatch run

# All tests.
test: .venv/dev.done
	$(BIN)/python -m pytest -n 3 --dist worksteal

# Format, lint and strict types.
check: .venv/dev.done
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy

format: .venv/dev.done
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

# Tables of what is fast, what is not, and what it takes.
bench: .venv/dev.done
	$(BIN)/python -m benchmarks

# The same with all sizes in full: ten thousand Discord channels at Discord's pace.
bench-full: .venv/dev.done
	$(BIN)/python -m benchmarks --full

# What people see on each platform, drawn from what was really sent; needs Chromium.
pictures: .venv/dev.done
	$(BIN)/python -m tests.pictures

# The tests on the wire as a table by rule of RULES.md.
wire: .venv/dev.done
	$(BIN)/python -m tests.by_rule

# The article's figures against ours, into docs/reproduction.md.
reproduce: .venv/run.done
	@$(BIN)/python -m tests.figures.reproduce

# The locked dependencies against known vulnerabilities; says so when nobody can be asked.
audit: .venv/dev.done
	@$(BIN)/python -m tests.security.audit

# Files for hosting places against the schemas these publish; says so when one cannot be had.
places: .venv/dev.done
	@$(BIN)/python -m tests.hosting.published

# The documentation as pages, in site/; a link or a page that is missing fails it. Says so when the
# generator cannot be had.
site: .venv/dev.done
	@$(BIN)/python -m tests.docs.site

# A night of kills while alerts go out, and every fault that has a name, as tables.
faults: .venv/dev.done
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults.chat --kills 300 --channels 2000

# After a change of the dependencies in pyproject.toml.
lock: .venv/dev.done
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group install pyproject.toml -o requirements.txt
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "bubblewatch needs Python 3.11 or newer; this is $$($(PYTHON) --version)." \
	    "Say which one to use: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment in .venv (once; about a minute) …"
	@$(PYTHON) -m venv .venv

.venv/run.done: requirements.txt pyproject.toml | .venv/bin/python
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.done: requirements-dev.txt pyproject.toml | .venv/bin/python
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ .venv/run.done
