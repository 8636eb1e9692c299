// SPDX-License-Identifier: Apache-2.0
// slack: brings what people do in Slack to the core, and the core's words to Slack.  It holds the app's tokens and
// reaches Slack's servers; it decides nothing and keeps nothing.

#include <curl/curl.h>
#include <seccomp.h>
#include <stdlib.h>

#include "adapters/channel.h"
#include "adapters/fence.h"
#include "adapters/slack/loop.h"
#include "adapters/slack/settings.h"
#include "base/auto.h"
#include "base/log.h"

// What libuv, libwebsockets, libcurl, the resolver and their threads need beyond the basic set.
static const int network_calls[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
	SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(socketpair), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(memfd_create), SCMP_SYS(ioctl), SCMP_SYS(uname), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	// files that may be read (the fence around files says which)
	SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
	// threads
	SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sigaltstack), SCMP_SYS(prlimit64), SCMP_SYS(sysinfo)
};

// A message at its largest, read as JSON, several times over; what a hostile server makes us reserve beyond fails.
#define MEMORY (2ULL << 30)

static int close_fence(const struct settings *settings, struct err *e)
{
	// The resolver's configuration and plug-ins, the trusted certificates.
	const char *paths[] = { "/etc",      "/usr",         "/lib",      "/lib64", "/run/systemd/resolve",
		                "/run/nscd", "/dev/urandom", settings->ca };
	size_t count = LENGTH(paths) - (*settings->ca ? 0 : 1);
	bool closed;

	if (fence_memory(MEMORY, e) < 0 || fence_files(paths, count, &closed, e) < 0)
		return -1;
	if (!closed)
		log_warning("this kernel has no Landlock: files are fenced by system calls alone");
	return fence_calls(network_calls, LENGTH(network_calls), true, FENCE_REFUSE, e);
}

static int run(struct channel *channel, struct settings *settings, struct err *e)
{
	struct loop *loop;
	int r = -1;

	if (settings_take(settings, channel->config, channel->secrets, e) < 0)
		return -1;
	channel_forget(channel);
	loop = loop_new(channel, settings, e);
	if (!loop)
		return -1;
	if (close_fence(settings, e) == 0 && channel_ready(channel, e) == 0)
		r = loop_run(loop, e);
	if (!loop_free(&loop)) {
		if (r < 0)
			log_error("%s", e->text);
		_exit(r < 0 ? e->code : 0);
	}
	return r;
}

int main(void)
{
	struct channel channel;
	struct settings settings = { 0 };
	struct err e = { 0 };
	int r;

	log_open("slack");
	// libwebsockets would go by these; one lookup at a time needs one thread.
	unsetenv("http_proxy");
	unsetenv("socks_proxy");
	setenv("UV_THREADPOOL_SIZE", "1", 1);
	r = fence_basics(&e);
	if (r == 0) {
		curl_global_init(CURL_GLOBAL_SSL);
		r = channel_open(&channel, CHANNEL_FD, settings_keys, secret_keys, &e);
		if (r == 0)
			r = run(&channel, &settings, &e);
		settings_free(&settings);
		channel_close(&channel);
		curl_global_cleanup();
	}
	if (r < 0)
		log_error("%s", e.text);
	return r < 0 ? e.code : 0;
}
