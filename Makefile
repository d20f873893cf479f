# Targets: make help. Only Go is needed for build, demo and test; the other
# targets check for what they need and say how to get it.

GO          ?= go
GOTOOL      := $(GO) tool -modfile=tools/gotools/go.mod
PYTHON      ?= python3
FUZZTIME    ?= 30s
BENCHTIME   ?= 1s
BUILDFLAGS  := -trimpath
ZOO         ?=
CPU         :=
DEVICE      := ./kernels/... ./interpreter/...
PACKAGES    := ./schema/... $(DEVICE) ./converter/... ./tools/...
ARM64_CPUS  := cortex-a53 cortex-a72 neoverse-n1
ARM_CPUS    := cortex-a7 cortex-a15
MODELS      ?=
ROUNDTRIP   ?= $(wildcard build/zoo/*.onnx)
NODETESTS   ?= /usr/share/libonnx-testdata/data/node
ORT_NODE    ?= onnxruntime-node@1.30.0
LLVM        ?= 19
CNN         := testdata/models/fashion_cnn_folded_op17.onnx

# The architectures that vet and staticcheck look at, and what make cross builds.
VET_ARCHS     := amd64 arm64 arm 386
CROSS_TARGETS := linux/amd64 linux/arm64 linux/arm linux/386 linux/riscv64 \
                 linux/ppc64le linux/s390x android/arm64 darwin/arm64 windows/amd64 js/wasm

# any,NAMES is a regular expression of the names, of all if there are none.
empty :=
any    = ^($(or $(subst $(empty) $(empty),|,$(strip $(1))),.*))$$

# need,COMMAND,PACKAGE stops with advice when a command is missing.
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: install Debian's package $(2)" >&2; exit 1; }

.PHONY: all build demo test test-race test-noasm test-386 test-arm64 test-arm test-arm-cpus test-isa test-large test-all \
        check generate fresh lint cross python-packages golden zoo test-zoo test-zoo-arm models test-models roundtrip conformance operators fuzz drill bench bench-ort bench-models onnxruntime-node bars performance layers bench-arm dist test-dist test-wasm test-other clean help

all: build test

help:
	@echo 'build      the tools, into bin/'
	@echo 'demo       convert a trained network and run it on an image'
	@echo 'test       all tests that need only Go'
	@echo 'test-all   test, and again: -race, noasm, 386, other instruction sets, arm64 and arm under qemu'
	@echo 'test-arm64, test-arm  tests under qemu; CPU=cortex-a53 for a processor, PACKAGES=./kernels/... for some'
	@echo 'test-arm-cpus  tests of kernels and interpreter under qemu on five ARM processors'
	@echo 'test-large tests that need gigabytes of memory'
	@echo 'check      generated files fresh, gofmt, vet, staticcheck, import rules, cross builds'
	@echo 'generate   write the generated files again (flatc, protoc)'
	@echo 'golden     train the networks and write the expected outputs again (Python)'
	@echo 'zoo        networks of the literature with random weights into build/zoo (Python); ZOO="quicknet ..." for some'
	@echo 'test-zoo   convert what build/zoo has and compare with ONNX Runtime'
	@echo 'test-zoo-arm  the same under qemu on five ARM processors, all bits as on this machine; ZOO="quicknet ...", CPU="cortex-a53 ..." for some'
	@echo 'models     well-known float and integer models into build/models, likewise; MODELS="resnet50 ..." for some'
	@echo 'test-models  convert what build/models has and compare with ONNX Runtime'
	@echo 'roundtrip  convert and export what build/zoo has, compare in ONNX Runtime (Python); ROUNDTRIP=FILES for some'
	@echo 'conformance  run the ONNX node tests of NODETESTS, a line for each operator; UPDATE=1 lists the refused ones again'
	@echo 'operators  write docs/operators.md again'
	@echo 'fuzz       every fuzzer for FUZZTIME=$(FUZZTIME)'
	@echo 'drill      break the code on purpose, one place at a time, and see each caught by its test'
	@echo 'bench      kernel benchmarks, with the share of the peak of this machine'
	@echo 'bench-ort  compare layers and the networks of build/zoo with ONNX Runtime (Node.js); ONLY=REGEXP for some'
	@echo 'bench-models  compare the models of build/models with ONNX Runtime; ONLY=REGEXP for some'
	@echo 'bars       shares of the peaks of this machine, allocations, two threads against one (needs build/zoo)'
	@echo 'performance  write the tables and the chart of docs/performance.md from the last bench-ort and bench-models'
	@echo 'layers     write the ONNX models of single layers again'
	@echo 'cross      build examples/embed for every target and print its size'
	@echo 'bench-arm  cycles of inner loops on ARM (llvm-mca), instructions and modelled time of networks (qemu); LLVM=22 for another version'
	@echo 'dist       archives of the programs for other systems, into build/dist, with checksums'
	@echo 'test-dist  run the example of the archives for ARM under qemu'
	@echo 'test-wasm  tests of the device side in WebAssembly (Node.js)'
	@echo 'test-other  the same on riscv64 and ppc64le under qemu; s390x, which is big-endian, refuses models'
	@echo 'clean      remove bin/ and build/'

# Without cgo programs are static and start half a millisecond sooner.
build:
	CGO_ENABLED=0 $(GO) build $(BUILDFLAGS) -o bin/ ./tools/... ./examples/...

demo: build
	@mkdir -p build
	bin/lce-convert $(CNN) -o build/fashion_cnn.lce
	bin/lce-run build/fashion_cnn.lce testdata/fashion/ankle_boot.npy --top 3 --labels testdata/fashion/labels.txt

test:
	$(GO) vet ./...
	$(GO) test ./...

test-race:
	$(GO) test -race -short ./...

test-noasm:
	$(GO) test -tags noasm ./...

test-386:
	GOARCH=386 $(GO) test ./...

# The same tests with fewer instruction sets, of those that the processor has.
test-isa:
	LCE_ISA=generic $(GO) test ./...
	@for isa in avx2 avx512; do \
		LCE_ISA=$$isa $(GO) run ./tools/lce-inspect examples/embed/fashion_cnn.lce >/dev/null || continue; \
		echo "LCE_ISA=$$isa"; LCE_ISA=$$isa $(GO) test ./interpreter/... ./kernels/... ./tools/... || exit 1; \
	done

# Under qemu-user a test cannot start the commands: TestScripts is left out. CPU names
# the processor, PACKAGES what is tested.
test-arm64:
	$(call need,qemu-aarch64-static,qemu-user-static)
	GOARCH=arm64 $(GO) test -short -skip TestScripts -exec 'qemu-aarch64-static $(CPU:%=-cpu %)' $(PACKAGES)

test-arm:
	$(call need,qemu-arm-static,qemu-user-static)
	GOARCH=arm GOARM=7 $(GO) test -short -skip TestScripts -exec 'qemu-arm-static $(CPU:%=-cpu %)' $(PACKAGES)

# By itself qemu is a processor with all that Arm has defined: of several kernels for the
# same thing it runs each, but it does not notice an instruction that an older one lacks.
test-arm-cpus:
	@for cpu in $(ARM64_CPUS); do echo "$$cpu"; $(MAKE) --no-print-directory test-arm64 CPU=$$cpu PACKAGES='$(DEVICE)' || exit 1; done
	@for cpu in $(ARM_CPUS); do echo "$$cpu"; $(MAKE) --no-print-directory test-arm CPU=$$cpu PACKAGES='$(DEVICE)' || exit 1; done

# Tests that need a few gigabytes of memory.
test-large:
	LCE_LARGE=1 $(GO) test -count=1 -run Large ./converter/...

test-all: test test-race test-noasm test-386 test-isa test-arm64 test-arm

check: fresh lint cross
	$(GO) test -run 'TestImportDirection|TestDeviceSideLinksLittle|TestThirdPartyIsComplete' .

generate:
	$(call need,flatc,flatbuffers-compiler)
	$(call need,protoc,protobuf-compiler)
	$(GO) generate ./...

# fresh writes the generated files again and fails if that changes any.
fresh: generate
	@git diff --exit-code -- '*/fb/*.go' '*.pb.go' '*_arm64.s' '*_arm.s' || { echo 'generated files are not fresh: commit what make generate wrote' >&2; exit 1; }

lint:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'not gofmt clean' >&2; exit 1; }
	@for arch in $(VET_ARCHS); do \
		echo "vet, staticcheck: $$arch"; \
		GOARCH=$$arch $(GO) vet ./... || exit 1; \
		$(GOTOOL) -n staticcheck >/dev/null || exit 1; \
		GOARCH=$$arch $$($(GOTOOL) -n staticcheck) ./... || exit 1; \
	done
	$(GO) vet -tags noasm ./...

cross:
	@mkdir -p build/cross
	@for target in $(CROSS_TARGETS); do \
		os=$${target%/*}; arch=$${target#*/}; out=build/cross/embed-$$os-$$arch; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch GOARM=7 $(GO) build $(BUILDFLAGS) -ldflags='-s -w' -o $$out ./examples/embed || exit 1; \
		printf '%-16s %s bytes\n' $$target $$(stat -c %s $$out); \
	done
	@size=$$(stat -c %s build/cross/embed-linux-arm64); \
	test $$size -le 5000000 || { echo "linux/arm64 has $$size bytes, more than 5000000" >&2; exit 1; }

