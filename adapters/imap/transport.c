// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/auto.h"
#include "base/clock.h"

#define STREAM_BUFFER 16384 // libetpan moves the rest of it at every read: larger is slower

struct transport {
	int fd;
	gnutls_session_t tls; // NULL before TLS
	gnutls_certificate_credentials_t credentials;
	const struct watch *watch;
	int64_t deadline;
	size_t budget;
	bool abandoned;
	struct err trouble;
};

// --- waiting ---------------------------------------------------------------------------------------------------------

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

// poll(2) for the server and the channel until `deadline` or the watch's own; what came is left in `p`.
static int poll_both(const struct transport *t, short events, int64_t deadline, struct pollfd p[2])
{
	int64_t left = earlier(deadline, t->watch->deadline) - clock_monotonic();

	p[0] = (struct pollfd){ .fd = t->fd, .events = events };
	p[1] = (struct pollfd){ .fd = t->watch->fd, .events = POLLIN };
	return poll(p, 2, left < 0 ? 0 : (int)earlier(left, CLOCK_HOUR));
}

// Until the socket is ready.  The channel is served meanwhile.
static int wait_ready(struct transport *t, short events)
{
	struct pollfd p[2];

	for (;;) {
		int r = poll_both(t, events, t->deadline, p);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(&t->trouble, EX_OSERR, "cannot wait for the server");
		if (p[1].revents && !t->watch->readable(t->watch->data))
			return err_set(&t->trouble, EX_TEMPFAIL, "given up, because this program ends");
		if (p[0].revents)
			return 0;
		if (clock_monotonic() >= earlier(t->deadline, t->watch->deadline))
			return err_set(&t->trouble, EX_UNAVAILABLE, "the server did not answer in time");
	}
}

enum transport_event transport_wait(struct transport *t, int64_t deadline)
{
	struct pollfd p[2];

	if (t->watch->news)
		return TRANSPORT_CHANNEL;
	if (t->tls && gnutls_record_check_pending(t->tls) > 0)
		return TRANSPORT_READABLE;
	for (;;) {
		int r = poll_both(t, POLLIN, deadline, p);

		if (r < 0 && errno == EINTR)
			continue;
		if (r > 0 && p[1].revents)
			return TRANSPORT_CHANNEL;
		if (r != 0)
			return TRANSPORT_READABLE; // an error too: the next read will say what it is
		if (clock_monotonic() >= earlier(deadline, t->watch->deadline))
			return TRANSPORT_TIMEOUT;
	}
}

// --- the driver ------------------------------------------------------------------------------------------------------

// One look before each system call, because a server that always has a byte ready never makes us wait.
static int check_limits(struct transport *t)
{
	if (t->abandoned)
		return -1;
	if (clock_monotonic() >= earlier(t->deadline, t->watch->deadline))
		return err_set(&t->trouble, EX_UNAVAILABLE, "the server did not answer in time");
	return 0;
}

static int check_budget(struct transport *t, size_t n)
{
	if (n > t->budget)
		return err_set(&t->trouble, EX_PROTOCOL, "the server sent more than was asked for");
	t->budget -= n;
	return 0;
}

static int tls_wait(struct transport *t, ssize_t result, const char *what)
{
	if (result == GNUTLS_E_AGAIN)
		return wait_ready(t, gnutls_record_get_direction(t->tls) ? POLLOUT : POLLIN);
	if (!gnutls_error_is_fatal((int)result))
		return 0;
	return err_set(&t->trouble, EX_UNAVAILABLE, "cannot %s the server: %s", what, gnutls_strerror((int)result));
}

static int plain_wait(struct transport *t, short events, const char *what)
{
	if (errno == EAGAIN)
		return wait_ready(t, events);
	if (errno == EINTR)
		return 0;
	return err_sys(&t->trouble, EX_UNAVAILABLE, "cannot %s the server", what);
}

