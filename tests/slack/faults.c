// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/faults.h"

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/http.h"

void faults_init(struct faults *f)
{
	f->by_method = json_object();
}

void faults_free(struct faults *f)
{
	json_decref(f->by_method);
}

int faults_add(struct faults *f, const char *method, const json_t *given, struct err *e)
{
	static const struct json_key keys[] = {
		{ "verb", 's', 0 },        { "method", 'S', 0 }, { "times", 'i', 0 }, { "status", 'i', 599 },
		{ "retry_after", '*', 0 }, { "error", 's', 0 },  { "after", 'b', 0 }, { "delay_ms", 'i', 0 },
		{ "hangup", 'b', 0 },      { .name = NULL },
	};
	json_t *fault;

	if (json_check(given, keys, "fault", e) < 0)
		return -1;
	fault = json_copy((json_t *)given);
	if (!json_object_get(fault, "times"))
		json_put_int(fault, "times", 1);
	if (json_int(fault, "times") == 0)
		json_put_int(fault, "times", INT64_MAX);
	if (!json_arr(f->by_method, method))
		json_put(f->by_method, method, json_array());
	json_add(json_arr(f->by_method, method), fault);
	return 0;
}

void faults_clear(struct faults *f, const char *method)
{
	if (method)
		json_object_del(f->by_method, method);
	else
		json_object_clear(f->by_method);
}

static struct fault read_fault(const json_t *given)
{
	struct fault out = {
		.after = json_bool(given, "after"),
		.status = (int)json_int(given, "status"),
		.retry_after = json_object_get(given, "retry_after") ? json_int(given, "retry_after") : -1,
		.delay_ms = json_int(given, "delay_ms"),
		.error = *json_str(given, "error") ? text_copy(json_str(given, "error")) : NULL,
	};

	if (json_bool(given, "hangup"))
		out.kind = FAULT_HANGUP;
	else if (out.status)
		out.kind = FAULT_STATUS;
	else if (out.error)
		out.kind = FAULT_ERROR;
	return out;
}

struct fault faults_take(struct faults *f, const char *method)
{
	json_t *list = json_arr(f->by_method, method);

	if (!json_array_size(list))
		list = json_arr(f->by_method, "*");
	json_t *first = json_array_get(list, 0);

	if (!first)
		return (struct fault){ .kind = FAULT_NONE };
	struct fault out = read_fault(first);
	int64_t left = json_int(first, "times") - 1;

	json_put_int(first, "times", left);
	if (left <= 0)
		json_array_remove(list, 0);
	return out;
}

void fault_free(struct fault *f)
{
	free(f->error);
	f->error = NULL;
}

static void put_status(const struct fault *f, struct answer *a)
{
	a->status = f->status;
	a->type = f->status == 429 ? "application/json; charset=utf-8" : "text/html; charset=utf-8";
	if (f->retry_after >= 0)
		buf_printf(&a->head, "Retry-After: %lld\r\n", (long long)f->retry_after);
	buf_puts(&a->body,
	         f->status == 429 ? "{\"ok\":false,\"error\":\"ratelimited\"}" : "<html>Server Error</html>\n");
}

void fault_apply(const struct fault *f, struct answer *a, json_t **out)
{
	a->delay_ms += f->delay_ms;
	switch (f->kind) {
	case FAULT_NONE:
		return;
	case FAULT_ERROR:
		json_decref(*out);
		*out = api_error(f->error);
		return;
	case FAULT_STATUS:
		put_status(f, a);
		return;
	case FAULT_HANGUP:
		a->hangup = true;
		return;
	}
}
