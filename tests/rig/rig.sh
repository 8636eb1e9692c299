#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rig.sh - a private mail server on the loopback, for tests and for the demonstration.
#
#   rig.sh start DIR [PORT|auto] [--domain D] [--accounts "NAME..."|@FILE]
#                                   create what DIR lacks, start, wait until ready
#   rig.sh stop    DIR              stop what start started (by pid), keep the mail
#   rig.sh status  DIR              exit 0 if it runs
#   rig.sh deliver DIR NAME FILE... put message files into NAME's INBOX as they are (no relay, no stamp)
#   rig.sh token   DIR NAME [SECS]  print an OAuth2 bearer token (JWT) for NAME
#   rig.sh fault   DIR KIND [COUNT] strike the next COUNT mails (default: all): see relay.py; `none` ends it
#   rig.sh reset   DIR              delete all mail (the server may keep running)
#
# What runs: one dovecot master with a private configuration under DIR (IMAP, IMAPS, submission, LMTP), and relay.py,
# which stands for the organisation's mail exchanger: it takes what dovecot's submission service passes on, stamps it
# with Authentication-Results as mx.DOMAIN, and hands it to dovecot's LMTP, which adds its own Received as DOMAIN.
# So a reader of the mailbox trusts authserv "mx.DOMAIN" and host "DOMAIN".
# The machine's own mail system is never touched.  Dovecot runs wholly as one ordinary user: it refuses mail for uid 0,
# so root runs it as "nobody", who must then be able to reach DIR (its parents need mode +x for others).
#
# Ports (P = PORT, default 11430; auto: a free block), all on 127.0.0.0/8:
#   P    IMAP with STARTTLS           P+1  IMAPS (implicit TLS)
#   P+2  submission with STARTTLS     P+3  submissions (implicit TLS)
#        Without TLS a login is taken on 127.0.0.1 (dovecot trusts a peer of the same address), refused on the others.
#   P+4  LMTP     P+5  relay, from dovecot only     P+6  relay, from outside: nobody logs in
# Certificate by address, on all TLS ports:
#   127.0.0.1  good: signed by DIR/tls/ca.pem, for localhost and 127.0.0.1
#   127.0.0.2  signed by the CA, but for another host     127.0.0.3  right host, but self-signed
#   127.0.0.4  signed by the CA, right host, but expired
# Accounts: see `accounts` below; each one's password is "pw-" and the name.  NAME+ANYTHING@DOMAIN is NAME's mail.
# DIR/env holds the settings as shell assignments for test programs.
#
# Needs: dovecot-core dovecot-imapd dovecot-lmtpd dovecot-submissiond openssl python3

set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
die() { echo "rig.sh: $*" >&2; exit 1; }
[ $# -ge 2 ] || die "usage: rig.sh start|stop|status|deliver|token|fault|reset DIR ..."
command=$1; dir=$2; shift 2

domain=rig.test
accounts="licensing ann bo cy dee max kim gus ira mal"
partner=partner.test # an outside domain whose mail passes DMARC at the relay's outside port
bearer_key=rig-secret-key-rig-secret-key-32

# A system's own python: the relay runs as another user, who may not reach one in somebody's home.
python=/usr/bin/python3
[ -x $python ] || python=$(command -v python3) || die "python3 is missing"

# Run a command as the rig's user: ourselves, or nobody when we are root.
if [ "$(id -u)" = 0 ]; then
    uid=$(id -u nobody); gid=$(id -g nobody)
    as_rig() { setpriv --reuid="$uid" --regid="$gid" --clear-groups -- "$@"; }
else
    uid=$(id -u); gid=$(id -g)
    as_rig() { "$@"; }
fi

# Does process $1 run?  (kill -0 would also say yes for a zombie that a slow init has not reaped.)
running() {
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    state=${stat##*) }
    [ "${state%% *}" != Z ]
}
alive() { [ -s "$1" ] && running "$(cat "$1")"; }

# Every port of a block must be free on 127.0.0.1.
free_block() {
    $python - "$1" <<'EOP'
import socket, sys
first = int(sys.argv[1])
for base in range(first, first + 2000, 10):
    held = []
    try:
        for port in range(base, base + 7):
            s = socket.socket()
            held.append(s)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
    except OSError:
        continue
    finally:
        for s in held:
            s.close()
    print(base)
    sys.exit(0)
sys.exit("no free block of ports")
EOP
}

# The CA and the four servers' certificates (EC keys: some ms each).
issue() { # NAME SUBJECT-ALT-NAMES VALIDITY...: one key and one certificate signed by the CA
    name=$1; names=$2; shift 2
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
        -keyout "$tls/$name.key" -out "$tls/$name.csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >"$tls/$name.ext"
    openssl x509 -req -in "$tls/$name.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -extfile "$tls/$name.ext" \
        -set_serial "0x$(openssl rand -hex 8)" "$@" -out "$tls/$name.pem" 2>/dev/null
}
self_signed() { # NAME OPENSSL-OPTIONS...
    name=$1; shift
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
        -keyout "$tls/$name.key" -out "$tls/$name.pem" "$@" 2>/dev/null
}
make_certificates() {
    tls=$dir/tls; mkdir -p "$tls"
    here_names="DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:127.0.0.3,IP:127.0.0.4"
    self_signed ca -subj "/CN=rig test CA" -addext "keyUsage=critical,keyCertSign"
    issue good "$here_names" -days 3650
    issue wronghost "DNS:other.example" -days 3650
    self_signed selfsigned -subj "/CN=localhost" -addext "subjectAltName=$here_names"
    issue expired "$here_names" -days 0
}

make_users() {
    case $accounts in
    @*) accounts=$(grep -v '^#' "${accounts#@}") ;;
    esac
    for name in $accounts; do
        case $name in *[!a-z0-9._-]*) die "account '$name': lower-case letters, digits, '.', '_', '-' only" ;; esac
        printf '%s:{PLAIN}pw-%s:%s:%s::%s/mail/%s::\n' "$name" "$name" "$uid" "$gid" "$dir" "$name"
    done >"$dir/users"
}

