// SPDX-License-Identifier: Apache-2.0
// The core of the Mustache specification, case by case, and what ours refuses or bounds beyond it; the five escapes.
#include "base/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

struct fixture {
	const char *partial; // text of {{> p}}; "self" includes itself
	struct mustache *parsed[4];
	size_t count;
};

static const struct mustache *find_partial(void *context, const char *name, struct err *e)
{
	struct fixture *f = context;
	const char *text = f->partial && strcmp(name, "p") == 0 ? f->partial : NULL;

	if (strcmp(name, "q") == 0)
		text = "y\nz\n";
	if (!text) {
		err_set(e, EX_CONFIG, "no partial %s", name);
		return NULL;
	}
	if (f->count == 0)
		f->parsed[f->count++] = mustache_parse("p", 1, f->partial, strlen(f->partial), e);
	if (strcmp(name, "p") == 0)
		return f->parsed[0];
	if (f->count == 1)
		f->parsed[f->count++] = mustache_parse("q", 1, text, strlen(text), e);
	return f->parsed[1];
}

struct test {
	const char *name;
	const char *template;
	const char *model;
	const char *partial;
	const char *wanted; // NULL: an error that holds `error`
	const char *error;
	enum escape how;
};

static char *render(const struct test *test, struct err *e)
{
	_json_ json_t *model = json_read(test->model ? test->model : "{}", strlen(test->model ? test->model : "{}"), e);
	_mustache_ struct mustache *t = mustache_parse("t", 1, test->template, strlen(test->template), e);
	_buf_ struct buf out = BUF(100000);
	struct fixture f = { .partial = test->partial };
	struct mustache_partials partials = { find_partial, &f };
	int result = -1;

	if (!model)
		fail_msg("%s: the model is %s", test->name, e->text);
	if (t)
		result = mustache_render(t, &partials, model, test->how, &out, e);
	for (size_t i = 0; i < f.count; i++)
		mustache_free(&f.parsed[i]);
	return result < 0 ? NULL : buf_steal(&out);
}

static void check(const struct test *tests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct test *test = &tests[i];
		struct err e = { 0 };
		_free_ char *got = render(test, &e);

		if (!test->wanted && got)
			fail_msg("%s: wanted an error, got \"%s\"", test->name, got);
		if (!test->wanted && !strstr(e.text, test->error))
			fail_msg("%s: the error reads \"%s\"", test->name, e.text);
		if (test->wanted && !got)
			fail_msg("%s: %s", test->name, e.text);
		if (test->wanted && strcmp(got, test->wanted) != 0)
			fail_msg("%s: wanted \"%s\", got \"%s\"", test->name, test->wanted, got);
	}
}

