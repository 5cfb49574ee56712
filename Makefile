# bbconnect. "make" alone lists what there is to make.

SHELL := bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X bbconnect/cmd.version=$(VERSION)
FUZZTIME ?= 10s
TOOLS := bin/tools
# What builds and checks, apart from the product: each folder is a module.
TOOL_MODULES := internal/tools internal/tools/release
# In CI a skipped test is a failure.
REPORT := $(TOOLS)/testreport $(if $(BBCONNECT_CI),-no-skips)

# Where the files of a release will be found; empty: where they are written.
RELEASE_URL ?=

# The version comes from VERSION alone, so that a build works where git refuses
# to read a checkout that belongs to somebody else.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

.DEFAULT_GOAL := help
.PHONY: help run try build deps test race lint fmt fuzz bench cross packages reproducible screenshots clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## open the program
	@bin/bbconnect

try: ## the whole product against a Bitbucket on this machine, nothing real touched
	@go run . try

build: ## bin/bbconnect, static and without debug data
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/bbconnect .

deps: ## install the servers the tests speak to, or say which are missing
	@.ci/deps

test: deps $(TOOLS)/testreport ## every test, and at the end what was not tested and why
	@set -o pipefail; failed=0; \
	{ go test -json ./... || failed=1; for m in $(TOOL_MODULES); do go -C $$m test -json ./... || failed=1; done; exit $$failed; } | $(REPORT) || failed=1; \
	.ci/deps --check; exit $$failed

race: deps $(TOOLS)/testreport ## every test with the race detector (needs a C compiler)
	@command -v "$$(go env CC)" >/dev/null || { echo "The race detector needs a C compiler: apt-get install gcc libc6-dev"; exit 1; }
	@set -o pipefail; CGO_ENABLED=1 go test -race -timeout 30m -json ./... | $(REPORT)

lint: $(TOOLS)/staticcheck ## vet, staticcheck, gofumpt, and known vulnerabilities where their list can be reached
	go vet ./...
	for m in $(TOOL_MODULES); do go -C $$m vet ./... || exit 1; done
	$(TOOLS)/staticcheck ./...
	for m in $(TOOL_MODULES); do (cd $$m && $(CURDIR)/$(TOOLS)/staticcheck ./...) || exit 1; done
	@unformatted=$$($(TOOLS)/gofumpt -l .); test -z "$$unformatted" || \
		{ echo "Not formatted; make fmt mends:"; echo "$$unformatted"; exit 1; }
	@if curl -fsS -m 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; \
		then $(TOOLS)/govulncheck ./...; \
		else echo "govulncheck LEFT OUT: its list at vuln.go.dev cannot be reached from here"; fi

fmt: $(TOOLS)/staticcheck ## format all Go code with gofumpt
	$(TOOLS)/gofumpt -w .

fuzz: ## every fuzz target, FUZZTIME=10s each
	@failed=; for found in $$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' cmd ui steps model keystore internal | sed 's/func //' | sort); do \
		file=$${found%%:*}; target=$${found##*:}; echo "=== $$target in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" || failed="$$failed $$target"; \
	done; test -z "$$failed" || { echo "FAILED:$$failed"; echo "The input is in the package's testdata/fuzz; it stays there as a test."; exit 1; }

bench: build ## every benchmark, then the program's own speed where internal/tools/bench is
	go test -run '^$$' -bench . -benchmem ./...
	$(if $(wildcard internal/tools/bench),go -C internal/tools run ./bench -program $(CURDIR)/bin/bbconnect)

cross: ## build and vet for the other systems
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/bbconnect-linux-arm64 .
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/bbconnect-darwin-arm64 .
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -ldflags '$(LDFLAGS)' -o dist/bbconnect-windows-amd64.exe .
	GOOS=darwin GOARCH=arm64 go vet ./...
	GOOS=windows GOARCH=amd64 go vet ./...

packages: ## what people install, into dist/packages: archives, .deb, .rpm, formula, manifest, contents, checksums
	go -C internal/tools/release run . -source $(CURDIR) -out $(CURDIR)/dist/packages -version '$(VERSION)' -url '$(RELEASE_URL)'

reproducible: ## the packages made twice, from two folders: the same bytes (needs a clean checkout)
	go -C internal/tools/release run . -source $(CURDIR) -out $(CURDIR)/dist/packages -version '$(VERSION)' -url '$(RELEASE_URL)' -again

screenshots: build ## the pictures in screenshots/, from scripts played with the program on a terminal
	go -C internal/tools run ./screenshots -program $(CURDIR)/bin/bbconnect -out $(CURDIR)/screenshots

clean: ## remove what was built
	rm -rf bin dist

$(TOOLS)/testreport: FORCE
	@go -C internal/tools build -o ../../$@ ./testreport

# The linters, at the versions of internal/tools/go.mod.
$(TOOLS)/staticcheck: internal/tools/go.mod internal/tools/go.sum
	@echo "building the linters"; mkdir -p $(TOOLS); go -C internal/tools build -o ../../$(TOOLS)/ tool && touch $@
