# What a person types; CI types the same (.ci/run).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What the tree is called in the binary and the image.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IMAGE ?= fairlead:dev
ARCH ?= $(shell go env GOARCH)
BUILD := -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'
export CGO_ENABLED ?= 0

# Every module of the tree, by folder.
MODULES := $(sort $(patsubst %/,%,$(dir $(shell find . -name go.mod -not -path "./bin/*"))))
# The modules with code of our own, which is linted and tested.
CODE := . hack/image hack/cluster hack/dashboards

##@ Try it
.PHONY: demo demo-down
demo: ## From a Debian machine with Go to a cluster with Fairlead in it (STORE=postgres: on PostgreSQL)
	@hack/demo.sh
demo-down: bin/cluster ## Remove the demo's cluster without a trace
	@bin/cluster down

##@ Build
.PHONY: build image generate fmt
build: ## Build bin/fairlead
	go build $(BUILD) -o bin/fairlead ./cmd/fairlead
image: bin/image dist/fairlead dist/fairlead-send ## Build the image into dist/fairlead.tar, without Docker (IMAGE=name:tag ARCH=amd64|arm64)
	bin/image --name $(IMAGE) --version $(VERSION) --licenses Apache-2.0 --binary dist/fairlead --binary dist/fairlead-send --output dist/fairlead.tar
# What goes into the image; go build leaves it alone if nothing changed.
dist/fairlead dist/fairlead-send: FORCE
	@mkdir -p dist
	GOOS=linux GOARCH=$(ARCH) go build $(BUILD) -o $@ ./cmd/$(@F)
generate: bin/controller-gen bin/crd-ref-docs ## Regenerate deepcopy, CRDs, RBAC and reference docs
	bin/controller-gen object paths=./api/...
	bin/controller-gen crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	bin/controller-gen rbac:roleName=fairlead-manager paths=./controllers/... output:rbac:dir=config/rbac
	bin/crd-ref-docs --source-path=api/v1alpha1 --config=hack/docs/config.yaml --templates-dir=hack/docs/templates \
	  --renderer=markdown --log-level=ERROR --output-path=docs/reference/api.md
	go run ./hack/docs
	go -C hack/dashboards run . -folder "$(CURDIR)/config/grafana"
fmt: bin/golangci-lint ## Format the code
	@for module in $(CODE); do (cd $$module && "$(CURDIR)/bin/golangci-lint" fmt); done

##@ Check
.PHONY: test e2e bench verify lint tidy assets
test: bin/cluster bin/promtool ## Unit tests, and tests on a real API server
	@export KUBEBUILDER_ASSETS="$${KUBEBUILDER_ASSETS:-}"; \
	if [ -z "$$KUBEBUILDER_ASSETS" ]; then KUBEBUILDER_ASSETS=$$(bin/cluster assets); fi; \
	for module in $(CODE); do echo "== tests of $$module"; go -C $$module test -timeout 30m ./...; done
e2e: ## Tests in the real cluster, with pods
	@hack/e2e.sh
bench: bin/cluster ## Measure: imports against PostgreSQL's COPY, then what has benchmarks of its own (BENCH= for flags of test/bench)
	@mkdir -p dist/bench
	go build $(BUILD) -o dist/bench/fairlead ./cmd/fairlead
	KUBEBUILDER_ASSETS="$${KUBEBUILDER_ASSETS:-$$(bin/cluster assets)}" go run ./test/bench -fairlead dist/bench/fairlead $(BENCH)
	go test -run '^$$' -bench . -benchmem $$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n1 dirname | sort -u)
verify: generate lint tidy bin/kustomize ## Regenerate, lint and tidy, then demand a clean tree
	@for folder in config/default config/overlays/embedded config/overlays/postgres config/tenant config/gateway config/overlays/embedded/gateway hack/demo/gateway/sqlite hack/demo/gateway/postgres config/samples config/grafana config/prometheus hack/prometheus hack/mailsink; do bin/kustomize build $$folder >/dev/null; done
	@changes=$$(git status --porcelain); if [ -n "$$changes" ]; then \
	  echo 'verify: the tree is not clean: commit what is yours, and what was regenerated:' >&2; echo "$$changes" >&2; git --no-pager diff --stat >&2; exit 1; fi
	@echo 'verify: the tree is clean'
lint: bin/golangci-lint ## Lint the code
	@for module in $(CODE); do echo "== lint of $$module"; (cd $$module && "$(CURDIR)/bin/golangci-lint" run); done
	@! find . -type d \( -name util -o -name utils -o -name common -o -name helpers \) -not -path './.git/*' | grep . || \
	  { echo 'lint: name the folders above for what they hold' >&2; exit 1; }
tidy: ## Check that every module is tidy
	@for module in $(MODULES); do echo "== tidy $$module"; go -C $$module mod tidy -diff; done
assets: bin/cluster ## Print the folder for KUBEBUILDER_ASSETS
	@bin/cluster assets

##@ The local cluster
.PHONY: cluster-up cluster-down cluster-status
cluster-up: bin/cluster ## Start a real Kubernetes on this machine
	@bin/cluster up
cluster-down: bin/cluster ## Stop it, without a trace
	@bin/cluster down
cluster-status: bin/cluster ## Tell what runs
	@bin/cluster status

##@ Help
.PHONY: help clean FORCE
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
clean: ## Remove what was built here; the cache of cluster programs stays
	rm -rf bin dist

# Programs of our own: Go knows when they have to be built again.
bin/cluster bin/image: FORCE
	@go -C hack/$(@F) build -buildvcs=false -o "$(CURDIR)/$@" .
# Pinned tools, each in a module of its own.
bin/%: hack/tools/%/go.mod hack/tools/%/go.sum
	@echo "installing $*"; GOBIN="$(CURDIR)/bin" go -C hack/tools/$* install tool
	@touch $@
# Prometheus, and the tool that tests its rules. Of the ways to discover targets there is only DNS: the
# others are half of what there would be to build.
bin/prometheus bin/promtool: hack/tools/prometheus/go.mod hack/tools/prometheus/go.sum
	@echo "installing $(@F) (the first time about six minutes)"; GOBIN="$(CURDIR)/bin" go -C hack/tools/prometheus \
	  install -tags remove_all_sd,enable_dns_sd github.com/prometheus/prometheus/cmd/$(@F)
	@touch $@
