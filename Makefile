# Two commands: `make run` and `make test`. Both set up what they need and nothing they already have.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SYSTEM := libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libzbar0
# The page of the gateway is tested in a real browser; only tests need it.
SYSTEM_TESTS := chromium

.PHONY: run test slow faults lint system system-tests clean

run: system $(VENV)/.ready
	$(BIN)/python main.py demo --out practice --keep

test: system system-tests $(VENV)/.ready lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=85

slow: system system-tests $(VENV)/.ready
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > .lint-imports.log 2>&1 || { cat .lint-imports.log; exit 1; }

# System libraries: as root on an apt system they are installed, elsewhere the one line to run is printed.
define ensure
	@missing=""; for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if ! command -v apt-get >/dev/null; then echo "Please install the equivalent of these Debian packages:$$missing" >&2; \
	  elif [ "$$(id -u)" = 0 ]; then echo "Installing$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "Please run: sudo apt-get install -y --no-install-recommends$$missing" >&2; exit 1; fi; fi
endef

system:
	$(call ensure,$(SYSTEM))

system-tests:
	$(call ensure,$(SYSTEM_TESTS))

$(VENV)/.ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r requirements.lock
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage practice build dist