# Bearer tokens: JWTs signed with this key are valid (checked offline).
make_bearer() {
    mkdir -p "$dir/jwtkeys/default/HS256"
    printf %s "$bearer_key" | base64 -w0 >"$dir/jwtkeys/default/HS256/default"
    cat >"$dir/oauth2.conf" <<EOC
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$dir/jwtkeys/
username_attribute = sub
EOC
}

make_config() {
    user=$(id -un "$uid"); group=$(id -gn "$uid")
    addresses="127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4"
    cat >"$dir/dovecot.conf" <<EOC
# Written by rig.sh; every process runs as $user, nothing is chrooted.
protocols = imap lmtp submission
listen = 127.0.0.1
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/log
log_timestamp = "%Y-%m-%d %H:%M:%S.%{usecs} "
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%h/Maildir
mailbox_list_index = yes
mail_fsync = never
maildir_very_dirty_syncs = no
hostname = $domain
recipient_delimiter = +
auth_username_format = %Ln
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_cache_size = 0
auth_policy_server_url =
login_trusted_networks =
disable_plaintext_auth = yes
mail_max_userip_connections = 200
ssl = yes
ssl_cert = <$dir/tls/good.pem
ssl_key = <$dir/tls/good.key
ssl_dh =
local 127.0.0.2 {
  ssl_cert = <$dir/tls/wronghost.pem
  ssl_key = <$dir/tls/wronghost.key
}
local 127.0.0.3 {
  ssl_cert = <$dir/tls/selfsigned.pem
  ssl_key = <$dir/tls/selfsigned.key
}
local 127.0.0.4 {
  ssl_cert = <$dir/tls/expired.pem
  ssl_key = <$dir/tls/expired.key
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $dir/oauth2.conf
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = username_format=%n $dir/users
}
userdb {
  driver = passwd-file
  args = username_format=%n $dir/users
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
  }
  mailbox Processed {
    auto = create
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = $((port + 5))
# yes: the relay is told by XCLIENT who logged in
submission_relay_trusted = yes
submission_max_mail_size = 64M
protocol imap {
  imap_idle_notify_interval = 2 mins
}
service anvil {
  chroot =
  # no growing delay for logins from 127.0.0.1 after a failed one (see start)
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    address = $addresses
    port = $port
  }
  inet_listener imaps {
    address = $addresses
    port = $((port + 1))
    ssl = yes
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    address = $addresses
    port = $((port + 2))
  }
  inet_listener submissions {
    address = $addresses
    port = $((port + 3))
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $((port + 4))
  }
}
EOC
    cat >"$dir/env" <<EOC
RIG_DIR=$dir
RIG_DOMAIN=$domain
RIG_PARTNER=$partner
RIG_AUTHSERV=mx.$domain
RIG_IMAP_PORT=$port
RIG_IMAPS_PORT=$((port + 1))
RIG_SUBMISSION_PORT=$((port + 2))
RIG_SUBMISSIONS_PORT=$((port + 3))
RIG_LMTP_PORT=$((port + 4))
RIG_RELAY_PORT=$((port + 5))
RIG_OUTSIDE_PORT=$((port + 6))
RIG_CA=$dir/tls/ca.pem
EOC
}

