# One verb per chore; each does what it says and nothing else.
#
#   make              everything, into dist/                make test     every test, with its set-up
#   make demo         train on a real shop, ask from PHP    make bench    reco beside its peers
#   make shop         a shop in MariaDB, php-fpm and nginx: http://127.0.0.1:8080
#   make install      copy dist/ below PREFIX (/usr/local)  make fuzz     hostile models and tables, SECONDS each
#   make format       format the Swift sources              make clean    remove what was built

PREFIX ?= /usr/local
SECONDS ?= 1200

VERSION := $(shell sed -n 's/.*recoVersion.*"\(.*\)".*/\1/p' Sources/RecoKit/Support/Version.swift)
SONAME := libreco.so.$(firstword $(subst ., ,$(VERSION)))

# Apart from .build, so that a plain `swift build` or `swift test` in between does not start all over again.
BUILD := $(CURDIR)/.build-dist
BLAS := $(BUILD)/blas
SWIFT_BUILD := swift build -c release --static-swift-stdlib --scratch-path $(BUILD) --quiet -Xswiftc -use-ld=lld
SOURCES := Package.swift include/reco.h $(shell find Sources -type f -o -type d)

all: dist/lib/libreco.so dist/bin/reco dist/include/reco.h dist/include/reco_ffi.h dist/lib/pkgconfig/reco.pc

$(BLAS)/flags: scripts/static-blas.sh Sources/CBLAS/pin.c
	@scripts/static-blas.sh $(BLAS)

dist/lib/$(SONAME): $(SOURCES) $(BLAS)/flags scripts/link-library.sh
	@echo "building $@"
	@rm -f $(BUILD)/release/libRecoC.a # objects of deleted files would stay in it
	@$(SWIFT_BUILD) --product RecoC
	@scripts/link-library.sh $(BUILD)/release/libRecoC.a $(BLAS) $@

dist/lib/libreco.so: dist/lib/$(SONAME)
	@ln -sf $(SONAME) $@

# After the library, for two builds at once would only wait for each other.
dist/bin/reco: $(SOURCES) $(BLAS)/flags | dist/lib/$(SONAME)
	@echo "building $@"
	@$(SWIFT_BUILD) --product reco $(addprefix -Xlinker ,$(shell cat $(BLAS)/flags 2>/dev/null))
	@mkdir -p $(@D)
	@strip -o $@ $(BUILD)/release/reco

dist/include/reco.h: include/reco.h
	@mkdir -p $(@D)
	@cp $< $@

dist/include/reco_ffi.h: include/reco.h scripts/generate-ffi-header
	@mkdir -p $(@D)
	@scripts/generate-ffi-header $< >$@.new
	@mv $@.new $@

dist/lib/pkgconfig/reco.pc: include/reco.pc.in Sources/RecoKit/Support/Version.swift
	@mkdir -p $(@D)
	@sed 's/@VERSION@/$(VERSION)/' $< >$@

# The header that PHP preloads names the library by the path that it will have, wherever DESTDIR stages it.
TARGET = $(DESTDIR)$(PREFIX)
install: all
	install -d $(TARGET)/lib/pkgconfig $(TARGET)/include $(TARGET)/bin $(TARGET)/share/php/reco/bin
	install -m 644 dist/lib/$(SONAME) $(TARGET)/lib
	ln -sf $(SONAME) $(TARGET)/lib/libreco.so
	install -m 644 dist/lib/pkgconfig/reco.pc $(TARGET)/lib/pkgconfig
	install -m 644 dist/include/reco.h $(TARGET)/include
	scripts/generate-ffi-header include/reco.h $(PREFIX)/lib/$(SONAME) >$(TARGET)/include/reco_ffi.h
	install -m 755 dist/bin/reco $(TARGET)/bin
	install -m 644 php/RecoFFI.php php/composer.json $(TARGET)/share/php/reco
	cd php && find src -name '*.php' -exec install -D -m 644 {} $(abspath $(TARGET))/share/php/reco/{} \;
	install -m 755 php/bin/reco-doctor $(TARGET)/share/php/reco/bin
	ln -sf ../share/php/reco/bin/reco-doctor $(TARGET)/bin/reco-doctor

dependencies:
	@scripts/install-dependencies.sh

# The engine compiles on one processor for minutes; what stands before this goes on beside it, and what goes wrong there is
# found out, and told, by whoever needs it.
BUILD_BESIDE = $(MAKE) -s --no-print-directory all; made=$$?; wait; exit $$made

# The engine that fuzzers look into takes as long to compile; Spark is half a gigabyte to fetch.
test: dependencies
	@+scripts/fuzz.sh build >/dev/null 2>&1 & integrations/spark/test.sh .build-dist/spark prepare >/dev/null 2>&1 & \
	$(BUILD_BESIDE)
	@scripts/test.sh

sanitize: dependencies
	@$(MAKE) -s --no-print-directory all
	@scripts/test.sh sanitize

demo: export DEMO_STARTED := $(shell date +%s)
demo: dependencies
	@scripts/demo-data.sh $(or $(SHOP),real) >/dev/null & $(BUILD_BESIDE)
	@scripts/demo.sh

shop: export SHOP_STARTED := $(shell date +%s)
shop: dependencies
	@scripts/demo-data.sh real >/dev/null & $(BUILD_BESIDE)
	@examples/shop/start

bench: all
	@Benchmarks/run

fuzz:
	@scripts/fuzz.sh $(SECONDS)

format:
	@swift format --in-place --parallel --recursive Package.swift Sources Tests examples

check-format:
	@scripts/check-format

clean:
	rm -rf .build .build-* dist

.PHONY: all install dependencies test sanitize demo shop bench fuzz format check-format clean
