// SPDX-License-Identifier: Apache-2.0
// Amounts as people write them: "12,500.50 EUR", "EUR 12.500,50", "$1.2m", "12 500 €".
#ifndef BOT_FACT_MONEY_H
#define BOT_FACT_MONEY_H

#include <stdint.h>

#include "base/err.h"

#define AMOUNT_TEXT 24
#define CURRENCY_TEXT 4

// Into a plain decimal with two decimals or none ("12500.50") and an ISO 4217 code in upper case.  -1: no or several
// numbers, no or an unknown currency, a fraction of a cent, a negative amount, more than 10^12.  A remark without
// digits is let pass
// ("per year").
int money_read(const char *words, char amount[AMOUNT_TEXT], char currency[CURRENCY_TEXT], struct err *e);

// A number with thousands and decimals marked in either fashion, and "k", "m", "thousand" or the like behind it, in
// millionths; steps *p behind it.  "1.500" is fifteen hundred, "1.5" and "1.500k" are not.  -1 when *p is none, or it
// is more than 10^12.
int number_read(const char **p, int64_t *millionths);

#endif
