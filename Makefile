# SPDX-License-Identifier: Apache-2.0
# Countersign.  `make demo` shows it at work, `make check` tests it; both install what they need (Debian 12).

PREFIX  ?= /usr
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
VERSION := 0.1.0

bindir      = $(PREFIX)/bin
libexecdir  = $(PREFIX)/libexec/countersign
datadir     = $(PREFIX)/share/countersign
mandir      = $(PREFIX)/share/man
systemddir  = $(PREFIX)/lib/systemd/system
sysusersdir = $(PREFIX)/lib/sysusers.d
tmpfilesdir = $(PREFIX)/lib/tmpfiles.d

PACKAGES_BUILD = build-essential pkg-config libjansson-dev libsqlite3-dev libsystemd-dev libssl-dev libfyaml-dev \
                 libical-dev libetpan-dev libgmime-3.0-dev libxml2-dev libcurl4-gnutls-dev libgnutls28-dev libseccomp-dev
PACKAGES_TEST  = libcmocka-dev dovecot-core dovecot-imapd dovecot-lmtpd dovecot-submissiond openssl python3 procps \
                 clang libclang-rt-14-dev
PACKAGES_LINT  = clang-format cppcheck reuse mandoc git systemd

# --- flags -----------------------------------------------------------------------------------------------------------

WARN = -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Werror
HARD = -fPIE -fstack-protector-strong -fstack-clash-protection $(call supported,-fcf-protection=full)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

supported = $(shell $(CC) $(1) -Werror -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(1))

ifdef SANITIZE
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
LIBS_bot    = -lsystemd -lfyaml -lical
LIBS_imap   = -letpan -lgnutls -lcurl-gnutls -lseccomp
LIBS_mime   = $(shell pkg-config --libs gmime-3.0 libxml-2.0) -lseccomp
LIBS_smtp   = $(shell pkg-config --libs gmime-3.0) -lcurl-gnutls -lseccomp
CFLAGS_mime = $(shell pkg-config --cflags gmime-3.0 libxml-2.0 | sed 's/-I/-isystem /g')
CFLAGS_smtp = $(shell pkg-config --cflags gmime-3.0 | sed 's/-I/-isystem /g')

# `make V=1` shows the commands whole; otherwise one short line for each.
Q = $(if $(V),,@echo '  $(notdir $@)';)

# --- what is built ---------------------------------------------------------------------------------------------------

ADAPTERS := imap mime smtp
PROGRAMS := countersign $(ADAPTERS)

.PHONY: all deps deps-build deps-test deps-lint check demo bench lint format fuzz install clean
all: $(PROGRAMS:%=$(BUILD)/%)

objects = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c,$(wildcard $(1)/*.c)))
archive = rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/base.a: $(call objects,base)
	@$(archive)
$(BUILD)/store.a: $(call objects,store) $(BUILD)/store/schema.o
	@$(archive)
$(BUILD)/bot.a: $(call objects,bot)
	@$(archive)
$(BUILD)/adapters.a: $(call objects,adapters)
	@$(archive)
$(BUILD)/imap.a: $(call objects,adapters/imap)
	@$(archive)
$(BUILD)/mime.a: $(call objects,adapters/mime)
	@$(archive)
$(BUILD)/smtp.a: $(call objects,adapters/smtp)
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
$(BUILD)/store/schema.o: $(BUILD)/store/schema.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(notdir $(@D))) -MMD -MP -c -o $@ $<

# --- tests -----------------------------------------------------------------------------------------------------------

# A unit test is one program, tests/unit/NAME_test.c; what it links beyond the core is named here by the adapter's name.
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*_test.c))
unit_adapter = $(firstword $(foreach a,$(ADAPTERS),$(if $(filter $(a)_%,$(1)),$(a))))

.SECONDEXPANSION:
$(UNITS:%=$(BUILD)/tests/unit/%): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o \
		$$(if $$(call unit_adapter,$$*),$(BUILD)/$$(call unit_adapter,$$*).a $(BUILD)/adapters.a $(BUILD)/base.a,$(CORE))
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(if $(call unit_adapter,$*),$(LIBS_$(call unit_adapter,$*)) $(LIBS_base),$(LIBS_core)) -lcmocka
$(BUILD)/tests/unit/%_test.o: CPPFLAGS += -DSOURCE_DIR='"$(CURDIR)"'
$(BUILD)/tests/unit/mime_%.o: CPPFLAGS += $(CFLAGS_mime)
$(BUILD)/tests/unit/smtp_%.o: CPPFLAGS += $(CFLAGS_smtp)

.PHONY: units
units: $(UNITS:%=$(BUILD)/tests/unit/%)
	@for t in $^; do echo "== $$t"; $$t || exit 1; done

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