python-packages:
	@$(PYTHON) -c 'import torch, onnx' || { echo "install Debian's packages python3-torch and python3-onnx, or set PYTHON" >&2; exit 1; }
	@$(PYTHON) -c 'import onnxruntime' || { echo 'install the Python package onnxruntime, or set PYTHON' >&2; exit 1; }

# Needs Debian's python3-torch, python3-onnx, libonnx-testdata and
# dataset-fashion-mnist, and the Python package onnxruntime.
golden: python-packages
	$(PYTHON) testdata/train/train.py --out testdata/models
	$(PYTHON) testdata/train/golden.py --models testdata/models --out testdata/fashion
	$(PYTHON) testdata/gen/nodetests.py
	$(PYTHON) testdata/gen/opcases.py
	$(PYTHON) testdata/gen/importer.py
	$(PYTHON) testdata/gen/importer_types.py
	$(PYTHON) testdata/gen/patterns.py

zoo: python-packages
	$(PYTHON) testdata/gen/zoo/zoo.py --out build/zoo $(ZOO)

test-zoo:
	LCE_ZOO=$(CURDIR)/build/zoo $(GO) test -count=1 -timeout 30m -run TestZoo -v ./tools/internal/e2e

# A line for each network and processor: how many bits and integers differ from this machine's.
test-zoo-arm:
	$(call need,qemu-aarch64-static,qemu-user-static)
	$(call need,qemu-arm-static,qemu-user-static)
	LCE_ZOO_ARM=$(CURDIR)/build/zoo $(GO) test -count=1 -timeout 180m -run 'TestZooARM/$(call any,$(ZOO))/$(call any,$(CPU))' -v ./tools/internal/e2e

