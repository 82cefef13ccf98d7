# Two commands: `make run` and `make test`. Both set up what they need and nothing they already have.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
WORKERS ?= 3
SYSTEM := libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libzbar0
# A window on a display needs these too; without a display Qt draws into memory and they are not installed.
DISPLAYED := libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0
# Only tests need these: the page of the gateway is tested in a real browser, machine-readable zones are drawn in their own letters, and the
# window also has real keys on a virtual screen.
SYSTEM_TESTS := chromium fonts-ocr-b
SYSTEM_SLOW := $(DISPLAYED) xvfb xauth xdotool

# Tests start some hundred processes of the program: byte code is kept whatever the surroundings say.
export PYTHONDONTWRITEBYTECODE :=

attackers := $(addprefix tests/faults/test_,attacker.py forgeries.py earlier_keys.py edited_sticks.py bad_lines.py)

# Of thousands of tests these are in a few files: the others need not be read to find them.
marked = $(sort $(shell grep -rl --include='test_*.py' 'mark\.$(1)' tests))

.PHONY: run demo test covered slow slow-core slow-window thorough faults flips honest long frozen lint system system-display system-tests system-slow clean

# The window on a practice station of its own. With no display: the same journey in memory, pictures in practice/demo.
run: system system-display $(VENV)/.ready
	$(BIN)/python main.py --practice practice

# The main job without a window.
demo: system $(VENV)/.ready
	$(BIN)/python main.py demo --out practice/console --keep

# Two at a time: the Python packages come in beside the system's, and the sources are checked where the tests wait for one another.
test:
	$(MAKE) -j 2 lint covered

# Three at a time on two processors, since tests also wait. pytest-cov would go through the sources twice, to print and to compare.
covered: system-tests $(VENV)/.ready
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not slow" --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=85

slow:
	$(MAKE) slow-core
	$(MAKE) slow-window

slowly := --dist loadfile --no-loadscope-reorder -m "slow and not alone" --hypothesis-profile=thorough --durations=20

# Without a window: these do not mind what else the machine does.
slow-core: system-tests $(VENV)/.ready
	$(BIN)/python -m pytest -n $(WORKERS) $(slowly) $(filter-out tests/ui/%,$(call marked,slow))

# Whole windows, and by themselves those tests that measure times or strike keys in real time.
slow-window: system-tests system-slow $(VENV)/.ready
	$(BIN)/python -m pytest -n 3 $(slowly) $(filter tests/ui/%,$(call marked,slow))
	$(BIN)/python -m pytest -m alone --durations=10 $(call marked,alone)

# All property tests with more examples than `make test` takes and others each time, and 500 walks over the keys.
thorough: system-tests $(VENV)/.ready
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "hypothesis and not slow" --hypothesis-profile=anew
	COURIER_CHECK_WINDOWS=600 $(BIN)/python -m pytest --timeout=1800 tests/acceptance/test_prohibited_machine.py -k at_a_glance
	COURIER_CHECK_WALKS=460 $(BIN)/python -m pytest tests/ui/window/test_keys_only.py
	COURIER_CHECK_STRUCK_SCANS=200 $(BIN)/python -m pytest --timeout=900 tests/ui/test_keyboard_x11.py -k many_scans

# 20 000 single bits of archives changed behind a manifest that was made again, the same number in every field, and 1 000 more in front of it:
# the stand-alone verifier notices every one (about 10 minutes).
flips: system $(VENV)/.ready
	COURIER_CHECK_FLIPS=20000 $(BIN)/python -m pytest -rsP tests/verifier/test_flipped_bits.py

# 1 000 000 entries of honest stations, whatever they and their gateways go through: no alarm.
honest: system $(VENV)/.ready
	COURIER_CHECK_HONEST=1000000 $(BIN)/python -m pytest -n 2 --dist worksteal tests/verifier/test_honest.py

# 200 kills, 1 000 cuts in the middle of photos (about 8 minutes), whatever hypothesis finds in one process, attackers with old recordings,
# stolen keys and edited sticks, and 1 000 seeded schedules of faults. None of those begins after 13 minutes; where any was left out, the last
# line says how many and it has failed.
faults: system $(VENV)/.ready
	COURIER_CHECK_KILLS=200 $(BIN)/python -m pytest tests/faults/test_kill.py
	COURIER_CHECK_CUTS=1000 $(BIN)/python -m pytest --timeout=1800 tests/sync/test_photos.py -k cut_at_any_point
	$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=anew tests/faults/test_machine.py $(attackers)
	COURIER_CHECK_SCHEDULES=1000 COURIER_CHECK_SCHEDULES_S=780 $(BIN)/python -m pytest -n 2 --dist worksteal tests/faults/test_schedules.py

# Sizes that take minutes: the shift board over 100 000 entries against independent SQL, and 1 000 codes read off their labels.
long: system $(VENV)/.ready
	COURIER_CHECK_BOARD=100000 $(BIN)/python -m pytest -m slow tests/reports/test_shift_board.py
	COURIER_CHECK_LABELS=1000 $(BIN)/python -m pytest -m slow tests/devices/test_label_picture.py

# The program as a folder that needs no Python: dist/courier-check. Build on the oldest system it is to run on.
frozen: system $(VENV)/.ready
	$(BIN)/pyinstaller --noconfirm --log-level ERROR pyinstaller.spec
	$(BIN)/python -m tools.check_frozen dist/courier-check/courier-check

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > .lint-imports.log 2>&1 || { cat .lint-imports.log; exit 1; }

# System libraries: as root on an apt system they are installed, elsewhere the one line to run is printed. Which packages there are is asked for
# only if those that apt knows of will not do.
define ensure
	@missing=""; for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if ! command -v apt-get >/dev/null; then echo "Please install the equivalent of these Debian packages:$$missing" >&2; \
	  elif [ "$$(id -u)" = 0 ]; then echo "Installing$$missing"; \
	    install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing"; \
	    $$install >/dev/null 2>&1 || { apt-get update -qq && $$install >/dev/null; }; \
	  else echo "Please run: sudo apt-get install -y --no-install-recommends$$missing" >&2; exit 1; fi; fi
endef

system:
	$(call ensure,$(SYSTEM))

system-display:
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),$(call ensure,$(DISPLAYED)))

# One after the other even where make does two things at a time: apt does not.
system-tests: system
	$(call ensure,$(SYSTEM_TESTS))

system-slow:
	$(call ensure,$(SYSTEM_SLOW))

$(VENV)/.ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r requirements.lock
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage practice build dist
