-- +goose Up
-- The numbers of each published scorecard in short, for trends and for whoever reads the store with SQL.
CREATE TABLE scope_month (
    month    TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    scope    TEXT    NOT NULL,
    measure  TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    num      TEXT    NOT NULL,
    den      TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    PRIMARY KEY (month, revision, scope, measure, key)
);

-- +goose Down
DROP TABLE scope_month;
