-- SPDX-License-Identifier: Apache-2.0
-- The whole store.  Times are milliseconds since 1970 UTC; *_id texts of people are principals: "person:ann" for
-- somebody in people.yaml, "mail:kim@example.com" for somebody who may only ask.
--
-- Three kinds of table:
--   the log        what happened.  Append-only; everything else follows from it.
--   projections    what the log's entries come to.  Written by store/apply.c alone, rebuilt and compared by
--                  `countersign log verify`, listed in store/projection.c.
--   work           what is in hand: mail that came in, mail to go out, reply tokens, bytes of evidence.

-- === the log =========================================================================================================

CREATE TABLE entry (            -- one action, and what a tree leaf commits to
  seq   INTEGER PRIMARY KEY,    -- from 0, without gaps
  leaf  BLOB NOT NULL,          -- canonical JSON, the exact bytes that were hashed
  salt  BLOB,                   -- 32 random bytes; NULL once erased
  body  BLOB                    -- canonical JSON; NULL once erased
) STRICT;

CREATE TABLE node (             -- RFC 6962 hashes by Go's StoredHashIndex: any root or proof reads O(log n) of them
  id    INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (       -- signed heads (C2SP tlog-checkpoint), oldest first
  size  INTEGER PRIMARY KEY,
  root  BLOB NOT NULL,
  note  TEXT NOT NULL
) STRICT;

-- === projections =====================================================================================================

CREATE TABLE history (          -- which entries belong to which case
  case_id TEXT NOT NULL,
  seq     INTEGER NOT NULL REFERENCES entry,
  PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
  id        TEXT PRIMARY KEY,   -- "CS-142"
  number    INTEGER NOT NULL UNIQUE,
  state     TEXT NOT NULL CHECK (state IN ('incomplete', 'pending', 'approved', 'rejected', 'withdrawn', 'lapsed',
                                           'expired', 'revoked')),
  type      TEXT NOT NULL,      -- id of the catalogue's type, or ''
  title     TEXT NOT NULL,
  requester TEXT NOT NULL,      -- principal
  requester_name    TEXT NOT NULL,
  requester_address TEXT NOT NULL, -- where the requester is answered
  verified  INTEGER NOT NULL,   -- 1: the request's sender was authenticated
  filed_by  TEXT NOT NULL,      -- principal; the requester, or whoever filed it for them
  opened    INTEGER NOT NULL,
  updated   INTEGER NOT NULL,
  due       INTEGER,            -- when it lapses if nobody decides
  expires   TEXT,               -- until when it is asked for or granted, YYYY-MM-DD
  closed    INTEGER,            -- when it was decided or given up
  version   INTEGER NOT NULL,   -- the current one
  catalogue INTEGER NOT NULL,   -- version of the catalogue that judged it
  risk      INTEGER NOT NULL,   -- 0 to 10
  stage     INTEGER,            -- the open stage, from 0; NULL when none is
  thread    TEXT NOT NULL       -- Message-ID of the request, or ''
) STRICT;
CREATE INDEX cases_by_state ON cases (state, number);
CREATE INDEX cases_by_requester ON cases (requester, number);
CREATE INDEX cases_by_address ON cases (lower(requester_address), number);
CREATE INDEX cases_by_filer ON cases (filed_by, number) WHERE filed_by <> requester;
CREATE INDEX cases_by_risk ON cases (risk, number);
CREATE INDEX cases_by_expiry ON cases (expires, number);

CREATE TABLE version (          -- what was asked, as each edit left it
  case_id TEXT NOT NULL REFERENCES cases,
  version INTEGER NOT NULL,
  hash    BLOB NOT NULL,        -- content hash: what a vote binds to
  editor  TEXT NOT NULL,        -- principal
  at      INTEGER NOT NULL,
  text    TEXT NOT NULL,        -- the requester's own prose
  components TEXT NOT NULL,     -- JSON list
  missing TEXT NOT NULL,        -- JSON list of fact names
  PRIMARY KEY (case_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
  case_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,        -- JSON
  origin  TEXT NOT NULL,        -- line, table, subject, form, inferred, sbom, import
  words   TEXT NOT NULL,        -- what the requester wrote
  PRIMARY KEY (case_id, version, name),
  FOREIGN KEY (case_id, version) REFERENCES version
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (              -- the current version's facts as folded words: what `find` looks through
  number  INTEGER NOT NULL,     -- the case's
  name    TEXT NOT NULL,        -- of the fact
  value   TEXT NOT NULL,        -- in lower case; a list has a row for each member
  amount  REAL,                 -- of numbers and money
  PRIMARY KEY (number, name, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_value ON tag (name, value, number);
CREATE INDEX tag_by_amount ON tag (name, amount, number) WHERE amount IS NOT NULL;

CREATE TABLE finding (          -- what the catalogue's checks found in the current version
  case_id TEXT NOT NULL REFERENCES cases,
  number  INTEGER NOT NULL,     -- order, from 0
  detail  TEXT NOT NULL,        -- JSON: check, policy, clause, control, says, risk
  PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE precedent (        -- past decisions like it, as its judgement found them
  case_id TEXT NOT NULL REFERENCES cases,
  number  INTEGER NOT NULL,     -- order, the most alike first, from 0
  other   TEXT NOT NULL REFERENCES cases,
  alike   TEXT NOT NULL,        -- JSON list: what the two have in common
  PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX precedent_by_other ON precedent (other, case_id);

CREATE TABLE evidence (
  case_id TEXT NOT NULL REFERENCES cases,
  seq     INTEGER NOT NULL REFERENCES entry,
  name    TEXT NOT NULL,
  type    TEXT NOT NULL,        -- media type as the sender said
  size    INTEGER NOT NULL,
  sha256  BLOB NOT NULL,
  commitment BLOB NOT NULL,     -- SHA-256 over a label, the blob's salt, its bytes
  PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE stage (
  case_id TEXT NOT NULL REFERENCES cases,
  number  INTEGER NOT NULL,     -- order, from 0
  name    TEXT NOT NULL,
  need    INTEGER NOT NULL,     -- votes that decide it
  groups  TEXT NOT NULL,        -- JSON list
  factor  TEXT,                 -- a second factor that votes need, or NULL
  grounds INTEGER NOT NULL,     -- 1: who approves must say why
  state   TEXT NOT NULL CHECK (state IN ('waiting', 'open', 'passed', 'failed')),
  PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE review (           -- who was asked
  case_id TEXT NOT NULL REFERENCES cases,
  stage   INTEGER NOT NULL,
  person  TEXT NOT NULL,        -- principal
  seat    TEXT NOT NULL,        -- principal whose place they take: their own, or the one they stand in for
  at      INTEGER NOT NULL,
  PRIMARY KEY (case_id, stage, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_by_person ON review (person, case_id);

CREATE TABLE vote (
  seq     INTEGER PRIMARY KEY REFERENCES entry,
  case_id TEXT NOT NULL REFERENCES cases,
  version INTEGER NOT NULL,
  stage   INTEGER NOT NULL,
  person  TEXT NOT NULL,
  seat    TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'reject', 'abstain', 'recuse')),
  at      INTEGER NOT NULL,
  via     TEXT NOT NULL,
  why     TEXT NOT NULL,
  voided  INTEGER               -- the entry that voided it, or NULL
) STRICT;
CREATE INDEX vote_by_person ON vote (person, case_id);
CREATE UNIQUE INDEX vote_once ON vote (case_id, version, stage, person) WHERE voided IS NULL;

CREATE TABLE comment (
  seq     INTEGER PRIMARY KEY REFERENCES entry,
  case_id TEXT NOT NULL REFERENCES cases,
  kind    TEXT NOT NULL CHECK (kind IN ('comment', 'question', 'answer')),
  person  TEXT NOT NULL,
  name    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  text    TEXT NOT NULL
) STRICT;
CREATE INDEX comment_by_case ON comment (case_id, seq);

CREATE TABLE grants (           -- what was granted: one row for each component of a case that was approved on its own
  case_id TEXT NOT NULL REFERENCES cases,
  number  INTEGER NOT NULL,     -- order, from 0
  component TEXT NOT NULL,      -- in lower case: what later requests are looked up by; '' when none was named
  state   TEXT NOT NULL CHECK (state IN ('active', 'expired', 'revoked', 'superseded')),
  scope   TEXT NOT NULL,        -- JSON, see store/grants.h
  PRIMARY KEY (case_id, number)
) STRICT;
CREATE INDEX grants_by_component ON grants (component) WHERE state = 'active'; -- by rowid within: newest last

CREATE TABLE link (             -- what a case rests on
  case_id TEXT NOT NULL REFERENCES cases,
  kind    TEXT NOT NULL CHECK (kind IN ('grant', 'renews')), -- was answered with its grant; asks to renew it
  other   TEXT NOT NULL REFERENCES cases,
  PRIMARY KEY (case_id, kind, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_other ON link (other, kind, case_id);

CREATE TABLE imported (         -- cases that were taken over from a register kept elsewhere
  register TEXT NOT NULL,       -- what the register is called
  original TEXT NOT NULL,       -- its own id of the row
  case_id TEXT NOT NULL UNIQUE REFERENCES cases,
  source  TEXT NOT NULL,        -- name of the file
  row     INTEGER NOT NULL,     -- in it, from 1
  PRIMARY KEY (register, original)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (            -- what is due, by absolute time
  case_id TEXT NOT NULL REFERENCES cases,
  kind    TEXT NOT NULL CHECK (kind IN ('remind', 'alternate', 'manager', 'lapse', 'expiry', 'expire')),
  number  INTEGER NOT NULL,     -- which reminder, from 1; of expiry the days that are left; else 0
  at      INTEGER NOT NULL,
  PRIMARY KEY (case_id, kind, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_by_time ON timer (at);

CREATE TABLE message (          -- what came in, and what became of it
  seq     INTEGER PRIMARY KEY REFERENCES entry, -- its message.received
  state   TEXT NOT NULL CHECK (state IN ('received', 'used', 'refused', 'parked', 'ignored', 'erased')),
  reason  TEXT NOT NULL,        -- a code, or ''
  outcome INTEGER               -- the entry that says so
) STRICT;
CREATE INDEX message_by_state ON message (state) WHERE state IN ('received', 'parked');

CREATE TABLE membership (       -- who is in which group, and since when: a role granted later does not count
  person  TEXT NOT NULL,
  grp     TEXT NOT NULL,
  since   INTEGER NOT NULL,
  PRIMARY KEY (person, grp)
) STRICT, WITHOUT ROWID;

CREATE TABLE publication (      -- the people and catalogue files in force, by entry; catalogues that were proposed; and
                                -- the keys that were introduced to sign the log's heads
  seq     INTEGER PRIMARY KEY REFERENCES entry,
  kind    TEXT NOT NULL CHECK (kind IN ('people', 'catalogue', 'proposed', 'key')),
  sha256  BLOB NOT NULL         -- of the file's text, or the key's
) STRICT;

CREATE TABLE applying (         -- the catalogue by which cases are still to be judged again; at most one row
  version INTEGER NOT NULL,     -- its version
  through INTEGER NOT NULL,     -- number of the last case that was looked at
  last    INTEGER NOT NULL      -- number of the last case that was there when it was published
) STRICT;

CREATE TABLE alarm (            -- what was found wrong
  seq     INTEGER PRIMARY KEY REFERENCES entry,
  code    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  text    TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_by_code ON alarm (code, seq);

CREATE TABLE restored (         -- when the log was put together again from a backup, and what that lost
  seq     INTEGER PRIMARY KEY REFERENCES entry, -- its restore.done: the log had so many entries
  at      INTEGER NOT NULL,
  lost    INTEGER,              -- entries; NULL: nobody knows how many
  origin  TEXT                  -- the new one, under which the log goes on; NULL: the old one
) STRICT;

CREATE TABLE erasure (          -- asked for by one administrator; it takes another to carry it out
  seq     INTEGER PRIMARY KEY REFERENCES entry, -- its erasure.asked
  subject TEXT NOT NULL,        -- a case's id, or a principal
  person  TEXT NOT NULL,        -- principal who asked
  at      INTEGER NOT NULL,
  why     TEXT NOT NULL
) STRICT;

CREATE TABLE erased (           -- bodies that are gone.  A case whose requester is '' was erased whole, see store/erase.h
  seq     INTEGER PRIMARY KEY REFERENCES entry,
  erasing INTEGER NOT NULL REFERENCES entry -- the body.erased that says so
) STRICT;

CREATE TABLE hold (             -- what must be kept whatever retention says
  subject TEXT PRIMARY KEY,     -- a case's id, or a principal
  seq     INTEGER NOT NULL REFERENCES entry -- its hold.set
) STRICT, WITHOUT ROWID;

CREATE TABLE archived (         -- bundles of cases, STATE/archive/CASE.tar, and the evidence that is in them, no longer here
  sha256  BLOB PRIMARY KEY,
  seq     INTEGER NOT NULL REFERENCES entry -- the evidence.archived that says so
) STRICT, WITHOUT ROWID;
CREATE INDEX archived_by_seq ON archived (seq);

CREATE TABLE words (            -- what free text search looks through
  id      INTEGER PRIMARY KEY,  -- the case's number
  text    TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE search USING fts5 (text, content = 'words', content_rowid = 'id', detail = 'full',
                                        tokenize = 'unicode61 remove_diacritics 2');
-- No triggers keep the two together: with trusted_schema off they may not write to a virtual table (store/words.c does).

-- === work ============================================================================================================

CREATE TABLE blob (             -- bytes of evidence: raw mail and attachments, by content
  sha256  BLOB PRIMARY KEY,
  size    INTEGER NOT NULL,
  salt    BLOB NOT NULL,
  data    BLOB                  -- NULL: in the folder evidence/, named by the hash; none, but a size: see archived
) STRICT;

CREATE TABLE inbox (            -- mail, and envelopes of Slack, as they came; a row is there before the channel is told that it is safe
  id      INTEGER PRIMARY KEY,
  via     TEXT NOT NULL CHECK (via IN ('mail', 'slack')),
  channel TEXT NOT NULL UNIQUE, -- the channel's own id: account, folder, UIDVALIDITY, UID; "slack/click/..."
  seq     INTEGER NOT NULL REFERENCES entry, -- its message.received
  sha256  BLOB REFERENCES blob, -- NULL once erased; then nothing here is what came but id, via and seq
  at      INTEGER NOT NULL,     -- INTERNALDATE, or when it came
  message_id TEXT,              -- once it was read
  state   TEXT NOT NULL CHECK (state IN ('new', 'done')),
  tries   INTEGER NOT NULL,     -- how often the parser died over it
  reply   TEXT                  -- JSON: what the channel was told to answer with; when it comes again, once more
) STRICT;
CREATE INDEX inbox_new ON inbox (via, id) WHERE state = 'new';
CREATE INDEX inbox_by_bytes ON inbox (sha256);
CREATE INDEX inbox_by_message_id ON inbox (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE outbox (           -- what goes out; made in the transaction that causes it
  id      INTEGER PRIMARY KEY,
  carrier TEXT NOT NULL CHECK (carrier IN ('mail', 'slack')),
  kind    TEXT NOT NULL,        -- template
  case_id TEXT,
  principal TEXT NOT NULL,      -- to whom
  address TEXT NOT NULL,        -- of mail, or "slack:U0ANN"
  place   TEXT,                 -- Slack: JSON, where it goes when not to the person (store/postings.h); else NULL
  token   BLOB REFERENCES token, -- NULL once erased; then nothing here is what was sent but the id
  message_id TEXT NOT NULL,     -- fixed: a repeated delivery is recognised by it
  in_reply_to TEXT,             -- what it answers
  refs    TEXT NOT NULL,        -- JSON list of Message-IDs, oldest first
  model   TEXT NOT NULL,        -- JSON: what the template is filled with
  created INTEGER NOT NULL,
  next    INTEGER NOT NULL,     -- not before
  head    INTEGER NOT NULL,     -- size of the log that it tells of: it goes out once a signed head covers that
  tries   INTEGER NOT NULL,
  state   TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
  problem TEXT                  -- what the last try met
) STRICT;
CREATE INDEX outbox_queued ON outbox (carrier, next) WHERE state = 'queued';
CREATE INDEX outbox_by_thread ON outbox (case_id, address, id);
CREATE INDEX outbox_by_message_id ON outbox (message_id);
CREATE INDEX outbox_by_address ON outbox (address, created);

CREATE TABLE posting (          -- messages in Slack that a letter became
  letter  INTEGER PRIMARY KEY REFERENCES outbox,
  channel TEXT NOT NULL,
  ts      TEXT NOT NULL,        -- Slack's id of the message within the channel
  settled INTEGER NOT NULL,     -- 1: it asks nothing any more
  UNIQUE (channel, ts)
) STRICT;

CREATE TABLE token (            -- what a reply token is bound to; its MAC is nowhere, so editing this mints nothing
  id      BLOB PRIMARY KEY,     -- 8 random bytes
  purpose INTEGER NOT NULL,     -- 1 decide, 2 talk
  case_id TEXT NOT NULL,        -- '' for an answer that is about no case
  version INTEGER NOT NULL,
  content BLOB NOT NULL,        -- the version's content hash
  principal TEXT NOT NULL,
  address TEXT NOT NULL,
  expires INTEGER NOT NULL,     -- seconds since 1970
  seal    BLOB NOT NULL,        -- key id and a MAC over all of the above: who edits it cannot make it whole again
  used    INTEGER               -- the entry it decided, or NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed (           -- a letter as it was written: whoever edits it cannot make it whole again, and it does not go out
  letter  INTEGER PRIMARY KEY REFERENCES outbox,
  seal    BLOB NOT NULL         -- key id and a MAC over all of the letter that never changes
) STRICT;

CREATE TABLE cosignature (      -- what witnesses said about our checkpoints; each verifies by itself
  size    INTEGER NOT NULL REFERENCES checkpoint,
  witness TEXT NOT NULL,        -- its public key, NAME+ID+KEY (C2SP signed-note)
  line    TEXT NOT NULL,        -- the signature line, with its line end
  at      INTEGER NOT NULL,     -- when it came
  PRIMARY KEY (size, witness)
) STRICT, WITHOUT ROWID;

CREATE TABLE timestamp (        -- what a time-stamping authority (RFC 3161) said about our checkpoints; each verifies by itself
  size    INTEGER PRIMARY KEY REFERENCES checkpoint,
  note    TEXT NOT NULL,        -- the signed checkpoint as it was sent: the bytes that are stamped
  answer  BLOB NOT NULL,        -- TimeStampResp, DER
  at      INTEGER NOT NULL      -- the stamp's time
) STRICT;
