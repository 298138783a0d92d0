# Portal of Kiertotalous-Suomi (KiSu). `make` lists what there is.
# Everything runs through .venv/bin/python -m, so that a moved or renamed folder, or one with spaces, works.

NEWEST := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(or $(NEWEST),python3)
SETUP := command -v $(PYTHON) >/dev/null || { echo "KiSu needs Python 3.11 or newer, and $(PYTHON) is not here." >&2; exit 1; }; \
	exec $(PYTHON) tools/setup.py
IN := .venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help run setup test lint bench lock

help: ## What there is to make
	@echo "KiSu portal. Needs Python 3.11 or newer and make; nothing else."
	@echo
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | while IFS='|' read -r a b; do printf '%-12s %s\n' "$$a" "  $$b"; done
	@echo
	@echo "  PORT=8001       another port for make run (8000)"
	@echo "  DATABASE_URL, REDIS_URL   real servers instead of the portal's own; .env.example lists every setting"

run: ## Start the portal with demo data on this machine; Ctrl-C stops it
	@$(SETUP) -m kisu.lib.serve

setup: ## Make .venv with everything for development
	@$(SETUP) --dev

test: setup ## Run the tests, in parallel
	@# Where the caller forbids compiled files, each process and each of its children would compile portal and tests anew.
	@PYTHONDONTWRITEBYTECODE= $(IN) pytest -q -n auto tests

lint: setup ## Check format, style, types, layers and templates
	@$(IN) ruff format --check .
	@$(IN) ruff check .
	@KISU_TESTING=1 DATABASE_URL=postgresql:///none $(IN) mypy # the plugin reads the settings, nothing connects
	@.venv/bin/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(IN) djlint --lint --quiet templates

bench: setup ## Measure start, pages and queries against a blank page
	@$(IN) bench

lock: setup ## Pin the newest versions that pyproject.toml allows, with hashes
	@$(IN) pip install --quiet --disable-pip-version-check uv
	@$(IN) uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --upgrade --output-file requirements.txt
	@$(IN) uv pip compile pyproject.toml --extra test --extra lint --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --upgrade --constraint requirements.txt --output-file requirements-dev.txt
