// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/peer.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/settings.h"
#include "base/text.h"

bool peer_is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
	char *text = NULL, *copy;

	if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
		return NULL;
	copy = text_copy(text);
	curl_free(text);
	return copy;
}

static int read_parts(CURLU *url, struct peer *out)
{
	_free_ char *scheme = part(url, CURLUPART_SCHEME, 0), *user = part(url, CURLUPART_USER, 0);
	_free_ char *path = part(url, CURLUPART_PATH, 0), *query = part(url, CURLUPART_QUERY, 0);
	_free_ char *port = part(url, CURLUPART_PORT, 0);

	if (!scheme || user || !path)
		return -1;
	out->tls = text_same(scheme, "wss") || text_same(scheme, "https");
	if (!out->tls && !text_same(scheme, "ws") && !text_same(scheme, "http"))
		return -1;
	out->host = part(url, CURLUPART_HOST, 0);
	out->port = port ? (int)strtol(port, NULL, 10) : out->tls ? 443 : 80;
	out->path = query ? text_format("%s?%s", path, query) : text_copy(path);
	if (!out->host)
		return -1;
	text_lower(out->host);
	return 0;
}

int peer_read(const char *text, struct peer *out)
{
	CURLU *url = curl_url();
	int r = -1;

	*out = (struct peer){ 0 };
	if (url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		r = read_parts(url, out);
	curl_url_cleanup(url);
	if (r < 0)
		peer_free(out);
	return r;
}

void peer_free(struct peer *p)
{
	free(p->host);
	free(p->path);
	*p = (struct peer){ 0 };
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), cut = strlen(end);

	return len > cut && strcmp(text + len - cut, end) == 0;
}

// Host and port as well: another service of this machine is not the API.
static bool is_api(const struct settings *s, const struct peer *p)
{
	struct peer api;
	bool same;

	if (peer_read(s->api, &api) < 0)
		return false;
	same = strcmp(api.host, p->host) == 0 && api.port == p->port && api.tls == p->tls;
	peer_free(&api);
	return same;
}

bool peer_may_have_token(const struct settings *s, const char *url)
{
	struct peer p;
	bool may;

	if (peer_read(url, &p) < 0)
		return false;
	may = is_api(s, &p) ||
	      (p.tls && p.port == 443 && (strcmp(p.host, "slack.com") == 0 || ends_with(p.host, ".slack.com")));
	peer_free(&p);
	return may;
}

bool peer_may_be_answered(const struct settings *s, const char *url)
{
	struct peer p;
	bool may;

	if (peer_read(url, &p) < 0)
		return false;
	may = (p.tls && p.port == 443 && strcmp(p.host, "hooks.slack.com") == 0) || (s->loopback && is_api(s, &p));
	peer_free(&p);
	return may;
}
