-- +goose Up
-- Maintenance windows that were entered while the collector ran. Rows of both tables are only ever added: what became of a
-- window is told by its events.
CREATE TABLE maintenance_window (
    id        TEXT   PRIMARY KEY,
    scope     TEXT   NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    reason    TEXT   NOT NULL,
    override  TEXT   NOT NULL
);

CREATE TABLE maintenance_event (
    seq       BIGINT PRIMARY KEY,
    window_id TEXT NOT NULL,
    place     INTEGER NOT NULL,
    at        BIGINT NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    note      TEXT NOT NULL,
    UNIQUE (window_id, place)
);

-- +goose Down
DROP TABLE maintenance_event;
DROP TABLE maintenance_window;
