# Two commands: make run, make test. Everything else is a part of them or a tool beside them.

SHELL := /bin/sh
BIN := bin/fangyu
GO_SOURCES := $(shell find cmd api boundary gazetteer geo internal migrations -name '*.go' -not -path '*/node_modules/*' 2>/dev/null)
EMBEDDED := api/openapi.yaml $(wildcard migrations/*.sql) $(wildcard gazetteer/*.csv gazetteer/*.gen.tsv gazetteer/*.gen.txt)
PAGE_SOURCES := $(shell find api/web/src api/web/public -type f 2>/dev/null) $(wildcard api/web/vite.*.ts) api/web/package.json api/web/tsconfig.json
LISTEN ?= 127.0.0.1:8080

.PHONY: run test check e2e custody soak bench build pages demo-data setup setup-test sbom reproducible clean help

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: setup build demo-data ## install what is missing, build, load the demo once, serve on 127.0.0.1:8080
	@exec $(BIN) serve --demo --listen $(LISTEN)

test: setup-test build demo-data ## every test, against real PostGIS, GDAL and Chromium
	go run ./internal/pgtest/hold -- go test -p 2 -timeout 18m ./cmd/fangyu ./...

check: build ## vet, staticcheck, gofumpt, TypeScript, modules as published, known vulnerabilities
	go mod verify
	go vet ./...
	go tool staticcheck ./...
	@unformatted=$$(go tool gofumpt -l cmd api boundary gazetteer geo internal migrations | grep -v node_modules || true); \
	if [ -n "$$unformatted" ]; then echo "gofumpt wants to change:"; echo "$$unformatted"; exit 1; fi
	cd api/web && npm run check --silent
	@timeout 60 go tool govulncheck -scan module >/dev/null 2>&1; case $$? in \
	0|3) go tool govulncheck ./... ;; \
	*) echo "govulncheck: the vulnerability database cannot be reached from here; skipped" ;; esac

sbom: build ## the modules in the binary with their digests, in bin/fangyu.sbom
	go version -m $(BIN) > $(BIN).sbom
	@echo "$(BIN).sbom: $$(grep -c '	dep	' $(BIN).sbom) modules"

reproducible: pages ## build twice from nothing and compare the binaries
	@first=$$(mktemp) && second=$$(mktemp) && trap 'rm -f "$$first" "$$second"' EXIT && \
	go build -trimpath -o "$$first" ./cmd/fangyu && go build -a -trimpath -o "$$second" ./cmd/fangyu && \
	cmp "$$first" "$$second" && sha256sum < "$$first"

e2e: setup-test build demo-data ## every browser test, those too that are left out of every run
	FANGYU_E2E=all go run ./internal/pgtest/hold -- go test -count 1 -timeout 40m -run TestTheMainJob ./cmd/fangyu

custody: setup-test build ## custody in the small sizes of its table: some hundred kills, cuts and full disks (10 to 20 minutes)
	FANGYU_SOAK=small go run ./internal/pgtest/hold -- go test -count 1 -timeout 2h -v -run 'PowerLoss|TestCustody|TestAFullDisk' ./internal/vault ./cmd/fangyu

soak: setup-test build ## what takes too long for every run: a million queries made at random; custody in its large sizes (FANGYU_SEED); every role at every route
	FANGYU_STRINGS=1000000 go run ./internal/pgtest/hold -- go test -run TestQueriesMadeAtRandom -timeout 60m ./api
	FANGYU_SOAK=1 go run ./internal/pgtest/hold -- go test -count 1 -timeout 12h -v -run 'PowerLoss|TestCustody|TestAFullDisk|TestNoTextBecomesAStatement|TestMatrix' ./internal/vault ./cmd/fangyu ./api

bench: setup-test build demo-data ## figures beside their peers: import, export, ledger, suggest among 665,000 names, box request, GPX, topology
	go run ./internal/pgtest/hold -- go test -run '^$$' -bench . -benchtime 1x ./gazetteer/gazsql ./internal/ledger
	go test -run '^$$' -bench . -benchtime 1x -timeout 40m ./cmd/fangyu
	go run ./internal/pgtest/hold -- go test -run '^$$' -bench . ./api ./geo/...  ./boundary/...

build: pages $(BIN) ## the pages and the one binary

$(BIN): $(GO_SOURCES) $(EMBEDDED) go.mod go.sum api/web/dist/.built
	go build -trimpath -o $@ ./cmd/fangyu

pages: api/web/dist/.built

api/web/node_modules/.stamp: api/web/package-lock.json
	cd api/web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

api/web/dist/.built: api/web/node_modules/.stamp $(PAGE_SOURCES) api/openapi.yaml
	cd api/web && npm run build --silent
	@touch $@

demo-data: cmd/fangyu/demo/node_modules/.stamp

cmd/fangyu/demo/node_modules/.stamp: cmd/fangyu/demo/package-lock.json
	cd cmd/fangyu/demo && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

setup:
	@internal/setup/packages.sh run

setup-test:
	@internal/setup/packages.sh test

clean: ## remove what was built; the data stays
	rm -rf bin api/web/node_modules api/web/dist/desk api/web/dist/field api/web/dist/.built cmd/fangyu/demo/node_modules
