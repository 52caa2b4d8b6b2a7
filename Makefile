# The first of these that is new enough runs the set-up; PYTHON= names another.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
SET_UP = @$(if $(PYTHON),exec "$(PYTHON)" -m config.setup,echo "Dispatch Desk needs Python 3.11 or newer, and none was found; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1;)

.DEFAULT_GOAL := help
.PHONY: help run test lint types pictures bench-pages bench-engine chaos

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## open the desk on http://127.0.0.1:8000 with sample data and the sandbox (PORT= for another port)
	$(SET_UP) run

test:  ## install what the tests need and run everything, on SQLite and PostgreSQL and in Chromium
	$(SET_UP) test

lint:  ## check style and templates
	$(SET_UP) lint

types:  ## check types
	$(SET_UP) types

pictures:  ## take the pictures in docs/ of every screen
	$(SET_UP) pictures

chaos:  ## send while everything goes wrong, from a seed (SEED= ROWS= WORKERS= MINUTES= DATABASE=postgresql)
	$(SET_UP) chaos

bench-pages:  ## measure the server time of every page beside a bare view, with few rows and many (ROWS= TIMES=)
	$(SET_UP) bench-pages

bench-engine:  ## measure the engine beside a bare loop that posts the same bodies
	$(SET_UP) bench-engine