// libetpan takes 0 for "try again", so that the end of the connection must be -1.
static ssize_t driver_read(mailstream_low *low, void *to, size_t len)
{
	struct transport *t = low->data;

	while (check_limits(t) == 0) {
		ssize_t n = t->tls ? gnutls_record_recv(t->tls, to, len) : recv(t->fd, to, len, 0);

		if (n > 0)
			return check_budget(t, (size_t)n) < 0 ? -1 : n;
		if (n == 0)
			return err_set(&t->trouble, EX_UNAVAILABLE, "the server closed the connection");
		if ((t->tls ? tls_wait(t, n, "read from") : plain_wait(t, POLLIN, "read from")) < 0)
			return -1;
	}
	return -1;
}

static ssize_t driver_write(mailstream_low *low, const void *from, size_t len)
{
	struct transport *t = low->data;

	while (check_limits(t) == 0) {
		ssize_t n = t->tls ? gnutls_record_send(t->tls, from, len) : send(t->fd, from, len, MSG_NOSIGNAL);

		if (n >= 0)
			return n;
		if ((t->tls ? tls_wait(t, n, "write to") : plain_wait(t, POLLOUT, "write to")) < 0)
			return -1;
	}
	return -1;
}

static int driver_close(mailstream_low *low)
{
	struct transport *t = low->data;

	if (t->tls && !t->abandoned)
		gnutls_bye(t->tls, GNUTLS_SHUT_WR);
	close(t->fd);
	t->fd = -1;
	return 0;
}

static int driver_fd(mailstream_low *low)
{
	const struct transport *t = low->data;

	return t->fd;
}

void transport_free(struct transport *t)
{
	if (t->tls)
		gnutls_deinit(t->tls);
	if (t->credentials)
		gnutls_certificate_free_credentials(t->credentials);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

static void driver_free(mailstream_low *low)
{
	transport_free(low->data);
	free(low);
}

static mailstream_low_driver driver = {
	.mailstream_read = driver_read,
	.mailstream_write = driver_write,
	.mailstream_close = driver_close,
	.mailstream_get_fd = driver_fd,
	.mailstream_free = driver_free,
};

mailstream *transport_stream(struct transport *t)
{
	mailstream_low *low = mailstream_low_new(t, &driver);
	mailstream *stream = low ? mailstream_new(low, STREAM_BUFFER) : NULL;

	if (!stream && low)
		mailstream_low_free(low);
	else if (!stream)
		transport_free(t);
	return stream;
}

// --- TCP -------------------------------------------------------------------------------------------------------------

static int finish_connect(struct transport *t)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (wait_ready(t, POLLOUT) < 0)
		return -1;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error == 0)
		return 0;
	errno = error;
	return err_sys(&t->trouble, EX_UNAVAILABLE, "cannot connect");
}

static int connect_to(struct transport *t, const struct addrinfo *a)
{
	const int yes = 1;

	t->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return err_sys(&t->trouble, EX_OSERR, "cannot create a socket");
	setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	setsockopt(t->fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
	if (connect(t->fd, a->ai_addr, a->ai_addrlen) == 0 || (errno == EINPROGRESS && finish_connect(t) == 0))
		return 0;
	if (errno != EINPROGRESS && !*t->trouble.text)
		err_sys(&t->trouble, EX_UNAVAILABLE, "cannot connect");
	close(t->fd);
	t->fd = -1;
	return -1;
}

struct transport *transport_open(const char *host, const char *port, const struct watch *watch, int64_t deadline,
                                 struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	struct transport *t;
	int r = getaddrinfo(host, port, &hints, &list);

	if (r != 0) {
		err_set(e, EX_UNAVAILABLE, "cannot find %s: %s", host, gai_strerror(r));
		return NULL;
	}
	t = calloc(1, sizeof *t);
	if (!t)
		panic("out of memory for a connection");
	*t = (struct transport){ .fd = -1, .watch = watch, .deadline = deadline, .budget = SIZE_MAX };
	for (const struct addrinfo *a = list; a && t->fd < 0; a = a->ai_next) {
		t->trouble.text[0] = '\0';
		connect_to(t, a);
	}
	freeaddrinfo(list);
	if (t->fd >= 0)
		return t;
	err_set(e, EX_UNAVAILABLE, "%s port %s: %s", host, port, t->trouble.text);
	transport_free(t);
	return NULL;
}

bool transport_is_loopback(const struct transport *t)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	if (getpeername(t->fd, (struct sockaddr *)&peer, &len) < 0)
		return false;
	if (peer.ss_family == AF_INET)
		return ntohl(((struct sockaddr_in *)&peer)->sin_addr.s_addr) >> 24 == 127;
	return peer.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&peer)->sin6_addr);
}

