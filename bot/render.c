// SPDX-License-Identifier: Apache-2.0
#include "bot/render.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mustache.h"
#include "base/text.h"
#include "bot/blocks.h"
#include "bot/layout.h"
#include "bot/render_parts.h"

#define TEMPLATE_MAX (256 * 1024) // bytes of one file
#define FOLDER_DEPTH 4            // folders within templates/
#define ELLIPSIS "\xe2\x80\xa6"

// One file, parsed.  Only the .txt of a mail has a subject; only Slack's are JSON, and have nothing else.
struct template
{
	struct template *next;
	char *path; // below the folder: "mail/review.txt"
	struct mustache *subject;
	struct mustache *body;
	json_t *json;
};

struct templates {
	char *dir;
	struct template *first;
};

struct templates *templates_open(const char *dir, struct err *e)
{
	struct templates *t;
	struct stat st;

	if (stat(dir, &st) < 0) {
		err_sys(e, EX_NOINPUT, "cannot open the templates in %s", dir);
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		err_set(e, EX_NOINPUT, "cannot open the templates in %s: not a folder", dir);
		return NULL;
	}
	t = calloc(1, sizeof *t);
	if (!t)
		panic("out of memory");
	t->dir = text_copy(dir);
	return t;
}

static void template_free(struct template *item)
{
	mustache_free(&item->subject);
	mustache_free(&item->body);
	json_decref(item->json);
	free(item->path);
	free(item);
}

void templates_close(struct templates **t)
{
	struct template *item;

	if (!*t)
		return;
	while ((item = (*t)->first)) {
		(*t)->first = item->next;
		template_free(item);
	}
	free((*t)->dir);
	free(*t);
	*t = NULL;
}

// "Subject: ..." may stand on the first line that is not a comment; returns where the body begins.
static const char *take_subject(struct template *item, const char *name, const char *text, int *line, struct err *e)
{
	const char *at = text, *end = strchrnul(at, '\n');

	for (*line = 1; text_starts(at, "{{!") && *end; end = strchrnul(at, '\n')) {
		at = end + 1;
		++*line;
	}
	if (!text_starts(at, "Subject: ")) {
		*line = 1;
		return text;
	}
	item->subject = mustache_parse(name, *line, at + 9, (size_t)(end - at - 9), e);
	++*line;
	return *end ? end + 1 : end;
}

// words/ and style/ hold pieces of a line: line ends in them are for the author only.  They and text/ are for all.
static bool is_piece(const char *path)
{
	return text_starts(path, "words/") || text_starts(path, "style/");
}

static bool is_json(const char *path)
{
	const char *end = strrchr(path, '.');

	return end && strcmp(end, ".json") == 0;
}

static bool is_shared(const char *path)
{
	return is_piece(path) || text_starts(path, "text/");
}

// Puts each line end into a comment, so that it is not written but still counts in messages.
static void drop_line_ends(struct buf *source)
{
	_buf_ struct buf joined = BUF(source->max * 6);

	for (const char *at = buf_text(source); *at; at++)
		if (*at == '\n')
			buf_puts(&joined, "{{!\n}}");
		else
			buf_putc(&joined, *at);
	buf_free(source);
	*source = joined;
	joined = BUF(0);
}

static int template_read(struct template *item, const char *file, struct err *e)
{
	_buf_ struct buf source = BUF(TEMPLATE_MAX);
	const char *body;
	int line = 1;

	if (file_read(file, &source, e) < 0)
		return -1;
	if (is_json(item->path)) {
		item->json = json_read(buf_text(&source), source.len, e);
		return item->json ? 0 : err_prefix(e, "%s", file);
	}
	if (is_piece(item->path))
		drop_line_ends(&source);
	body = take_subject(item, file, buf_text(&source), &line, e);
	if (line > 1 && !item->subject)
		return -1;
	item->body = mustache_parse(file, line, body, source.len - (size_t)(body - buf_text(&source)), e);
	return item->body ? 0 : -1;
}

