-- The one schema of both engines: text, bytes and 64-bit numbers, nothing that only one of them has. Times are milliseconds
-- since 1970; what comes before what is said by numbers, never by times.

-- One row for each sequence. Taking a number locks its row to the end of the transaction, so numbers are in the order of commits.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO counters (name, last) VALUES ('case', 0), ('upload', 0), ('job', 0), ('probe', 0);

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    made_by TEXT UNIQUE,            -- the caller's key, so that asking twice makes one case
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL,
    version BIGINT NOT NULL         -- of the last change
);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    number BIGINT NOT NULL UNIQUE,
    given TEXT NOT NULL,            -- the name that it came with
    name TEXT NOT NULL,             -- the name that it has in this case
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (case_id, given, sha256),
    UNIQUE (case_id, name)
);
CREATE INDEX uploads_by_content ON uploads (sha256);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    number BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL,            -- queued, running, done, failed, cancelled
    token BIGINT NOT NULL,          -- raised by each lease; who holds an older one may no longer write
    attempts BIGINT NOT NULL,
    worker TEXT,
    leased_until BIGINT NOT NULL,
    lease_length BIGINT NOT NULL,
    cancel_asked BIGINT NOT NULL,
    progress TEXT,
    why TEXT,
    queued_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX one_queued_job_of_a_case ON jobs (case_id) WHERE state = 'queued';
CREATE UNIQUE INDEX one_running_job_of_a_case ON jobs (case_id) WHERE state = 'running';
CREATE INDEX jobs_of_a_case ON jobs (case_id, number);
CREATE INDEX jobs_to_do ON jobs (number) WHERE state IN ('queued', 'running');

CREATE TABLE analyses (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,         -- from 1 in each case
    job_id TEXT NOT NULL UNIQUE,    -- one report for a job
    at BIGINT NOT NULL,
    uploads TEXT NOT NULL,          -- ids, one a line
    report BYTEA NOT NULL,          -- compressed by zstd
    PRIMARY KEY (case_id, number)
);

CREATE TABLE changes (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,        -- from 1 in each case
    made_by TEXT,                   -- the caller's key, so that saying it twice is saying it once
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (case_id, version),
    UNIQUE (case_id, made_by)
);
