// SPDX-License-Identifier: Apache-2.0
// imap: watches one folder of an IMAP server, hands every mail to the core, and moves it away when the core has stored
// it.  Holds the mailbox's credentials and decides nothing.
#include <curl/curl.h>
#include <libetpan/libetpan.h>
#include <seccomp.h>
#include <sys/socket.h>

#include "adapters/channel.h"
#include "adapters/fence.h"
#include "adapters/imap/loop.h"
#include "adapters/imap/settings.h"
#include "base/auto.h"
#include "base/log.h"

// Enough for several copies of the largest mail; what a hostile server makes us reserve beyond fails.
#define MEMORY_BASE (1ULL << 30)
#define MEMORY_PER_BYTE 8

// The resolver reads its configuration and may load modules; curl resolves in a thread; TLS reads certificates.
static const int calls[] = { SCMP_SYS(socket),       SCMP_SYS(connect),
	                     SCMP_SYS(bind),         SCMP_SYS(getsockopt),
	                     SCMP_SYS(setsockopt),   SCMP_SYS(getsockname),
	                     SCMP_SYS(getpeername),  SCMP_SYS(sendto),
	                     SCMP_SYS(recvfrom),     SCMP_SYS(sendmmsg),
	                     SCMP_SYS(recvmmsg),     SCMP_SYS(socketpair),
	                     SCMP_SYS(shutdown),     SCMP_SYS(ioctl),
	                     SCMP_SYS(select),       SCMP_SYS(pselect6),
	                     SCMP_SYS(memfd_create), SCMP_SYS(eventfd2),
	                     SCMP_SYS(pipe2),        SCMP_SYS(openat),
	                     SCMP_SYS(open),         SCMP_SYS(access),
	                     SCMP_SYS(faccessat),    SCMP_SYS(faccessat2),
	                     SCMP_SYS(readlink),     SCMP_SYS(readlinkat),
	                     SCMP_SYS(getcwd),       SCMP_SYS(stat),
	                     SCMP_SYS(lstat),        SCMP_SYS(statx),
	                     SCMP_SYS(statfs),       SCMP_SYS(fstatfs),
	                     SCMP_SYS(getdents64),   SCMP_SYS(uname),
	                     SCMP_SYS(getuid),       SCMP_SYS(geteuid),
	                     SCMP_SYS(getgid),       SCMP_SYS(getegid),
	                     SCMP_SYS(sysinfo),      SCMP_SYS(prlimit64),
	                     SCMP_SYS(getrusage),    SCMP_SYS(clone),
	                     SCMP_SYS(clone3),       SCMP_SYS(set_robust_list),
	                     SCMP_SYS(rseq),         SCMP_SYS(sched_getaffinity),
	                     SCMP_SYS(sched_yield),  SCMP_SYS(sigaltstack) };

static int close_fence(const struct settings *s, struct err *e)
{
	const char *const readable[] = { "/etc",
		                         "/usr",
		                         "/lib",
		                         "/lib64",
		                         "/run/systemd/resolve",
		                         "/run/nscd",
		                         "/dev/urandom",
		                         s->ca ? s->ca : "/etc" };
	bool files;

	if (fence_memory(MEMORY_BASE + MEMORY_PER_BYTE * (size_t)s->max_size, e) < 0 ||
	    fence_files(readable, LENGTH(readable), &files, e) < 0 ||
	    fence_calls(calls, LENGTH(calls), true, FENCE_REFUSE, e) < 0)
		return -1;
	if (!files)
		log_info("this kernel has no Landlock: files are fenced off by permissions only");
	return 0;
}

static int run(struct channel *channel, struct settings *settings, struct err *e)
{
	if (channel_open(channel, CHANNEL_FD, settings_keys, login_keys, e) < 0)
		return -1;
	if (settings_take(settings, channel->config, channel->secrets, e) < 0)
		return -1;
	channel_forget(channel);
	if (close_fence(settings, e) < 0 || channel_ready(channel, e) < 0)
		return -1;
	return loop_run(channel, settings, e);
}

int main(void)
{
	struct channel channel = { .fd = -1, .socket = -1, .signal = -1 };
	struct settings settings = { 0 };
	struct err e = { 0 };
	int r;

	log_open("imap");
	if (fence_basics(&e) < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		log_error("cannot start: %s", e.text);
		return EX_OSERR;
	}
	mmap_string_set_ceil(SIZE_MAX); // libetpan keeps large literals in files below /tmp otherwise
	r = run(&channel, &settings, &e);
	if (r < 0)
		log_error("%s", e.text);
	settings_free(&settings);
	channel_close(&channel);
	curl_global_cleanup();
	return r < 0 ? e.code : 0;
}