# Two that start at the same time would find the same block free; those of another checkout begin to look elsewhere, most
# likely.  What stays running must not inherit the descriptor.
lock() {
    exec 9<"$here/rig.sh"
    flock 9
}

start() {
    port=11430
    case ${1:-} in
    auto) lock; port=$(free_block $((11430 + 10 * ($$ % 1500)))); shift ;;
    [0-9]*) port=$1; shift ;;
    esac
    while [ $# -gt 0 ]; do
        case $1 in
        --domain) domain=${2:?--domain wants a name} ;;
        --accounts) accounts=${2:?--accounts wants names or @FILE} ;;
        *) die "start: what is $1?" ;;
        esac
        shift 2
    done
    mkdir -p "$dir"; dir=$(CDPATH='' cd -- "$dir" && pwd)
    ! alive "$dir/run/master.pid" || die "already running in $dir"
    mkdir -p "$dir/mail" "$dir/run" "$dir/state"
    rm -f "$dir/faults"
    # Dovecot slows down logins (2 to 15 s) from an address that failed one.  Without the penalty socket the auth
    # process would wait 5 s for it at its start; a link to itself in its place fails at once (one "Too many levels"
    # line in the log is expected).
    ln -sfn anvil-auth-penalty "$dir/run/anvil-auth-penalty"
    [ -s "$dir/tls/expired.pem" ] || make_certificates
    make_users
    make_bearer
    make_config
    : >"$dir/relay.log"
    if [ "$(id -u)" = 0 ]; then chown -R "$uid:$gid" "$dir"; fi
    as_rig test -w "$dir/run" || die "user $uid cannot reach $dir (every folder above it must let others through)"
    # The relay runs as its caller: a user without rights could not read this script where a checkout is private.
    $python "$here/relay.py" --inside $((port + 5)) --outside $((port + 6)) --lmtp $((port + 4)) \
        --domain "$domain" --authserv "mx.$domain" --partner "$partner" --faults "$dir/faults" \
        --log "$dir/relay.log" </dev/null >"$dir/relay.out" 2>&1 9<&- &
    echo $! >"$dir/relay.pid"
    as_rig dovecot -c "$dir/dovecot.conf" </dev/null 9<&- || { kill "$(cat "$dir/relay.pid")"; die "dovecot did not start"; }
    i=0 # ready when both greet: dovecot listens before it returns, the relay a little later
    until grep -q listening "$dir/relay.log"; do
        i=$((i + 1))
        if [ $i -ge 500 ] || ! alive "$dir/relay.pid"; then
            stop
            die "the relay did not start: $(cat "$dir/relay.out")"
        fi
        sleep 0.02
    done
}

stop() {
    for file in "$dir/run/master.pid" "$dir/relay.pid"; do
        alive "$file" || continue
        pid=$(cat "$file")
        # The master leads a session of its own; a client's imap process may outlive it.
        children=
        [ "$file" = "$dir/relay.pid" ] || children=$(pgrep -s "$pid" | grep -vx "$pid" || :)
        kill "$pid"
        i=0; while running "$pid" && [ $i -lt 250 ]; do i=$((i + 1)); sleep 0.02; done
        for left in $pid $children; do ! running "$left" || kill -KILL "$left" 2>/dev/null || :; done
    done
    rm -f "$dir/relay.pid"
}

token() {
    name=$1; now=$(date +%s)
    part() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
    head=$(printf '{"typ":"JWT","alg":"HS256"}' | part)
    claims=$(printf '{"sub":"%s","iat":%s,"exp":%s}' "$name" "$now" "$((now + ${2:-3600}))" | part)
    mac=$(printf %s.%s "$head" "$claims" | openssl dgst -sha256 -hmac "$bearer_key" -binary | part)
    printf '%s.%s.%s\n' "$head" "$claims" "$mac"
}

[ "$command" = start ] || dir=$(CDPATH='' cd -- "$dir" && pwd) || exit 1
case $command in
start) start "$@" ;;
stop) stop ;;
status) alive "$dir/run/master.pid" && alive "$dir/relay.pid" ;;
deliver)
    name=$1; shift
    for file in "$@"; do
        as_rig /usr/lib/dovecot/dovecot-lda -c "$dir/dovecot.conf" -d "$name" -f "sender@$domain" <"$file"
    done
    ;;
token) token "$@" ;;
fault)
    if [ "$1" = none ]; then rm -f "$dir/faults"; else echo "$1 ${2:-}" >"$dir/faults.new" && mv "$dir/faults.new" "$dir/faults"; fi
    ;;
reset) rm -rf "$dir/mail"; as_rig mkdir -p "$dir/mail" ;;
*) die "unknown command: $command" ;;
esac