static void test_comments(void **state)
{
	static const struct test tests[] = {
		{ "inline", "12345{{! Comment Block! }}67890", .wanted = "1234567890" },
		{ "multiline", "12345{{!\n  This is a\n  multi-line comment...\n}}67890\n", .wanted = "1234567890\n" },
		{ "standalone", "Begin.\n{{! Comment Block! }}\nEnd.\n", .wanted = "Begin.\nEnd.\n" },
		{ "indented standalone", "Begin.\n  {{! Indented Comment Block! }}\nEnd.\n",
		  .wanted = "Begin.\nEnd.\n" },
		{ "standalone line endings", "|\r\n{{! Standalone Comment }}\r\n|", .wanted = "|\r\n|" },
		{ "without previous line", "  {{! I'm Still Standalone }}\n!", .wanted = "!" },
		{ "without newline", "!\n  {{! I'm Still Standalone }}", .wanted = "!\n" },
		{ "multiline standalone", "Begin.\n{{!\nSomething's going on here...\n}}\nEnd.\n",
		  .wanted = "Begin.\nEnd.\n" },
		{ "indented multiline", "Begin.\n  {{!\n    Something's going on here...\n  }}\nEnd.\n",
		  .wanted = "Begin.\nEnd.\n" },
		{ "indented inline", "  12 {{! 34 }}\n", .wanted = "  12 \n" },
		{ "surrounding whitespace", "12345 {{! Comment Block! }} 67890", .wanted = "12345  67890" },
		{ "holds braces", "a{{! {x} {{y }}b", .wanted = "ab" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_variables(void **state)
{
	static const struct test tests[] = {
		{ "no interpolation", "Hello from {Mustache}!\n", .wanted = "Hello from {Mustache}!\n" },
		{ "basic", "Hello, {{subject}}!\n", "{\"subject\":\"world\"}", .wanted = "Hello, world!\n" },
		{ "no re-interpolation", "{{template}}: {{planet}}",
		  "{\"template\":\"{{planet}}\",\"planet\":\"Earth\"}", .wanted = "{{planet}}: Earth" },
		{ "HTML escaping", "{{forbidden}}\n", "{\"forbidden\":\"& \\\" < >\"}",
		  .wanted = "&amp; &quot; &lt; &gt;\n", .how = ESCAPE_HTML },
		{ "integer", "{{mph}} miles", "{\"mph\":85}", .wanted = "85 miles" },
		{ "decimal", "{{power}} jiggawatts!", "{\"power\":1.21}", .wanted = "1.21 jiggawatts!" },
		{ "null", "I ({{cannot}}) be seen!", "{\"cannot\":null}", .wanted = "I () be seen!" },
		{ "context miss", "I ({{cannot}}) be seen!", .wanted = "I () be seen!" },
		{ "dotted names", "{{person.name}} == {{#person}}{{name}}{{/person}}",
		  "{\"person\":{\"name\":\"Joe\"}}", .wanted = "Joe == Joe" },
		{ "arbitrary depth", "{{a.b.c.d.e.name}}",
		  "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Phil\"}}}}}}", .wanted = "Phil" },
		{ "broken chain", "({{a.b.c}})", "{\"a\":{}}", .wanted = "()" },
		{ "broken chain resolution", "({{a.b.c.name}})", "{\"a\":{\"b\":{}},\"c\":{\"name\":\"Jim\"}}",
		  .wanted = "()" },
		{ "initial resolution", "{{#a}}{{b.c.d.e.name}}{{/a}}",
		  "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Phil\"}}}}},"
		  "\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Wrong\"}}}}}",
		  .wanted = "Phil" },
		{ "context precedence", "{{#a}}({{b.c}}){{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"ERROR\"}}",
		  .wanted = "()" },
		{ "implicit iterator", "Hello, {{.}}!", "\"world\"", .wanted = "Hello, world!" },
		{ "surrounding whitespace", "| {{string}} |", "{\"string\":\"---\"}", .wanted = "| --- |" },
		{ "standalone", "  {{string}}\n", "{\"string\":\"---\"}", .wanted = "  ---\n" },
		{ "padding", "|{{ string }}|", "{\"string\":\"---\"}", .wanted = "|---|" },
		{ "a list (ours)", "{{a}}", "{\"a\":[\"x\",2,true,[3],{\"b\":1}]}", .wanted = "x, 2, true, , " },
		{ "an object (ours)", "({{a}})", "{\"a\":{\"b\":1}}", .wanted = "()" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_sections(void **state)
{
	static const struct test tests[] = {
		{ "truthy", "\"{{#boolean}}This should be rendered.{{/boolean}}\"", "{\"boolean\":true}",
		  .wanted = "\"This should be rendered.\"" },
		{ "falsey", "\"{{#boolean}}No.{{/boolean}}\"", "{\"boolean\":false}", .wanted = "\"\"" },
		{ "null is falsey", "\"{{#null}}No.{{/null}}\"", "{\"null\":null}", .wanted = "\"\"" },
		{ "context", "{{#context}}Hi {{name}}.{{/context}}", "{\"context\":{\"name\":\"Joe\"}}",
		  .wanted = "Hi Joe." },
		{ "parent contexts", "{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}",
		  "{\"a\":\"foo\",\"b\":\"wrong\",\"sec\":{\"b\":\"bar\"},\"c\":{\"d\":\"baz\"}}",
		  .wanted = "foo, bar, baz" },
		{ "variable test", "{{#foo}}{{.}} is {{foo}}{{/foo}}", "{\"foo\":\"bar\"}", .wanted = "bar is bar" },
		{ "list contexts",
		  "{{#tops}}{{#middles}}{{tname.lower}}{{mname}}.{{#bottoms}}{{tname.upper}}{{mname}}"
		  "{{bname}}.{{/bottoms}}{{/middles}}{{/tops}}",
		  "{\"tops\":[{\"tname\":{\"upper\":\"A\",\"lower\":\"a\"},\"middles\":[{\"mname\":\"1\",\"bottoms\":"
		  "[{\"bname\":\"x\"},{\"bname\":\"y\"}]}]}]}",
		  .wanted = "a1.A1x.A1y." },
		{ "list", "\"{{#list}}{{item}}{{/list}}\"", "{\"list\":[{\"item\":1},{\"item\":2},{\"item\":3}]}",
		  .wanted = "\"123\"" },
		{ "empty list", "\"{{#list}}Yay lists!{{/list}}\"", "{\"list\":[]}", .wanted = "\"\"" },
		{ "doubled", "{{#bool}}\n* first\n{{/bool}}\n* {{two}}\n{{#bool}}\n* third\n{{/bool}}\n",
		  "{\"bool\":true,\"two\":\"second\"}", .wanted = "* first\n* second\n* third\n" },
		{ "nested truthy", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", "{\"bool\":true}",
		  .wanted = "| A B C D E |" },
		{ "nested falsey", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", "{\"bool\":false}",
		  .wanted = "| A  E |" },
		{ "context misses", "[{{#missing}}Found key 'missing'!{{/missing}}]", .wanted = "[]" },
		{ "iterator of strings", "\"{{#list}}({{.}}){{/list}}\"", "{\"list\":[\"a\",\"b\",\"c\"]}",
		  .wanted = "\"(a)(b)(c)\"" },
		{ "iterator of integers", "{{#list}}({{.}}){{/list}}", "{\"list\":[1,2,3]}", .wanted = "(1)(2)(3)" },
		{ "iterator of decimals", "{{#list}}({{.}}){{/list}}", "{\"list\":[1.1,2.25]}",
		  .wanted = "(1.1)(2.25)" },
		{ "iterator of arrays", "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}", "{\"list\":[[1,2],[\"a\"]]}",
		  .wanted = "(12)(a)" },
		{ "iterator escapes", "{{#list}}({{.}}){{/list}}", "{\"list\":[\"&\",\"<\"]}",
		  .wanted = "(&amp;)(&lt;)", .how = ESCAPE_HTML },
		{ "root level", "{{#.}}({{value}}){{/.}}", "[{\"value\":\"a\"},{\"value\":\"b\"}]",
		  .wanted = "(a)(b)" },
		{ "dotted truthy", "\"{{#a.b.c}}Here{{/a.b.c}}\"", "{\"a\":{\"b\":{\"c\":true}}}",
		  .wanted = "\"Here\"" },
		{ "dotted broken", "\"{{#a.b.c}}Here{{/a.b.c}}\"", "{\"a\":{}}", .wanted = "\"\"" },
		{ "surrounding whitespace", " | {{#boolean}}\t|\t{{/boolean}} | \n", "{\"boolean\":true}",
		  .wanted = " | \t|\t | \n" },
		{ "internal whitespace", " | {{#boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n",
		  "{\"boolean\":true}", .wanted = " |  \n  | \n" },
		{ "indented inline", " {{#boolean}}YES{{/boolean}}\n {{#boolean}}GOOD{{/boolean}}\n",
		  "{\"boolean\":true}", .wanted = " YES\n GOOD\n" },
		{ "standalone lines", "| This Is\n{{#boolean}}\n|\n{{/boolean}}\n| A Line\n", "{\"boolean\":true}",
		  .wanted = "| This Is\n|\n| A Line\n" },
		{ "indented standalone", "| This Is\n  {{#boolean}}\n|\n  {{/boolean}}\n| A Line\n",
		  "{\"boolean\":true}", .wanted = "| This Is\n|\n| A Line\n" },
		{ "standalone line endings", "|\r\n{{#boolean}}\r\n{{/boolean}}\r\n|", "{\"boolean\":true}",
		  .wanted = "|\r\n|" },
		{ "without previous line", "  {{#boolean}}\n#{{/boolean}}\n/", "{\"boolean\":true}", .wanted = "#\n/" },
		{ "without newline", "#{{#boolean}}\n/\n  {{/boolean}}", "{\"boolean\":true}", .wanted = "#\n/\n" },
		{ "padding", "|{{# boolean }}={{/ boolean }}|", "{\"boolean\":true}", .wanted = "|=|" },
		{ "empty text and zero (ours)", "{{#a}}x{{/a}}{{#b}}y{{/b}}{{^a}}z{{/a}}", "{\"a\":\"\",\"b\":0}",
		  .wanted = "z" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_inverted(void **state)
{
	static const struct test tests[] = {
		{ "falsey", "{{^boolean}}Rendered.{{/boolean}}", "{\"boolean\":false}", .wanted = "Rendered." },
		{ "truthy", "({{^boolean}}No.{{/boolean}})", "{\"boolean\":true}", .wanted = "()" },
		{ "null", "{{^null}}Rendered.{{/null}}", "{\"null\":null}", .wanted = "Rendered." },
		{ "context", "({{^context}}Hi {{name}}.{{/context}})", "{\"context\":{\"name\":\"Joe\"}}",
		  .wanted = "()" },
		{ "list", "({{^list}}{{n}}{{/list}})", "{\"list\":[{\"n\":1}]}", .wanted = "()" },
		{ "empty list", "{{^list}}Yay lists!{{/list}}", "{\"list\":[]}", .wanted = "Yay lists!" },
		{ "doubled", "{{^bool}}\n* first\n{{/bool}}\n* {{two}}\n{{^bool}}\n* third\n{{/bool}}\n",
		  "{\"bool\":false,\"two\":\"second\"}", .wanted = "* first\n* second\n* third\n" },
		{ "context misses", "[{{^missing}}Cannot find key 'missing'!{{/missing}}]",
		  .wanted = "[Cannot find key 'missing'!]" },
		{ "dotted", "{{^a.b.c}}Not Here{{/a.b.c}}", "{\"a\":{\"b\":{\"c\":false}}}", .wanted = "Not Here" },
		{ "standalone lines", "| This Is\n{{^boolean}}\n|\n{{/boolean}}\n| A Line\n", "{\"boolean\":false}",
		  .wanted = "| This Is\n|\n| A Line\n" },
		{ "standalone line endings", "|\r\n{{^boolean}}\r\n{{/boolean}}\r\n|", "{\"boolean\":false}",
		  .wanted = "|\r\n|" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_partials(void **state)
{
	static const struct test tests[] = {
		{ "basic", "\"{{>p}}\"", .partial = "from partial", .wanted = "\"from partial\"" },
		{ "context", "\"{{>p}}\"", "{\"text\":\"content\"}", .partial = "*{{text}}*",
		  .wanted = "\"*content*\"" },
		{ "recursion", "{{>p}}", "{\"content\":\"X\",\"nodes\":[{\"content\":\"Y\",\"nodes\":[]}]}",
		  .partial = "{{content}}<{{#nodes}}{{>p}}{{/nodes}}>", .wanted = "X<Y<>>" },
		{ "surrounding whitespace", "| {{>p}} |", .partial = "\t|\t", .wanted = "| \t|\t |" },
		{ "inline indentation", "  {{data}}  {{> p}}\n", "{\"data\":\"|\"}", .partial = ">\n>",
		  .wanted = "  |  >\n>\n" },
		{ "standalone line endings", "|\r\n{{>p}}\r\n|", .partial = ">", .wanted = "|\r\n>|" },
		{ "without previous line", "  {{>p}}\n>", .partial = ">\n>", .wanted = "  >\n  >>" },
		{ "without newline", ">\n  {{>p}}", .partial = ">\n>", .wanted = ">\n  >\n  >" },
		{ "standalone indentation", "\\\n {{>p}}\n/\n", "{\"content\":\"<\\n->\"}",
		  .partial = "|\n{{content}}\n|\n", .wanted = "\\\n |\n &lt;<br>-&gt;\n |\n/\n", .how = ESCAPE_HTML },
		{ "padding", "|{{> p }}|", "{\"boolean\":true}", .partial = "[]", .wanted = "|[]|" },
		{ "one in a line of an indented one", "  {{>p}}\n", .partial = "x {{>q}}w\n",
		  .wanted = "  x y\nz\nw\n" },
		{ "one below an indented one", "  {{>p}}\n", .partial = "x\n {{>q}}\n", .wanted = "  x\n   y\n   z\n" },
		{ "empty lines stay empty", "  {{>p}}\n", .partial = "x\n\ny\n", .wanted = "  x\n\n  y\n" },
		{ "failed lookup (ours: an error)", "a\n{{>text}}", .error = "t:2: no partial text" },
		{ "without end", "{{>p}}", .partial = "{{>p}}", .error = "p:1: partials are nested too deeply" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_comparisons(void **state)
{
	static const struct test tests[] = {
		{ "same word", "{{#verdict=approved}}yes{{/verdict=approved}}", "{\"verdict\":\"approved\"}",
		  .wanted = "yes" },
		{ "other word", "{{#verdict=approved}}yes{{/verdict}}{{^verdict=approved}}no{{/verdict}}",
		  "{\"verdict\":\"rejected\"}", .wanted = "no" },
		{ "number", "{{#risk=7}}high{{/risk=7}}", "{\"risk\":7}", .wanted = "high" },
		{ "boolean", "{{#a=true}}x{{/a}}", "{\"a\":true}", .wanted = "x" },
		{ "absent", "{{^a=b}}x{{/a}}", .wanted = "x" },
		{ "context stays", "{{#o}}{{#k=v}}{{name}}{{/k}}{{/o}}", "{\"o\":{\"k\":\"v\",\"name\":\"n\"}}",
		  .wanted = "n" },
		{ "any of a list, once", "{{^a=}}x{{/a=}}{{#a=}}y{{/a=}}", "{\"a\":[1,2]}", .wanted = "x" },
		{ "none of a list", "{{^a=}}x{{/a=}}{{#a=}}y{{/a=}}{{#b=}}z{{/b=}}", "{\"a\":[]}", .wanted = "yz" },
		{ "closed with another word", "{{#a=b}}x{{/a=c}}", .error = "t:1: {{/a}} closes" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

static void test_refused(void **state)
{
	static const struct test tests[] = {
		{ "triple mustache", "a\n\nb {{{x}}}", .error = "t:3: an unescaped tag" },
		{ "ampersand", "{{&x}}", .error = "t:1: an unescaped tag" },
		{ "set delimiters", "{{=<% %>=}}", .error = "t:1: set-delimiters" },
		{ "blocks", "{{$x}}{{/x}}", .error = "t:1: set-delimiters" },
		{ "never closed tag", "x\n{{a", .error = "t:2: a tag is opened" },
		{ "tag in a tag", "{{a {{b}}", .error = "t:1: a tag holds another {" },
		{ "never closed section", "x\n{{#a}}\n\n", .error = "t:2: section \"a\" is never closed" },
		{ "never opened section", "x\n\n{{/a}}", .error = "t:3: {{/a}} closes a section that is not open" },
		{ "crossed sections", "{{#a}}{{#b}}{{/a}}{{/b}}", .error = "t:1: {{/a}} closes" },
		{ "line after a long comment", "{{!\n\n\n}}\n{{/a}}", .error = "t:5: {{/a}}" },
		{ "empty name", "{{}}", .error = "is not a name" },
		{ "blank in a name", "{{a b}}", .error = "is not a name" },
		{ "dots", "{{a..b}}", .error = "is not a name" },
		{ "a path that climbs", "{{> ../p}}", .error = "is not a name" },
		{ "an absolute path", "{{> /etc/passwd}}", .error = "is not a name" },
		{ "bytes that are no text", "\xff", .error = "t: not valid UTF-8" },
		{ "nested too deep",
		  "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#"
		  "a}}"
		  "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}",
		  .error = "nested more than" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

// A thousand members, looped over within themselves: no output, much work; and much output from little.
static void test_bounds(void **state)
{
	_json_ json_t *model = json_pack("{s:[], s:s}", "a", "x", "0123456789");
	const char *busy = "{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}", *long_one = "\n{{#a}}{{#a}}{{x}}{{/a}}{{/a}}";
	_mustache_ struct mustache *loops = mustache_parse("loops", 1, busy, strlen(busy), NULL);
	_mustache_ struct mustache *floods = mustache_parse("floods", 1, long_one, strlen(long_one), NULL);
	_buf_ struct buf out = BUF(100000);
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		json_add_str(json_arr(model, "a"), "member");
	assert_int_equal(mustache_render(loops, NULL, model, ESCAPE_PLAIN, &out, &e), -1);
	assert_string_equal(e.text, "loops:1: this would take too long to render");
	assert_int_equal(mustache_render(floods, NULL, model, ESCAPE_PLAIN, &out, &e), -1);
	assert_string_equal(e.text, "floods:2: the text becomes too long here");
}

static void test_escapes(void **state)
{
	static const char nasty[] = "{\"x\":\"a\\u001b[31m\\u0007\\u009b\\u202eb\\r\\nc\\td&<'\\\"\\u2028\"}";
	static const struct test tests[] = {
		{ "plain", "{{x}}", nasty, .how = ESCAPE_PLAIN,
		  .wanted = "a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		            "b\n  c    d&<'\"\xef\xbf\xbd" },
		{ "html", "{{x}}", nasty, .how = ESCAPE_HTML,
		  .wanted = "a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		            "b<br>c\td&amp;&lt;&#39;&quot;\xef\xbf\xbd" },
		{ "header", "{{x}}", nasty, .how = ESCAPE_HEADER,
		  .wanted = "a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		            "b c d&<'\"\xef\xbf\xbd" },
		{ "mrkdwn", "{{x}}", "{\"x\":\"<!channel> & 'you'\"}", .how = ESCAPE_MRKDWN,
		  .wanted = "&lt;!channel&gt; &amp; 'you'" },
		{ "mrkdwn lines", "*A:* {{x}}\n*B:* b", "{\"x\":\"1\\r\\n*B:* 2\\n\\n3\"}", .how = ESCAPE_MRKDWN,
		  .wanted = "*A:* 1\n> *B:* 2\n> \n> 3\n*B:* b" },
		{ "url", "{{x}}", "{\"x\":\"a b&cc=x\\r\\n\\u00e9?~+%\"}", .how = ESCAPE_URL,
		  .wanted = "a%20b%26cc%3Dx%0D%0A%C3%A9%3F~%2B%25" },
		{ "lone CR", "{{x}}", "{\"x\":\"a\\rb\"}",
		  .wanted = "a\xef\xbf\xbd"
		            "b" },
		{ "joiners of emoji stay", "{{x}}", "{\"x\":\"\\ud83d\\udc69\\u200d\\ud83d\\udcbb\"}",
		  .wanted = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	};
	_buf_ struct buf out = BUF(100);

	(void)state;
	check(tests, LENGTH(tests));
	assert_int_equal(escape_text(&out, ESCAPE_PLAIN, "a\0b\xff\xe2\x82", 6), 0);
	assert_string_equal(buf_text(&out), "a\xef\xbf\xbd"
	                                    "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_hanging(void **state)
{
	static const struct test tests[] = {
		{ "at the margin", "{{x}}\n", "{\"x\":\"a\\nb\"}", .wanted = "a\n  b\n" },
		{ "below a label", "Why: {{x}}\n", "{\"x\":\"a\\nb\"}", .wanted = "Why: a\n     b\n" },
		{ "behind a bar", "  | {{x}}\n", "{\"x\":\"a\\n\\nb\"}", .wanted = "  | a\n  | \n  | b\n" },
		{ "in a column", "  {{l}}\t{{x}}\n", "{\"l\":\"Label\",\"x\":\"a\\nb\"}",
		  .wanted = "  Label\ta\n  \tb\n" },
		{ "characters, not bytes", "\xc3\x9c: {{x}}", "{\"x\":\"a\\nb\"}", .wanted = "\xc3\x9c: a\n   b" },
		{ "of CR LF", "> {{x}}", "{\"x\":\"a\\r\\nb\"}", .wanted = "> a\n> b" },
	};

	(void)state;
	check(tests, LENGTH(tests));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comments), cmocka_unit_test(test_variables), cmocka_unit_test(test_sections),
		cmocka_unit_test(test_inverted), cmocka_unit_test(test_partials),  cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_bounds),    cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_hanging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
