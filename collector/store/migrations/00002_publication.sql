-- +goose Up
-- A published month never changes: rows of both tables are only ever added.
CREATE TABLE publication (
    month        TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    published_at BIGINT  NOT NULL,
    published_by TEXT    NOT NULL,
    inventory    TEXT    NOT NULL,
    targets      TEXT    NOT NULL,
    PRIMARY KEY (month, revision)
);

CREATE TABLE published_scorecard (
    month    TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    scope    TEXT    NOT NULL,
    place    INTEGER NOT NULL,
    digest   TEXT    NOT NULL,
    data     BYTEA   NOT NULL,
    PRIMARY KEY (month, revision, scope)
);

-- +goose Down
DROP TABLE published_scorecard;
DROP TABLE publication;
