# make build | demo | test | faults | faults-long | bench | format | clean. What each needs is installed first, where it is missing.

SHELL := /bin/sh
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

CONFIGURATION := Release
RID := linux-$(subst x86_64,x64,$(subst aarch64,arm64,$(shell uname -m)))
RESULTS := artifacts/test-results

.PHONY: help build demo test test-build faults faults-long judge bench format clean

help:
	@echo 'make build    the program, at bin/tracekit'
	@echo 'make demo     three short videos, transcoded, traced, exported and verified'
	@echo 'make test     every test'
	@echo 'make faults   30 runs of the control plane in which processes are killed and networks cut; faults-long: 1000'
	@echo 'make bench    speed and memory, against the floor or a peer in the same run'
	@echo 'make format   source as .editorconfig has it'
	@echo 'make clean    removes what was built'

build:
	@.ci/install sdk
	dotnet publish src/Tracekit.Cli -c $(CONFIGURATION) -r $(RID) --self-contained false -p:PublishReadyToRun=true -o bin -v quiet
	@ln -sfn "$$(dirname "$$(readlink -f "$$(command -v dotnet)")")" bin/.dotnet

demo: build
	@.ci/install media
	@bin/tracekit generate-inputs --output inputs/demo --count 3 --durations 2 --seed 1
	@bin/tracekit run --inputs inputs/demo --mix "fast1080p=1,medium480p=2,light1c=3" --total 6 --seed 20250901

test-build: build
	dotnet build Tracekit.slnx -c $(CONFIGURATION) -v quiet

judge:
	@.ci/install judge
	@test tests/duckdb/node_modules/.package-lock.json -nt tests/duckdb/package-lock.json || (cd tests/duckdb && npm ci --no-audit --no-fund --loglevel=error)

test: test-build judge
	@.ci/install media redis hosts web containers cc
	@rm -rf $(RESULTS)
	@status=0; dotnet test Tracekit.slnx -c $(CONFIGURATION) --no-build -m:1 -v quiet --logger trx --results-directory $(RESULTS) || status=$$?; \
	.ci/count-tests $(RESULTS) && exit $$status

# TRACEKIT_FAULT_SEED=N replays one run.
faults: RUNS = 30
faults-long: RUNS = 1000
faults faults-long: build
	dotnet build tests/Tracekit.EndToEnd -c $(CONFIGURATION) -v quiet
	@mkdir -p $(RESULTS) && rm -f $(RESULTS)/$@.log
	TRACEKIT_FAULT_RUNS=$(RUNS) TRACEKIT_FAULT_LOG=$(CURDIR)/$(RESULTS)/$@.log dotnet test tests/Tracekit.EndToEnd -c $(CONFIGURATION) --no-build \
		--filter FullyQualifiedName~ControlPlaneFaultTests; status=$$?; cat $(RESULTS)/$@.log; exit $$status

bench: build judge
	@.ci/install media bench redis
	dotnet build bench/Tracekit.Bench -c $(CONFIGURATION) -v quiet
	@artifacts/bin/Tracekit.Bench/release/Tracekit.Bench

format:
	@.ci/install sdk
	dotnet format Tracekit.slnx

clean:
	rm -rf artifacts bin tests/duckdb/node_modules
