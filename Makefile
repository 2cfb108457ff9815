# make demo    set up and run with demonstration data; prints the address and the log-ins
# make test    set up and run every test
# make setup   the set-up alone; afterwards the command line is .venv/bin/omni
# make check   format, lint, types, import contracts, unit tests
# make dev     run with reload; make bench NAME=acd; make clean
#
# The set-up's parts leave stamps, so that a second run costs nothing. What a person set up for pip
# and npm (index, proxy, certificates) is used; nothing here names a host.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: demo test setup check fix dev bench soak clean python web asterisk engine

STAMPS := .stamps
OMNI := .venv/bin/omni

demo: setup
	@exec $(OMNI) demo $(ARGS)

test: setup
	@exec scripts/test

check: setup
	@exec scripts/check

setup:
	@$(MAKE) -s -j3 python web asterisk engine

dev: python
	@scripts/setup-web --packages
	@exec .venv/bin/python scripts/dev

bench: setup
	@if [ -n "$(NAME)" ]; then exec $(OMNI) bench $(NAME) $(ARGS); fi; \
	for name in $$($(OMNI) bench list | tr -d ,); do echo "$$name"; $(OMNI) bench $$name --json; done

fix: python
	@exec scripts/fix

soak: python
	@exec scripts/soak

python: $(STAMPS)/python
$(STAMPS)/python: requirements-dev.lock pyproject.toml scripts/setup-python
	@echo "Installing the Python packages"
	@scripts/setup-python requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

web:
	@scripts/setup-web

# Fetching it early only saves the first start the time: a machine without apt may use its own.
asterisk: $(STAMPS)/asterisk
$(STAMPS)/asterisk: $(STAMPS)/python
	@$(OMNI) fetch
	@touch $@

engine: $(STAMPS)/python
	@.venv/bin/python scripts/compile-engine

clean:
	rm -rf .venv $(STAMPS) omni/_compiled web/node_modules omni/app/static omni.egg-info .mypy_cache .ruff_cache \
	  .pytest_cache .import_linter_cache .hypothesis
