-- +goose Up
-- One row per alarm, open (cleared_at 0) or over; data is all of it as JSON. Times are Unix milliseconds.
CREATE TABLE alarm (
    id         BIGINT PRIMARY KEY,
    cause      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    province   TEXT   NOT NULL,
    severity   TEXT   NOT NULL,
    raised_at  BIGINT NOT NULL,
    cleared_at BIGINT NOT NULL,
    data       TEXT   NOT NULL
);
-- Of one thing only one alarm is open at a time, whoever writes it.
CREATE UNIQUE INDEX alarm_open ON alarm (cause, name) WHERE cleared_at = 0;
CREATE INDEX alarm_cleared ON alarm (cleared_at);

-- What happened to alarms, in order.
CREATE TABLE alarm_event (
    seq      BIGINT PRIMARY KEY,
    alarm_id BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    who      TEXT   NOT NULL,
    text     TEXT   NOT NULL
);
CREATE INDEX alarm_event_alarm ON alarm_event (alarm_id, seq);

-- +goose Down
DROP TABLE alarm_event;
DROP TABLE alarm;
