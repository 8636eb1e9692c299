# SPDX-License-Identifier: Apache-2.0
# Countersign.  `make demo` shows it at work, `make check` tests it; both install what they need (Debian 12).

PREFIX  ?= /usr
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
VERSION := 0.1.0

# As many jobs as there are processors, where nobody said otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

# What `make help` says; the rest of this file is how.
define HELP
make              build everything into $(BUILD)/ (installs missing Debian packages: as root, or by sudo)
make demo         show the bot at work with a private mail server on the loopback; KEEP=1 leaves it running
make check        unit and whole-program tests under ASan and UBSan; ONLY=word runs those whose name holds it
make lint         what a machine can find: format, walls, warnings of two compilers, analysers, man pages, licences
make fuzz         each fuzzer for FUZZ_SECONDS=20; ONLY=word as above
make bench        the figures, each as a ratio to a floor measured in the same run
make format       clang-format on all C files
make deps         install all packages that building, testing and linting need
make install      into DESTDIR=, PREFIX=/usr; `make uninstall` takes it away again
make clean        remove the build folders
Options: V=1 shows commands whole, CC=clang, BUILD=folder, SANITIZE=1.
endef

bindir      = $(PREFIX)/bin
libexecdir  = $(PREFIX)/libexec/countersign
datadir     = $(PREFIX)/share/countersign
mandir      = $(PREFIX)/share/man
systemddir  = $(PREFIX)/lib/systemd/system
sysusersdir = $(PREFIX)/lib/sysusers.d
tmpfilesdir = $(PREFIX)/lib/tmpfiles.d

PACKAGES_BUILD = build-essential pkg-config libjansson-dev libsqlite3-dev libsystemd-dev libssl-dev libfyaml-dev \
                 libical-dev libetpan-dev libgmime-3.0-dev libxml2-dev libcurl4-gnutls-dev libgnutls28-dev libseccomp-dev libcsv-dev \
                 libwebsockets-dev libuv1-dev libarchive-dev tzdata
PACKAGES_RIG   = dovecot-core dovecot-imapd dovecot-lmtpd dovecot-submissiond openssl python3 procps util-linux
PACKAGES_TEST  = libcmocka-dev python3-license-expression golang-go golang-golang-x-mod-dev jq $(PACKAGES_RIG)
PACKAGES_LINT  = clang clang-format libclang-rt-14-dev cppcheck shellcheck reuse mandoc git systemd

# --- flags -----------------------------------------------------------------------------------------------------------

WARN = -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Werror
HARD = -fPIE -fstack-protector-strong -fstack-clash-protection $(CET)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

supported = $(shell $(CC) $(1) -Werror -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(1))
CET = $(eval CET := $(call supported,-fcf-protection=full))$(CET)

ifdef FUZZ
OPT  = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK += -fsanitize=address,undefined
else ifdef SANITIZE
OPT  = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK += -fsanitize=address,undefined
else
OPT  = -O2 -g -D_FORTIFY_SOURCE=3
endif

CPPFLAGS += -I. -I$(BUILD) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
            -DLIBEXECDIR='"$(libexecdir)"' -DDATADIR='"$(datadir)"'
CFLAGS   += -std=gnu17 $(OPT) $(WARN) $(HARD)

# Debian's libetpan.pc links without PIE and drags in flags that clang warns of: name the library alone.
LIBS_base   = -ljansson -lcrypto
LIBS_store  = -lsqlite3
LIBS_bot    = -lsystemd -lfyaml -lical -lcsv -lwebsockets -larchive
LIBS_anchor = -lcurl-gnutls -lseccomp
LIBS_imap   = -letpan -lgnutls -lcurl-gnutls -lseccomp
LIBS_mime   = $(shell pkg-config --libs gmime-3.0 libxml-2.0) -lseccomp
LIBS_signer = -lseccomp
LIBS_slack  = -lwebsockets -luv -lcurl-gnutls -lseccomp
LIBS_smtp   = $(shell pkg-config --libs gmime-3.0) -lcurl-gnutls -lseccomp
CFLAGS_mime = $(shell pkg-config --cflags gmime-3.0 libxml-2.0 | sed 's/-I/-isystem /g')
CFLAGS_bench = $(CFLAGS_smtp)
CFLAGS_smtp = $(shell pkg-config --cflags gmime-3.0 | sed 's/-I/-isystem /g')

