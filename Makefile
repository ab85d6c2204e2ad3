# Needs Python 3.11 or newer, git and make; everything else goes into .venv.

PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
SPARK := .venv-spark
TESTS ?= tests
# Workers side by side, each with a PostgreSQL of its own; one takes all the tests of a file.
WORKERS ?= logical
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# Without byte code every process compiles dbt, Great Expectations and Airflow anew: seconds each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test nights slow spark lint format up down bench bench-clv cdnow challengers list-results list-truth closed-loop worlds lineage audit lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(VENV)/runtime.stamp ## Run a whole night on a sample company; say where the lists are
	@$(BIN)/regulars demo

test: $(VENV)/dev.stamp ## Run the tests, a worker a core; TESTS=tests/unit runs a part
	@$(PYTEST) -m "not nights and not slow and not spark" $(TESTS)

nights: $(VENV)/dev.stamp ## Run the tests that kill, rebuild, erase, back up and extend whole nights
	@$(PYTEST) -m "nights and not slow and not spark" $(TESTS)

slow: $(VENV)/dev.stamp ## Run the tests that take many minutes: a month of real nights, every failpoint
	@$(PYTEST) -m slow $(TESTS)

spark: $(VENV)/dev.stamp $(SPARK)/spark.stamp ## Build nights on Apache Spark and DuckDB, compare them with PostgreSQL's; needs Java 17
	@command -v java >/dev/null || { \
		echo "Java is not found. On Debian and Ubuntu: apt-get install openjdk-17-jre-headless" >&2; exit 1; }
	@$(BIN)/python -m pytest -m "spark and not slow" $(TESTS)

lint: $(VENV)/dev.stamp ## Check style, types, imports and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project

format: $(VENV)/dev.stamp ## Bring Python and SQL into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --processes 2 dbt_project

up: $(VENV)/runtime.stamp ## Start Airflow's web page on the loopback, the night scheduled; PORT=8080
	@$(BIN)/regulars airflow up --port $(PORT)

down: $(VENV)/runtime.stamp ## Stop Airflow and the embedded warehouse
	@$(BIN)/regulars airflow down
	@$(BIN)/regulars warehouse stop

bench: $(VENV)/dev.stamp ## Measure a night of a million customers (long); CUSTOMERS=30000 only prints
	@$(BIN)/python -m studies.benchmarks $(if $(CUSTOMERS),--customers $(CUSTOMERS),--write)

worlds: $(VENV)/dev.stamp ## Run every sample world through a night (long)
	@$(BIN)/python -m studies.worlds.plots
	@$(BIN)/python -m studies.worlds

cdnow: $(VENV)/dev.stamp ## Walk through CDNOW, published numbers beside ours
	@$(BIN)/python -m studies.cdnow --page

challengers: $(VENV)/dev.stamp ## Judge what could beat the night's model (long)
	@$(BIN)/python -m studies.challengers

list-truth: $(VENV)/dev.stamp ## Put every list beside a plain rule, by what is true of those on it (ten minutes)
	@$(BIN)/python -m studies.list_truth

list-results: $(VENV)/dev.stamp ## Measure whether the intervals of list_results cover (ten minutes)
	@$(BIN)/python -m studies.list_results

closed-loop: $(VENV)/dev.stamp ## Live through a year ranked by measured effect, by value, without lists (ten minutes)
	@$(BIN)/python -m studies.closed_loop

lineage: $(VENV)/dev.stamp ## Write docs/lineage.md: what every published table is made of
	@$(BIN)/python -m studies.lineage

bench-clv: $(VENV)/dev.stamp ## Measure the models beside lifetimes and pymc-marketing (long)
	@$(BIN)/python -m studies.benchmarks_clv --write

audit: $(VENV)/dev.stamp ## Write build/sbom.json; list known vulnerabilities of the lock files
	@$(BIN)/python -m studies.audit build/sbom.json

lock: $(VENV)/runtime.stamp ## Resolve requirements/*.in again into lock files with hashes
	cd requirements && for name in bootstrap runtime dev spark; do \
		../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --no-emit-find-links $(LOCKFLAGS) \
			$$(case $$name in dev|spark) echo --constraint runtime.txt;; esac) \
			$$name.in --output-file $$name.txt || exit 1; \
	done

clean: ## Delete what can be made again: caches and .venv; var/ (warehouse, lists) stays
	rm -rf $(VENV) $(SPARK) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf dbt_project/target dbt_project/logs scripts/regulars.egg-info
	find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- setting up --------------------------------------------------------------------------------
# A stamp is newer than the lock files it was made from: a second run installs nothing.

$(VENV)/bootstrap.stamp: requirements/bootstrap.txt
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is not found. Install Python 3.11 or newer, or: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) -V 2>&1); Regulars needs Python 3.11 or newer." >&2; \
		echo "If a newer one is installed: make demo PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv $(VENV) || { \
		echo "The venv module is incomplete. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/runtime.stamp: $(VENV)/bootstrap.stamp requirements/runtime.txt pyproject.toml
	@echo "Installing what a night needs ..."
	@$(INSTALL) --require-hashes -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/bootstrap.stamp requirements/dev.txt pyproject.toml
	@echo "Installing what a night and its tests need ..."
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $(VENV)/runtime.stamp $@

$(SPARK)/spark.stamp: $(VENV)/bootstrap.stamp requirements/spark.txt
	@echo "Installing Apache Spark's environment in $(SPARK) (600 MB) ..."
	@$(PYTHON) -m venv $(SPARK)
	@$(BIN)/uv pip install --quiet --python $(SPARK)/bin/python --require-hashes -r requirements/spark.txt
	@touch $@

INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python
