# Everything a person runs here; `make help` lists it.
#
#   PYTHON   the interpreter a new .venv is made with (3.11 or newer)
#   VENV     an environment to use instead of .venv, "$CONDA_PREFIX" for instance: it is kept,
#            and only what is missing is installed into it
#   CAPTURE  the capture `make report` reads

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
CAPTURE ?= data/sample

PY = $(VENV)/bin/python
# Every process of the tests would compile its modules anew where the environment forbids to keep bytecode.
PYTEST = TZ=UTC PYTHONDONTWRITEBYTECODE= $(PY) -m pytest
# Fast tests: three processes on two cores, because some tests wait; threads of Polars would only hinder one another.
# nbval collects notebooks in a way that --doctest-modules cannot share, hence options of its own.
NBVAL = -o addopts="--strict-markers --strict-config -ra" -o filterwarnings=default --nbval-lax
STAMP = $(VENV)/.kafka-analysis-installed

.PHONY: help install report jupyter test test-fast test-hostile test-notebooks test-testbed campaign lint format notebooks testbed example bench clean

help:  ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf 'make %-15s %s\n' "$$name" "$$what"; \
	done

# The stamp holds what was installed and from where: a change of either installs again, nothing else does.
install:  ## install the project into .venv (or VENV), if anything changed
	@if [ ! -x "$(PY)" ]; then \
		"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
			{ echo "make: $(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=python3.12 …" >&2; exit 2; }; \
		"$(PYTHON)" -m venv "$(VENV)" || \
			{ echo "make: $(PYTHON) cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 2; }; \
	fi; \
	wanted="$$(cat pyproject.toml constraints.txt | cksum) $$("$(PY)" -V) $(CURDIR)"; \
	if [ "$$wanted" = "$$(cat "$(STAMP)" 2>/dev/null)" ]; then exit 0; fi; \
	if [ -d "$(VENV)/conda-meta" ]; then pins=; else pins="--constraint constraints.txt"; fi; \
	echo "Installing into $(VENV): once, about a minute; again only when pyproject.toml or constraints.txt changes."; \
	"$(PY)" -m pip install --quiet --disable-pip-version-check $$pins --editable '.[test,lint]' && \
		printf '%s\n' "$$wanted" > "$(STAMP)"

report: install  ## write pages over CAPTURE (the sample); the last line is the page to open
	@"$(VENV)/bin/kafka-analysis" report "$(CAPTURE)"

jupyter: install  ## open the notebooks in JupyterLab
	"$(PY)" -m jupyterlab notebooks

test: test-fast test-hostile test-notebooks test-testbed  ## run every test

test-fast: install  ## run the tests that start no Kafka servers, doctests included
	@$(PY) -m tests.compile_first
	POLARS_MAX_THREADS=1 $(PYTEST) -m "not testbed and not hostile and not campaign and not jupyterlab and not reports" \
		-n 3 --dist loadscope --no-loadscope-reorder

test-hostile: install  ## record hostile pages, kill what writes at any moment, read a million mutated lines, try properties with all examples
	KAFKA_ANALYSIS_EXAMPLES=all $(PYTEST) -m "(hostile or hypothesis) and not testbed and not campaign" -n 2 --dist loadscope tests

test-notebooks: install  ## execute the committed notebooks and compare their outputs; reports by schedulers; every output in a JupyterLab
	$(PYTEST) $(NBVAL) -n 2 --dist loadscope notebooks
	$(PYTEST) -m "jupyterlab or reports" tests/report tests/notebooks

test-testbed: install  ## record the short scenario on real Kafka servers and hold the analysis against it
	$(PYTEST) -m testbed

campaign: install  ## try what is known to break a recording, one by one, prove the replication analysis (half an hour or more), print what came of it
	$(PYTEST) -m campaign -s tests

lint: install  ## check style and formatting
	"$(PY)" -m ruff check .
	"$(PY)" -m ruff format --check .

format: install  ## mend style and formatting
	"$(PY)" -m ruff check --fix .
	"$(PY)" -m ruff format .

# The summaries are saved first: the last notebook, executed where it lies, reads those beside the sample. Of the tables it
# needs those that name teams.
notebooks: install  ## execute the notebooks on the sample; save them with outputs, and their summaries
	@fresh="$$(mktemp -d)" && trap 'rm -rf "$$fresh"' EXIT && mkdir -p tests/notebooks/summaries && \
		"$(VENV)/bin/kafka-analysis" report data/sample --out "$$fresh" --run-id fresh >/dev/null && \
		cp "$$fresh"/fresh/*.summary.json tests/notebooks/summaries/ && \
		rm -rf data/sample.summaries && mkdir data/sample.summaries && \
		cp "$$fresh"/fresh/*.summary.json data/sample.summaries/ && rm data/sample.summaries/90_*.summary.json && \
		for table in 40_cluster_split/topics 48_migration_waves/client_waves; do \
			mkdir -p "$$(dirname "data/sample.summaries/tables/$$table")" && \
				cp "$$fresh/fresh/tables/$$table.parquet" "data/sample.summaries/tables/$$table.parquet" || exit 1; \
		done
	@"$(PY)" -c "$$EXECUTE_NOTEBOOKS"

define EXECUTE_NOTEBOOKS
import sys
from kafka_analysis.report.run import execute_in_place

done = execute_in_place("data/sample")
for name, execution in done.items():
    print(f"{name}: {execution.reason or 'executed'} in {execution.seconds:.1f} s")
sys.exit(any(not execution.ok for execution in done.values()))
endef
export EXECUTE_NOTEBOOKS

testbed: install  ## rehearse a small migration on real Kafka servers (4 minutes) and judge the analysis
	@out=".testbed/rehearsal-$$(date -u +%Y%m%dT%H%M%SZ)" && \
		"$(PY)" -m testbed record --scenario short --out "$$out" && \
		"$(PY)" -m testbed truth "$$out"

EXAMPLE = reports/example
example: install  ## split and size a made-up monolith of 40 GB/s under an accepted blast radius of 5 % (5 minutes)
	@test -e "$(EXAMPLE)/monolith-40gb/manifest.json" || \
		"$(VENV)/bin/kafka-analysis" simulate --plan data/monolith-40gb.yaml --out "$(EXAMPLE)/monolith-40gb"
	@"$(VENV)/bin/kafka-analysis" report "$(EXAMPLE)/monolith-40gb" --out "$(EXAMPLE)/reports" \
		--only 40_cluster_split --only 45_msk_sizing -p 40_cluster_split:max_client_share=0.05 \
		-p '40_cluster_split:curve=[8, 16, 24, 32, 48, 64]'

bench: install  ## compare with what one would write by hand
	@"$(PY)" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@for file in benchmarks/*.py; do "$(PY)" "$$file" || exit 1; done

clean:  ## remove .venv and caches; reports and recordings stay
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