# `make V=1` shows the commands whole; otherwise one short line for each.
Q = $(if $(V),,@echo '  $(notdir $@)';)

# --- what is built ---------------------------------------------------------------------------------------------------

ADAPTERS := anchor imap mime signer slack smtp
PROGRAMS := countersign $(ADAPTERS)

.PHONY: all help
all: $(PROGRAMS:%=$(BUILD)/%)
help:
	@: $(info $(HELP))

objects = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c,$(wildcard $(1)/*.c)))
archive = rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/base.a: $(call objects,base)
	@$(archive)
$(BUILD)/store.a: $(call objects,store) $(BUILD)/store/schema.o
	@$(archive)
$(BUILD)/bot.a: $(call objects,bot) $(BUILD)/bot/bundle_templates.o
	@$(archive)
$(BUILD)/adapters.a: $(call objects,adapters)
	@$(archive)
$(BUILD)/anchor.a: $(call objects,adapters/anchor)
	@$(archive)
$(BUILD)/imap.a: $(call objects,adapters/imap)
	@$(archive)
$(BUILD)/mime.a: $(call objects,adapters/mime)
	@$(archive)
$(BUILD)/signer.a: $(call objects,adapters/signer)
	@$(archive)
$(BUILD)/smtp.a: $(call objects,adapters/smtp)
	@$(archive)
$(BUILD)/slack.a: $(call objects,adapters/slack)
	@$(archive)

CORE = $(BUILD)/bot.a $(BUILD)/store.a $(BUILD)/base.a
LIBS_core = $(LIBS_bot) $(LIBS_store) $(LIBS_base)

$(BUILD)/countersign: $(BUILD)/bot/main.o $(CORE)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_core)
$(ADAPTERS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/adapters/%/main.o $(BUILD)/%.a $(BUILD)/adapters.a $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_$*) $(LIBS_base)

# The schema is one commented SQL file; the program carries it as a string.
$(BUILD)/store/schema.c: store/schema.sql
	@mkdir -p $(@D)
	@{ echo '#include "store/schema.h"'; echo 'const char schema_sql[] ='; \
	   sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $<; echo ';'; } >$@
$(BUILD)/store/schema.o: $(BUILD)/store/schema.c | deps-build
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# So are the texts of a bundle: whoever checks one writes them again, on a machine where nothing else is installed.
# BUNDLE_WRITER tells which program would write the same.
BUNDLE_TEXTS = $(sort $(wildcard templates/bundle/*))
BUNDLE_WORDING = $(BUNDLE_TEXTS) $(addprefix bot/,bundle_summary.c history.c layout.c view.c)
$(BUILD)/bot/bundle_templates.c: $(BUNDLE_WORDING) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "bot/bundle_templates.h"'; echo 'const struct bundle_template bundle_templates[] = {'; \
	   for f in $(BUNDLE_TEXTS); do echo "{ \"$${f##*/}\","; sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' "$$f"; echo '},'; done; \
	   echo '{ 0 } };'; echo "const char bundle_writer[] = VERSION \"-$$(cat $(BUNDLE_WORDING) | sha256sum | cut -c1-12)\";"; } >$@
$(BUILD)/bot/bundle_templates.o: $(BUILD)/bot/bundle_templates.c | deps-build
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(notdir $(@D))) -MMD -MP -c -o $@ $<

# --- tests -----------------------------------------------------------------------------------------------------------

