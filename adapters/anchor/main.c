// SPDX-License-Identifier: Apache-2.0
// anchor: carries heads of the log to those outside who confirm them, witnesses for one, and brings back what they say.
// It holds no secret and understands nothing of it; the core checks what comes back.

#include <curl/curl.h>
#include <seccomp.h>

#include "adapters/anchor/loop.h"
#include "adapters/channel.h"
#include "adapters/fence.h"
#include "base/auto.h"
#include "base/log.h"

// What libcurl, the resolver and its thread need beyond the basic set.
static const int network_calls[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
	SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(socketpair), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
	SCMP_SYS(ioctl), SCMP_SYS(uname), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	// files that may be read (the fence around files says which)
	SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
	// threads
	SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sigaltstack), SCMP_SYS(prlimit64), SCMP_SYS(sysinfo)
};

static int close_fence(const char *ca, struct err *e)
{
	// The resolver's configuration and plug-ins, the trusted certificates.
	const char *paths[] = { "/etc",      "/usr",         "/lib", "/lib64", "/run/systemd/resolve",
		                "/run/nscd", "/dev/urandom", ca };
	size_t count = LENGTH(paths) - (*ca ? 0 : 1);
	bool closed;

	if (fence_files(paths, count, &closed, e) < 0)
		return -1;
	if (!closed)
		log_warning("this kernel has no Landlock: files are fenced by system calls alone");
	return fence_calls(network_calls, LENGTH(network_calls), true, FENCE_REFUSE, e);
}

static int run(struct channel *channel, struct err *e)
{
	const char *ca = json_str(channel->config, "ca");

	channel_forget(channel);
	if (close_fence(ca, e) < 0 || channel_ready(channel, e) < 0)
		return -1;
	return loop_run(channel, ca, e);
}

int main(void)
{
	static const struct json_key config[] = { { "ca", 's', 4096 }, { 0 } }, secrets[] = { { 0 } };
	struct channel channel;
	struct err e = { 0 };
	int r;

	log_open("anchor");
	r = fence_basics(&e);
	if (r == 0) {
		curl_global_init(CURL_GLOBAL_SSL);
		r = channel_open(&channel, CHANNEL_FD, config, secrets, &e);
		if (r == 0)
			r = run(&channel, &e);
		channel_close(&channel);
		curl_global_cleanup();
	}
	if (r < 0)
		log_error("%s", e.text);
	return r < 0 ? e.code : 0;
}
