// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_join.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"

#define NAMED_MAX 3 // components that a sentence names
#define TAIL_MAX sizeof " and 200 more"

char *components_names(const json_t *components)
{
	_json_ json_t *different = json_array();
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	json_t *component, *name;
	size_t i, count;

	json_array_foreach(components, i, component)
		if (!json_has_str(different, json_str(component, "component")))
			json_add_str(different, json_str(component, "component"));
	count = json_array_size(different);
	json_array_foreach(different, i, name) {
		if (all.len + json_string_length(name) + 2 + TAIL_MAX > all.max) {
			buf_printf(&all, " and %zu more", count - i);
			break;
		}
		buf_printf(&all, "%s%s", i ? ", " : "", json_string_value(name));
	}
	return buf_steal(&all);
}

// Says which components have no licence; 0 when all have one.
static int check_given(const json_t *components, struct err *e)
{
	_buf_ struct buf names = BUF(800);
	json_t *component;
	size_t i, lacking = 0;

	json_array_foreach(components, i, component) {
		const char *name = json_str(component, "component"), *version = json_str(component, "version");

		if (json_object_get(component, "license") || lacking++ >= NAMED_MAX)
			continue;
		buf_printf(&names, "%s%.100s%s%.40s", lacking > 1 ? ", " : "", name, *version ? " " : "", version);
	}
	if (lacking == 0)
		return 0;
	if (lacking > NAMED_MAX)
		buf_printf(&names, " and %zu more", lacking - NAMED_MAX);
	return err_set(e, EX_DATAERR, "no licence is given for %s", buf_text(&names));
}

char *components_licence(const json_t *components, struct err *e)
{
	_json_ json_t *different = json_array();
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	json_t *component, *licence;
	size_t i;

	if (check_given(components, e) < 0)
		return NULL;
	json_array_foreach(components, i, component)
		if (!json_has_str(different, json_str(component, "license")))
			json_add_str(different, json_str(component, "license"));
	json_array_foreach(different, i, licence) {
		const char *text = json_string_value(licence);
		bool bracket = strchr(text, ' ') != NULL && json_array_size(different) > 1;

		if (json_array_size(different) > 1 && !text_brackets_close(text)) {
			err_set(e, EX_DATAERR, "the brackets of one licence do not belong together");
			return NULL;
		}
		buf_printf(&all, "%s%s%s%s", i ? " AND " : "", bracket ? "(" : "", text, bracket ? ")" : "");
	}
	if (all.full) {
		err_set(e, EX_DATAERR, "the licences of all components together are longer than %d bytes",
		        FACT_VALUE_MAX);
		return NULL;
	}
	return buf_steal(&all);
}