// --- TLS -------------------------------------------------------------------------------------------------------------

static int load_authorities(struct transport *t, const char *ca, struct err *e)
{
	int n;

	if (gnutls_certificate_allocate_credentials(&t->credentials) < 0)
		return err_set(e, EX_OSERR, "out of memory for TLS");
	n = ca ? gnutls_certificate_set_x509_trust_file(t->credentials, ca, GNUTLS_X509_FMT_PEM)
	       : gnutls_certificate_set_x509_system_trust(t->credentials);
	if (n > 0)
		return 0;
	return err_set(e, EX_CONFIG, "no certificate authority in %s: %s", ca ? ca : "the system's store",
	               n < 0 ? gnutls_strerror(n) : "it is empty");
}

static bool is_address(const char *host)
{
	struct in6_addr room;

	return inet_pton(AF_INET, host, &room) == 1 || inet_pton(AF_INET6, host, &room) == 1;
}

static int prepare_tls(struct transport *t, const char *host, struct err *e)
{
	int r = gnutls_init(&t->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);

	if (r < 0)
		return err_set(e, EX_OSERR, "cannot start TLS: %s", gnutls_strerror(r));
	r = gnutls_priority_set_direct(t->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
	if (r == 0)
		r = gnutls_credentials_set(t->tls, GNUTLS_CRD_CERTIFICATE, t->credentials);
	if (r == 0 && !is_address(host)) // RFC 6066 section 3: an address is no server name
		r = gnutls_server_name_set(t->tls, GNUTLS_NAME_DNS, host, strlen(host));
	if (r < 0)
		return err_set(e, EX_OSERR, "cannot start TLS: %s", gnutls_strerror(r));
	gnutls_session_set_verify_cert(t->tls, host, 0); // the chain and the name, inside the handshake
	gnutls_transport_set_int(t->tls, t->fd);
	return 0;
}

static int say_why(const struct transport *t, const char *host, int result, struct err *e)
{
	gnutls_datum_t text = { 0 };

	if (result == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR &&
	    gnutls_certificate_verification_status_print(gnutls_session_get_verify_cert_status(t->tls), GNUTLS_CRT_X509,
	                                                 &text, 0) == 0) {
		err_set(e, EX_NOPERM, "the certificate of %s is not accepted: %s", host, (const char *)text.data);
		gnutls_free(text.data);
		return -1;
	}
	return err_set(e, EX_PROTOCOL, "TLS with %s failed: %s", host, gnutls_strerror(result));
}

int transport_start_tls(struct transport *t, const char *host, const char *ca, int64_t deadline, struct err *e)
{
	int r;

	if (load_authorities(t, ca, e) < 0 || prepare_tls(t, host, e) < 0)
		return -1;
	transport_limit(t, deadline, SIZE_MAX);
	do {
		r = check_limits(t) < 0 ? GNUTLS_E_TIMEDOUT : gnutls_handshake(t->tls);
		if (r == GNUTLS_E_AGAIN && wait_ready(t, gnutls_record_get_direction(t->tls) ? POLLOUT : POLLIN) < 0)
			r = GNUTLS_E_TIMEDOUT;
	} while (r < 0 && !gnutls_error_is_fatal(r));
	if (r < 0)
		t->abandoned = true;
	return r < 0 ? say_why(t, host, r, e) : 0;
}

// --- limits ----------------------------------------------------------------------------------------------------------

void transport_limit(struct transport *t, int64_t deadline, size_t budget)
{
	t->deadline = deadline;
	t->budget = budget;
	t->trouble.text[0] = '\0';
}

void transport_abandon(struct transport *t)
{
	t->abandoned = true;
}

const char *transport_trouble(const struct transport *t)
{
	return t->trouble.text;
}
