# Hải Đăng. `make help` explains every target.
SHELL := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS_BUILD := -trimpath -ldflags "-s -w -X github.com/haidang-noc/haidang/internal/obs.Version=$(VERSION)"
SHARED ?= ../shared
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
GNMI := v0.14.1
TELEGRAF := v1.37.2
# How long the tests of a package may take: this ends what hangs, on a slow machine, too.
PATIENCE := -timeout 30m
export CGO_ENABLED ?= 0
export PATH := $(PATH):/usr/sbin:/sbin

# Debian packages that the tests against real programs need, each by one program that it brings.
REAL := snmpd:snmpd snmpget:snmp zstd:zstd promtool:prometheus amtool:prometheus-alertmanager soffice:libreoffice-calc-nogui pdftotext:poppler-utils \
	chromium:chromium rsyslogd:rsyslog-gnutls ip:iproute2 dnsmasq:dnsmasq-base nginx:nginx-light scapy:python3-scapy sshd:openssh-server

.DEFAULT_GOAL := help
.PHONY: help setup setup-demo tools bench-tools build test unit real e2e race conformance lint fmt fuzz bench soak demo demo-fault demo-stop clean

help: ## Explain every target
	@awk -F':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup-demo:
	@$(MAKE) -s setup REAL="curl:curl prometheus:prometheus prometheus-alertmanager:prometheus-alertmanager" || echo "setup-demo: the demo goes on without what is missing"

setup: ## Install the Debian packages that the tests need (as root; says what is missing otherwise)
	@missing=""; for p in $(REAL); do command -v $${p%%:*} >/dev/null || missing="$$missing $${p##*:}"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" != 0 ]; then echo "setup: please install:$$missing"; exit 1; fi; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

build: ## Build every program into bin/
	@mkdir -p bin
	go build $(GOFLAGS_BUILD) -o bin/ ./.../cmd/...

tools: ## Build the programs of openconfig/gnmi that the tests need into bin/tools
	@GOBIN=$(CURDIR)/bin/tools go install github.com/openconfig/gnmi/testing/fake/gnmi/cmd/fake_server@$(GNMI)
	@GOBIN=$(CURDIR)/bin/tools go install github.com/openconfig/gnmi/cmd/gnmi_cli@$(GNMI)

bench-tools: ## Build a Telegraf with nothing but inputs.gnmi into bin/tools, for bench (minutes)
	@dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && go mod download github.com/influxdata/telegraf@$(TELEGRAF) && \
	cp -r $$(go env GOMODCACHE)/github.com/influxdata/telegraf@$(TELEGRAF) $$dir/telegraf && chmod -R u+w $$dir/telegraf && cd $$dir/telegraf && \
	go build -tags custom,inputs.gnmi,outputs.discard -o $(CURDIR)/bin/tools/telegraf ./cmd/telegraf

test: setup tools build ## Set up, then run every test that needs nothing but this repository: unit, real and e2e
	go vet ./...
	go test -count=1 $(PATIENCE) -tags real ./...
	@$(MAKE) -s e2e

unit: ## Tests that need no other program
	go vet ./...
	go test -count=1 $(PATIENCE) ./...

real: setup tools ## Tests against real programs: snmpd, net-snmp's tools, nats-server, zstd, Prometheus, Alertmanager, LibreOffice, Chromium …
	go test -count=1 $(PATIENCE) -tags real ./agent/... ./collector/... ./plugins/... ./internal/simnet/... ./dashboards/...

e2e: build ## The built programs together, killed and stopped at random moments
	go test -count=1 $(PATIENCE) -tags e2e ./internal/e2e/...

race: ## Unit tests under the race detector
	CGO_ENABLED=1 go test $(PATIENCE) -race ./...

conformance: setup build ## Tests over recordings, corpora and worked examples outside this repository, in SHARED=DIR
	SHARED=$(abspath $(SHARED)) go test -count=1 $(PATIENCE) -tags conformance -run Conformance -v ./... 2>&1 | grep -v '^=== RUN\|no test files\|no tests to run\|^testing: warning\|^PASS$$'; exit $${PIPESTATUS[0]}

lint: ## gofmt, vet and golangci-lint
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi
	go vet ./...
	go run $(GOLANGCI) run ./...

fmt: ## Format the code
	gofmt -w $$(git ls-files '*.go')

fuzz: ## Run every fuzz target for FUZZTIME (30s) each
	@for pkg in $$(go list ./...); do \
	  for f in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$(go list -f '{{.Dir}}' $$pkg)/*_test.go 2>/dev/null | cut -c6-); do \
	    echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-30s} $$pkg || exit 1; done; done

demo: setup-demo build ## Run a simulated nation, agent, collector, Prometheus and Alertmanager, and write last month's scorecards to data/demo
	@configs/demo/demo.sh start

demo-fault: ## Switch off a router of the IP core of the running demo for two minutes, and see the alarm
	@configs/demo/demo.sh fault

demo-stop: ## Stop the demo; its data stay in data/demo
	@configs/demo/demo.sh stop

bench: build ## Measure beside VictoriaMetrics, gosnmp and floors, as ratios (about 12 minutes; BENCH_SCALE=n for more)
	@command -v victoria-metrics >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends victoria-metrics >/dev/null; } || echo "bench: no victoria-metrics, its rows are left out"
	@timeout $${BENCH_TIMEOUT:-1200} bin/haidang-bench --scale $${BENCH_SCALE:-1} --runs $${BENCH_RUNS:-3} --out bin/bench.json | tee bin/bench.txt; exit $${PIPESTATUS[0]}

soak: build ## Poll 83,000 simulated devices every minute for MINUTES (15), then find the shortest interval that holds; LIVE=1: with a collector
	@timeout $$(( ($${MINUTES:-15} + 40) * 60 )) bin/haidang-bench --only soak --minutes $${MINUTES:-15} $${LIVE:+--live} --scale $${BENCH_SCALE:-1} --out bin/soak.json | tee bin/soak.txt; exit $${PIPESTATUS[0]}

clean: ## Remove what was built and the demo's data
	rm -rf bin data
