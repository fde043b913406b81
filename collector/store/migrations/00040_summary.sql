-- +goose Up
-- What of a closed day is read piece by piece: the rates of one shard's ports, or, as shard -1, the reports. A day_chunk of
-- split 0 is from before there were parts and holds them itself. The key holds the digest, so that all digests of a month are
-- read without the data.
ALTER TABLE day_chunk ADD COLUMN split INTEGER NOT NULL DEFAULT 0;
CREATE TABLE day_part (
    day       INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    shard     INTEGER NOT NULL,
    digest    BIGINT  NOT NULL,
    data      BYTEA   NOT NULL,
    PRIMARY KEY (day, partition, shard, digest)
);

-- Both of these can be made anew from the closed days: a partition's time lines joined, and the links' traffic added up. made
-- says of what; a month is named by its first day.
CREATE TABLE month_line (
    month     INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    made      TEXT    NOT NULL,
    data      BYTEA   NOT NULL,
    PRIMARY KEY (month, partition)
);
CREATE TABLE month_sum (
    month  INTEGER NOT NULL,
    shard  INTEGER NOT NULL,
    made   BYTEA   NOT NULL,
    totals BYTEA   NOT NULL,
    state  BYTEA   NOT NULL,
    PRIMARY KEY (month, shard)
);

-- +goose Down
DROP TABLE month_sum;
DROP TABLE month_line;
DROP TABLE day_part;
ALTER TABLE day_chunk DROP COLUMN split;
