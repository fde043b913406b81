-- +goose Up
-- Who is logged in to the board, by the digest of what the browser's cookie holds. Times are Unix seconds.
CREATE TABLE session (
    digest   TEXT   PRIMARY KEY,
    name     TEXT   NOT NULL,
    password TEXT   NOT NULL,
    began    BIGINT NOT NULL,
    used     BIGINT NOT NULL
);

-- +goose Down
DROP TABLE session;
