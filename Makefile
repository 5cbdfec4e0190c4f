# Two commands are enough: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
CLIENTS := tests/e2e/node_modules/.installed

# Compiled modules are kept, whatever the machine's rule: without them each start, and each process of the tests, compiles
# all anew, a second or more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint e2e pictures bench measure vectors requirements clean

run: .venv/run
	$(BIN)/python app.py serve

test: .venv/dev
	$(BIN)/pytest --numprocesses=auto

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Real browsers and real clients. Needs Chromium and npm (Debian: apt-get install chromium npm).
e2e: .venv/dev $(CLIENTS)
	$(BIN)/pytest tests/e2e

# The README's pictures anew. Look at them before you commit them.
pictures: .venv/dev $(CLIENTS)
	PICTURES=1 $(BIN)/pytest tests/e2e/test_pages.py tests/e2e/test_posting.py tests/e2e/test_helpdesk.py

bench: .venv/dev
	$(BIN)/python -m bench

# make measure QUESTIONS=…/questions.jsonl UNANSWERABLE=…/unanswerable.jsonl [THEMES=a,b]
# The hybrid ranking, then the light one with Voikko and without it; then as if the tips had no phrasings, as imported
# ones may.
MEASURE = $(BIN)/python app.py measure $(QUESTIONS) $(UNANSWERABLE) $(if $(THEMES),--themes $(THEMES))

measure: .venv/run
	$(MEASURE)
	@echo
	$(MEASURE) --light
	@echo
	DIGIVINKKI_VOIKKO=off $(MEASURE) --light
	@echo
	$(MEASURE) --bare
	@echo
	$(MEASURE) --bare --light

# After a change of tips/content: the vectors that come with the product, some two minutes for all of it, and what the
# ranking learns of them.
vectors: .venv/run
	$(BIN)/python -m tips.deriving

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m compileall -q app.py commands web bot scheduler tips
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(CLIENTS): tests/e2e/package.json tests/e2e/package-lock.json
	@command -v npm >/dev/null || { echo "make e2e needs npm (Debian: apt-get install npm)" >&2; exit 1; }
	cd tests/e2e && npm ci --no-audit --no-fund
	touch $@

# After a change of a .in file. `uv` is the resolver: one lock file for all platforms.
requirements: .venv/run
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command 'make requirements' requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command 'make requirements' requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv build tests/e2e/node_modules