// The template at PATH below the folder, read when it is first asked for.
static struct template *template_get(struct templates *t, const char *path, struct err *e)
{
	_free_ char *file = NULL;
	struct template *item;

	for (item = t->first; item; item = item->next)
		if (strcmp(item->path, path) == 0)
			return item;
	if (strstr(path, "..") || *path == '/') {
		err_set(e, EX_SOFTWARE, "\"%s\" is not the name of a template", path);
		return NULL;
	}
	item = calloc(1, sizeof *item);
	if (!item)
		panic("out of memory");
	item->path = text_copy(path);
	file = path_join(t->dir, path);
	if (template_read(item, file, e) < 0) {
		template_free(item);
		return NULL;
	}
	item->next = t->first;
	return t->first = item;
}

// {{> parts/facts}} in mail/review.html is mail/parts/facts.html; {{> words/risk}} is words/risk.txt everywhere.
struct folder {
	struct templates *templates;
	const char *path; // of the template that asks
};

static const struct mustache *find_partial(void *context, const char *name, struct err *e)
{
	const struct folder *f = context;
	_free_ char *path = is_shared(name) ? text_format("%s.txt", name)
	                                    : text_format("%.*s/%s%s", (int)strcspn(f->path, "/"), f->path, name,
	                                                  strrchr(f->path, '.'));
	const struct template *item = is_json(path) ? NULL : template_get(f->templates, path, e);

	if (is_json(path))
		err_set(e, EX_CONFIG, "%s: \"%s\" is none of the pieces in words/", f->path, name);
	return item ? item->body : NULL;
}

static int render(struct templates *t, const char *path, const json_t *model, enum escape how, struct buf *out,
                  struct err *e)
{
	struct folder folder = { t, path };
	const struct mustache_partials partials = { find_partial, &folder };
	const struct template *item = template_get(t, path, e);

	return item ? mustache_render(item->body, &partials, model, how, out, e) : -1;
}

const json_t *template_json(struct templates *t, const char *path, struct err *e)
{
	const struct template *item = template_get(t, path, e);

	return item ? item->json : NULL;
}

static struct mustache *parse_piece(const struct templates *t, const char *path, const char *piece, struct err *e)
{
	_free_ char *name = text_format("%s/%s (in \"%.60s\")", t->dir, path, piece);

	return mustache_parse(name, 1, piece, strlen(piece), e);
}

int render_piece(struct templates *t, const char *path, const char *piece, const json_t *model, enum escape how,
                 struct buf *out, struct err *e)
{
	struct folder folder = { t, path };
	const struct mustache_partials partials = { find_partial, &folder };
	_mustache_ struct mustache *parsed = parse_piece(t, path, piece, e);

	return parsed ? mustache_render(parsed, &partials, model, how, out, e) : -1;
}

static int render_subject(struct templates *t, const char *path, const json_t *model, char **subject, struct err *e)
{
	_buf_ struct buf out = BUF(RENDER_BODY_MAX), line = BUF(RENDER_SUBJECT_MAX + sizeof ELLIPSIS);
	const struct template *item = template_get(t, path, e);
	const char *text;
	size_t len;

	if (!item)
		return -1;
	if (!item->subject)
		return err_set(e, EX_CONFIG, "%s/%s: there is no line \"Subject: ...\"", t->dir, path);
	if (mustache_render(item->subject, NULL, model, ESCAPE_HEADER, &out, e) < 0)
		return -1;
	text = out.data ? text_trim(out.data) : "";
	len = utf8_prefix(text, RENDER_SUBJECT_MAX);
	if (text[len])
		len = utf8_prefix(text, RENDER_SUBJECT_MAX - strlen(ELLIPSIS));
	buf_add(&line, text, len);
	if (text[len])
		buf_puts(&line, ELLIPSIS);
	*subject = text_copy(buf_text(&line));
	return 0;
}

