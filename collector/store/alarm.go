package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Alarm is one alarm, open or over. Times are Unix milliseconds.
type Alarm struct {
	ID                              int64
	Cause, Name, Province, Severity string
	RaisedAt                        int64
	ClearedAt                       int64  // 0: open
	Data                            []byte // all of it, as JSON
}

// AlarmEvent is one thing that happened to an alarm.
type AlarmEvent struct {
	Seq, AlarmID, At int64
	Kind, Who, Text  string
}

// SaveAlarms writes alarms as they are now and adds what happened to them, all or nothing. A second open
// alarm of the same cause and name, or an event with a sequence that is taken, is an error: somebody
// else keeps the alarms, too.
func (s *Store) SaveAlarms(ctx context.Context, alarms []Alarm, events []AlarmEvent) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := saveAlarms(ctx, tx, alarms); err != nil {
			return err
		}
		return addAlarmEvents(ctx, tx, events)
	})
	if err != nil {
		return fmt.Errorf("store: save %d alarms: %w", len(alarms), err)
	}
	return nil
}

func saveAlarms(ctx context.Context, tx *sql.Tx, alarms []Alarm) error {
	const upsert = `INSERT INTO alarm (id, cause, name, province, severity, raised_at, cleared_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET province = excluded.province,
		severity = excluded.severity, cleared_at = excluded.cleared_at, data = excluded.data`
	stmt, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, a := range alarms {
		if _, err := stmt.ExecContext(ctx, a.ID, a.Cause, a.Name, a.Province, a.Severity, a.RaisedAt, a.ClearedAt, string(a.Data)); err != nil {
			return fmt.Errorf("alarm %d: %w", a.ID, err)
		}
	}
	return nil
}

func addAlarmEvents(ctx context.Context, tx *sql.Tx, events []AlarmEvent) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO alarm_event (seq, alarm_id, at, kind, who, text) VALUES ($1, $2, $3, $4, $5, $6)`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, e := range events {
		if _, err := stmt.ExecContext(ctx, e.Seq, e.AlarmID, e.At, e.Kind, e.Who, e.Text); err != nil {
			return fmt.Errorf("event %d: %w", e.Seq, err)
		}
	}
	return nil
}

// LastAlarm is the greatest id of an alarm and the greatest sequence of an event.
func (v *View) LastAlarm() (id, seq int64, err error) {
	const query = `SELECT (SELECT COALESCE(MAX(id), 0) FROM alarm), (SELECT COALESCE(MAX(seq), 0) FROM alarm_event)`
	if err = v.tx.QueryRowContext(v.ctx, query).Scan(&id, &seq); err != nil {
		err = fmt.Errorf("store: last alarm: %w", err)
	}
	return id, seq, err
}

// AlarmQuery says which alarms are wanted.
type AlarmQuery struct {
	Open     bool  // only these; else those cleared
	From, To int64 // when they were cleared, half-open
	ID       int64 // 0: any
	Limit    int   // 0: all
}

const alarmColumns = `SELECT id, cause, name, province, severity, raised_at, cleared_at, data FROM alarm`

// Alarms lists alarms: open ones by id, those cleared from the latest on, one by its id.
func (v *View) Alarms(q AlarmQuery) ([]Alarm, error) {
	query, args := alarmColumns+` WHERE cleared_at = 0 ORDER BY id`, []any{}
	switch {
	case q.ID != 0:
		query, args = alarmColumns+` WHERE id = $1`, []any{q.ID}
	case !q.Open:
		query = alarmColumns + ` WHERE cleared_at >= $1 AND cleared_at < $2 AND cleared_at > 0 ORDER BY cleared_at DESC, id DESC`
		args = []any{q.From, q.To}
	}
	if q.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	var out []Alarm
	err := v.each(query, args, func(scan scanFunc) error {
		var a Alarm
		err := scan(&a.ID, &a.Cause, &a.Name, &a.Province, &a.Severity, &a.RaisedAt, &a.ClearedAt, &a.Data)
		out = append(out, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: alarms: %w", err)
	}
	return out, nil
}

// AlarmEvents lists what happened after a sequence, of one alarm or, for 0, of all, in order and at most
// limit.
func (v *View) AlarmEvents(alarm, after int64, limit int) ([]AlarmEvent, error) {
	const query = `SELECT seq, alarm_id, at, kind, who, text FROM alarm_event
		WHERE seq > $1 AND (alarm_id = $2 OR $2 = 0) ORDER BY seq LIMIT $3`
	var out []AlarmEvent
	err := v.each(query, []any{after, alarm, limit}, func(scan scanFunc) error {
		var e AlarmEvent
		err := scan(&e.Seq, &e.AlarmID, &e.At, &e.Kind, &e.Who, &e.Text)
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: alarm events: %w", err)
	}
	return out, nil
}

// ForgetAlarms deletes alarms that were cleared before a time, at most limit, and their events. It says
// how many.
func (s *Store) ForgetAlarms(ctx context.Context, before int64, limit int) (n int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		const old = `SELECT id FROM alarm WHERE cleared_at > 0 AND cleared_at < $1 ORDER BY cleared_at, id LIMIT $2`
		if _, err := tx.ExecContext(ctx, `DELETE FROM alarm_event WHERE alarm_id IN (`+old+`)`, before, limit); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM alarm WHERE id IN (`+old+`)`, before, limit)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: forget alarms: %w", err)
	}
	return n, nil
}