models: python-packages
	$(PYTHON) testdata/gen/models/models.py --out build/models $(MODELS)

test-models:
	LCE_MODELS=$(CURDIR)/build/models $(GO) test -count=1 -timeout 60m -run 'TestModels|TestEveryModelIsListed' -v ./tools/internal/e2e

roundtrip: build
	@$(PYTHON) -c 'import onnx, onnxruntime' || { echo 'install the Python packages onnx and onnxruntime, or set PYTHON' >&2; exit 1; }
	$(PYTHON) testdata/gen/roundtrip.py --convert bin/lce-convert $(ROUNDTRIP)

conformance:
	@test -d $(NODETESTS) || { echo "$(NODETESTS) is missing: install Debian's package libonnx-testdata, or set NODETESTS" >&2; exit 1; }
	LCE_CONFORMANCE=$(NODETESTS) LCE_CONFORMANCE_UPDATE=$(UPDATE) $(GO) test -count=1 -run TestConformance -v ./tools/internal/e2e

operators:
	LCE_OPERATORS=1 $(GO) test -count=1 -run TestOperatorsPage ./converter/importer

fuzz:
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$pkg || exit 1; \
		done; \
	done

drill:
	LCE_DRILL=1 $(GO) test -count=1 -timeout 60m -run TestDrill ./tools/internal/drill