static char *render_plain(struct templates *t, const char *path, const json_t *model, struct err *e)
{
	_buf_ struct buf raw = BUF(RENDER_BODY_MAX), out = BUF(RENDER_BODY_MAX);

	if (render(t, path, model, ESCAPE_PLAIN, &raw, e) < 0)
		return NULL;
	if (layout_plain(buf_text(&raw), &out) < 0) {
		err_set(e, EX_DATAERR, "%s/%s: the text becomes too long", t->dir, path);
		return NULL;
	}
	return text_copy(buf_text(&out));
}

// A mail of ours never carries a link that a scanner could follow.  Values cannot hold a bare quotation mark here, so
// that every `href="` is the template's own, though what follows it may come from the model.
static int check_links(const struct templates *t, const char *path, const char *html, struct err *e)
{
	for (const char *at = html; (at = strstr(at, "href=\"")); at++)
		if (!text_starts(at + 6, "mailto:"))
			return err_set(e, EX_SOFTWARE, "%s/%s: a link that does not begin with mailto:", t->dir, path);
	return 0;
}

int render_mail(struct templates *t, const char *name, const json_t *model, struct mail_text *out, struct err *e)
{
	_free_ char *text_path = text_format("mail/%s.txt", name), *html_path = text_format("mail/%s.html", name);
	_mail_text_ struct mail_text mail = { 0 };
	_buf_ struct buf html = BUF(RENDER_BODY_MAX);

	*out = mail;
	if (render_subject(t, text_path, model, &mail.subject, e) < 0)
		return -1;
	mail.text = render_plain(t, text_path, model, e);
	if (!mail.text || render(t, html_path, model, ESCAPE_HTML, &html, e) < 0)
		return -1;
	if (check_links(t, html_path, buf_text(&html), e) < 0)
		return -1;
	mail.html = text_copy(buf_text(&html));
	*out = mail;
	mail = (struct mail_text){ 0 };
	return 0;
}

void mail_text_free(struct mail_text *m)
{
	free(m->subject);
	free(m->text);
	free(m->html);
	*m = (struct mail_text){ 0 };
}

char *render_text(struct templates *t, const char *path, const json_t *model, struct err *e)
{
	_free_ char *file = text_format("%s.txt", path);

	return render_plain(t, file, model, e);
}

static int see_partial(void *context, const char *name, struct err *e)
{
	return find_partial(context, name, e) ? 0 : -1;
}

int check_piece(struct templates *t, const char *path, const char *piece, struct err *e)
{
	struct folder folder = { t, path };
	_mustache_ struct mustache *parsed = parse_piece(t, path, piece, e);

	return parsed ? mustache_each_partial(parsed, see_partial, &folder, e) : -1;
}

static int check_file(struct templates *t, const char *path, struct err *e)
{
	struct folder folder = { t, path };
	const struct template *item;
	const char *end = strrchr(path, '.');

	if (text_starts(path, "slack/") && is_json(path))
		return blocks_check(t, path, e);
	if (!end || (strcmp(end, ".txt") != 0 && strcmp(end, ".html") != 0))
		return 0;
	item = template_get(t, path, e);
	return item ? mustache_each_partial(item->body, see_partial, &folder, e) : -1;
}

static void close_folder(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int check_folder(struct templates *t, const char *below, int depth, struct err *e)
{
	_free_ char *folder = path_join(t->dir, below);
	_cleanup_(close_folder) DIR *d = opendir(folder);
	const struct dirent *entry;

	if (!d)
		return err_sys(e, EX_NOINPUT, "cannot read %s", folder);
	while ((entry = readdir(d))) {
		_free_ char *path = text_format("%s%s%s", below, *below ? "/" : "", entry->d_name);
		_free_ char *full = path_join(t->dir, path);
		struct stat st;

		if (entry->d_name[0] == '.' || stat(full, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) ? depth < FOLDER_DEPTH && check_folder(t, path, depth + 1, e) < 0
		                        : depth > 0 && check_file(t, path, e) < 0)
			return -1;
	}
	return 0;
}

int templates_check(struct templates *t, struct err *e)
{
	return check_folder(t, "", 0, e);
}
