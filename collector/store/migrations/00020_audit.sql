-- +goose Up
-- Who did what on the board. Rows are only ever added; the oldest are forgotten after a time.
CREATE TABLE audit (
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    address TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    object  TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX audit_at ON audit (at);

-- +goose Down
DROP TABLE audit;