bench:
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) ./kernels/... ./interpreter/...

# Needs Debian's nodejs and npm. The scripts of the package would fetch libraries for
# graphics processors.
onnxruntime-node:
	$(call need,node,nodejs)
	$(call need,npm,npm)
	@mkdir -p build/bench-ort
	@test -d build/bench-ort/node_modules/onnxruntime-node || \
		npm install --prefix build/bench-ort --ignore-scripts --no-audit --no-fund $(ORT_NODE)

bench-ort: onnxruntime-node
	$(GO) run ./tools/bench-ort compare --only '$(ONLY)' --time $(BENCHTIME) --json build/bench-ort/result.json --markdown build/bench-ort/result.md

bench-models: onnxruntime-node
	$(GO) run ./tools/bench-ort models --only '$(ONLY)' --time $(BENCHTIME) --json build/bench-ort/models.json

bars:
	$(GO) build $(BUILDFLAGS) -o bin/bench-ort ./tools/bench-ort
	bin/bench-ort bars

performance:
	@test -f build/bench-ort/result.json || { echo 'build/bench-ort/result.json is missing: run make bench-ort' >&2; exit 1; }
	$(GO) run ./tools/bench-ort report build/bench-ort/result.json $(wildcard build/bench-ort/models.json)

layers:
	$(GO) run ./tools/bench-ort layers testdata/layers/layers.zip

# The networks are those of build/zoo that are there.
bench-arm: build
	$(call need,llvm-mca-$(LLVM),llvm-$(LLVM))
	$(call need,qemu-aarch64,qemu-user)
	$(call need,qemu-arm,qemu-user)
	$(call need,gcc,gcc)
	@mkdir -p build/bench-arm
	@for name in quicknet_small quicknet quicknet_large birealnet18 mobilenetv2; do \
		test ! -f build/zoo/$$name.onnx || bin/lce-convert -q build/zoo/$$name.onnx -o build/bench-arm/$$name.lce || exit 1; \
	done
	bin/bench-arm --mca llvm-mca-$(LLVM) --objdump llvm-objdump-$(LLVM) $$(ls build/bench-arm/*.lce 2>/dev/null)

dist:
	$(GO) run ./tools/internal/dist -o build/dist

# The example says the same on every machine.
test-dist:
	$(call need,qemu-aarch64-static,qemu-user-static)
	$(call need,qemu-arm-static,qemu-user-static)
	$(GO) run ./tools/internal/dist -o build/test-dist linux/arm64 linux/arm
	cd build/test-dist && sha256sum -c SHA256SUMS && for arch in arm64 arm; do tar xzf lce-linux-$$arch.tar.gz || exit 1; done
	qemu-aarch64-static -cpu cortex-a53 build/test-dist/lce-linux-arm64/embed testdata/fashion/ankle_boot.png | grep '^Ankle boot'
	qemu-arm-static -cpu cortex-a7 build/test-dist/lce-linux-arm/embed testdata/fashion/ankle_boot.png | grep '^Ankle boot'

test-wasm:
	$(call need,node,nodejs)
	GOOS=js GOARCH=wasm $(GO) test -short -exec "$$($(GO) env GOROOT)/lib/wasm/go_js_wasm_exec" ./schema ./interpreter ./kernels/bits ./kernels/bgemm

# Processors without kernels of their own. A big-endian one refuses models.
test-other:
	$(call need,qemu-riscv64-static,qemu-user-static)
	GOARCH=riscv64 $(GO) test -short -exec qemu-riscv64-static ./schema $(DEVICE)
	GOARCH=ppc64le $(GO) test -short -exec qemu-ppc64le-static ./schema $(DEVICE)
	GOARCH=s390x $(GO) test -run TestBigEndianMachine -exec qemu-s390x-static ./schema

clean:
	rm -rf bin build
