// SPDX-License-Identifier: Apache-2.0
#include "bot/catalogue.h"

#include <stdlib.h>

#include "bot/catalogue_parts.h"

int64_t catalogue_version(const struct catalogue *c)
{
	return c->version;
}

const char *catalogue_name(const struct catalogue *c)
{
	return c->name;
}

const char *catalogue_text(const struct catalogue *c)
{
	return c->text;
}

const json_t *catalogue_facts(const struct catalogue *c)
{
	return c->facts;
}

const json_t *catalogue_types(const struct catalogue *c)
{
	return c->types_view;
}

const struct escalation *catalogue_escalation(const struct catalogue *c)
{
	return &c->escalation;
}

const struct hours *catalogue_hours(const struct catalogue *c)
{
	return c->hours;
}

const struct retention *catalogue_retention(const struct catalogue *c)
{
	return &c->retention;
}

void catalogue_free(struct catalogue **catalogue)
{
	struct catalogue *c = *catalogue;

	if (!c)
		return;
	for (size_t i = 0; i < c->type_count; i++) {
		json_decref(c->types[i].view);
		free(c->types[i].needs);
	}
	for (size_t i = 0; i < c->check_count; i++)
		json_decref(c->checks[i].finding);
	free(c->types);
	free(c->checks);
	free(c->thresholds);
	free(c->routes);
	conditions_free(&c->conditions);
	hours_free(&c->hours);
	json_decref(c->types_view);
	json_decref(c->currencies);
	json_decref(c->constants);
	json_decref(c->families);
	json_decref(c->facts);
	json_decref(c->root);
	free(c->text);
	free(c);
	*catalogue = NULL;
}
