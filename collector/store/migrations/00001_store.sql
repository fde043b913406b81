-- +goose Up
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- expires is in milliseconds of the database's own clock; a row is never deleted, so epochs never repeat.
CREATE TABLE lease (
    partition INTEGER PRIMARY KEY,
    owner     TEXT   NOT NULL,
    epoch     BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);

CREATE TABLE position (
    partition INTEGER PRIMARY KEY,
    log_seq   BIGINT NOT NULL,
    spools    BYTEA  NOT NULL
);

CREATE TABLE block (
    partition INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    hour      INTEGER NOT NULL,
    data      BYTEA   NOT NULL,
    PRIMARY KEY (partition, day, hour)
);

CREATE TABLE day_chunk (
    day       INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    data      BYTEA   NOT NULL,
    revision  INTEGER NOT NULL,
    closed_at BIGINT  NOT NULL,
    PRIMARY KEY (day, partition)
);

CREATE TABLE device (
    name      TEXT PRIMARY KEY,
    partition INTEGER NOT NULL
);

-- +goose Down
DROP TABLE device;
DROP TABLE day_chunk;
DROP TABLE block;
DROP TABLE position;
DROP TABLE lease;
DROP TABLE meta;
