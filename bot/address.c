// SPDX-License-Identifier: Apache-2.0
#include "bot/address.h"

#include <string.h>

#include "base/text.h"

char *address_normal(const char *address)
{
	return text_lower(text_copy(address));
}

bool address_same(const char *a, const char *b)
{
	return text_same(a, b);
}

const char *address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at && at > address && at[1] ? at + 1 : NULL;
}