# A unit test is one program, tests/unit/NAME_test.c; a fuzzer one, tests/fuzz/NAME_fuzz.c.  A name that begins with an
# adapter's links that adapter, any other the core.
UNITS   := $(patsubst %.c,%,$(wildcard tests/unit/*_test.c))
FUZZERS := $(patsubst %.c,%,$(wildcard tests/fuzz/*_fuzz.c))
SYSTEM   = $(wildcard tests/system/*.sh tests/system/*.py)
adapter_of = $(firstword $(foreach a,$(ADAPTERS),$(if $(filter $(a)_%,$(notdir $(1))),$(a))))
archives_of = $(if $(call adapter_of,$(1)),$(BUILD)/$(call adapter_of,$(1)).a $(BUILD)/adapters.a $(BUILD)/base.a,$(CORE))
libs_of = $(if $(call adapter_of,$(1)),$(LIBS_$(call adapter_of,$(1))) $(LIBS_base),$(LIBS_core))

.SECONDEXPANSION:
$(UNITS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/%.o $$(call archives_of,$$*)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(call libs_of,$*) -lcmocka
$(FUZZERS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/%.o $$(call archives_of,$$*)
	$(Q)$(CC) $(CFLAGS) $(LINK) -fsanitize=fuzzer -o $@ $^ $(call libs_of,$*)
$(BUILD)/tests/spdx/normal: %: %.o $(CORE)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_core)
$(UNITS:%=$(BUILD)/%.o) $(FUZZERS:%=$(BUILD)/%.o): CPPFLAGS += -DSOURCE_DIR='"$(CURDIR)"'
$(BUILD)/tests/unit/mime_%.o $(BUILD)/tests/fuzz/mime_%.o: CPPFLAGS += $(CFLAGS_mime)
$(BUILD)/tests/unit/smtp_%.o $(BUILD)/tests/fuzz/smtp_%.o: CPPFLAGS += $(CFLAGS_smtp)

# What tests/system/kill_*.sh kill, and with what.
KILL = $(addprefix $(BUILD)/tests/kill/,append backup erase replay rotate killshim.so)
$(addprefix $(BUILD)/tests/kill/,append backup erase replay): %: %.o $(BUILD)/store.a $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_store) $(LIBS_base)
$(BUILD)/tests/kill/rotate: %: %.o $(BUILD)/bot/seed_file.o $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_base)
$(BUILD)/tests/kill/%.so: tests/kill/%.c | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -fsanitize=%,$(CFLAGS)) -fPIC -shared -o $@ $<

# What tests/system/interop.py sets against Go and OpenSSL.
INTEROP = $(BUILD)/tests/interop/notes
$(INTEROP): %: %.o $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_base)

# What tests/system/tampering.py verifies by.
TAMPER = $(BUILD)/tests/tamper/verify
$(TAMPER): %: %.o $(CORE)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_core)

# What makes the logs of tests/system/proofs.py.
SEAL = $(BUILD)/tests/proofs/seal
$(SEAL): %: %.o $(BUILD)/store.a $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_store) $(LIBS_base)

# The chat that tests and the demonstration run against.
EMULATOR = $(BUILD)/tests/slack/emulator
$(BUILD)/tests/slack/emulator: $(BUILD)/tests/slack/main.o $(call objects,tests/slack) $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lwebsockets -lssl $(LIBS_base)

.PHONY: check suite units demo bench lint format fuzz
check: deps-test
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=build/asan suite

# As `check`, in whatever BUILD is (so `make suite` tests what is shipped).
suite: all $(UNITS:%=$(BUILD)/%) $(KILL) $(SEAL) $(TAMPER) $(INTEROP) $(BUILD)/tests/spdx/normal $(EMULATOR)
	@tests/run $(BUILD) $(SYSTEM) $(UNITS:%=$(BUILD)/%)

units: $(UNITS:%=$(BUILD)/%)
	@tests/run $(BUILD) $^

demo: all deps-rig $(EMULATOR)
	@tests/demo/demo.py --build $(BUILD) $(if $(KEEP),--keep)

# Never of a sanitized build: what is measured is what is shipped.
BENCH = $(addprefix $(BUILD)/tests/bench/,append bare chat_floor fill floor judge verify synccount.so watch.so)
$(addprefix $(BUILD)/tests/bench/,append fill verify): %: %.o $(BUILD)/store.a $(BUILD)/base.a
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_store) $(LIBS_base)
$(BUILD)/tests/bench/judge: %: %.o $(CORE)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS_core)
$(BUILD)/tests/bench/floor: %: %.o
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -letpan $(LIBS_smtp)
$(BUILD)/tests/bench/bare: %: %.o
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lsqlite3 -lcrypto
$(BUILD)/tests/bench/chat_floor: %: %.o
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lwebsockets -ljansson -lsqlite3
$(BUILD)/tests/bench/%.so: tests/bench/%.c | deps-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

bench: all deps-rig $(BENCH) $(EMULATOR)
	@BUILD=$(BUILD) tests/bench/run $(ONLY)

lint: deps-build deps-test deps-lint
	@tests/lint

format: deps-lint
	@clang-format -i $$(git ls-files '*.c' '*.h')

FUZZ_SECONDS ?= 20
fuzz: deps-lint
	@$(MAKE) --no-print-directory CC=clang FUZZ=1 BUILD=build/fuzz $(FUZZERS:%=build/fuzz/%)
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS)

# --- packages --------------------------------------------------------------------------------------------------------

.PHONY: deps deps-build deps-test deps-rig deps-lint
deps: deps-build deps-test deps-lint
deps-build: ; @tests/packages $(PACKAGES_BUILD)
deps-test:  ; @tests/packages $(PACKAGES_TEST)
deps-rig:   ; @tests/packages $(PACKAGES_RIG)
deps-lint:  ; @tests/packages $(PACKAGES_LINT)

# --- install ---------------------------------------------------------------------------------------------------------

MAN       = $(wildcard man/*.[1578])
UNITS_SYSTEMD = $(wildcard systemd/*.service systemd/*.timer)
TEMPLATES = $(shell find templates -type f ! -name import ! -path 'templates/bundle/*')

# Where a file goes, as pairs SOURCE:TARGET:MODE; `install` and `uninstall` read the same list.
FILES = $(BUILD)/countersign:$(bindir)/countersign:755 \
        $(foreach a,$(ADAPTERS),$(BUILD)/$(a):$(libexecdir)/$(a):755) \
        $(foreach t,$(TEMPLATES),$(t):$(datadir)/$(t):644) \
        $(foreach m,$(MAN),$(m):$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m)):644) \
        $(foreach u,$(UNITS_SYSTEMD),$(u):$(systemddir)/$(notdir $(u)):644) \
        systemd/sysusers.conf:$(sysusersdir)/countersign.conf:644 \
        systemd/tmpfiles.conf:$(tmpfilesdir)/countersign.conf:644

.PHONY: install uninstall clean
install: all
	@for f in $(FILES); do IFS=:; set -- $$f; unset IFS; install -D -m "$$3" "$$1" "$(DESTDIR)$$2" || exit 1; done
	@sed -i 's,/usr/bin/countersign,$(bindir)/countersign,' $(patsubst systemd/%,'$(DESTDIR)$(systemddir)/%',$(filter %.service,$(UNITS_SYSTEMD)))
	@echo "installed below $(DESTDIR)$(PREFIX); next: systemd-sysusers && systemd-tmpfiles --create, then countersign(1)"

uninstall:
	@for f in $(FILES); do IFS=:; set -- $$f; unset IFS; rm -f "$(DESTDIR)$$2"; done
	@for d in $(libexecdir) $(datadir); do find "$(DESTDIR)$$d" -depth -type d -empty -delete 2>/dev/null; done; true

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
