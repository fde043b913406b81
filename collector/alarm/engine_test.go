package alarm_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/internal/conf"
)

// rig is an engine over real partitions, a real log and a real store. r2 and r3 are behind r1.
type rig struct {
	*partitiontest.Site
	*alarm.Engine
	t      *testing.T
	reg    *prometheus.Registry
	config alarm.Config
	cancel context.CancelFunc
	ended  chan error
}

func newRig(t *testing.T) *rig {
	r := &rig{Site: partitiontest.New(t, 2), t: t, config: alarm.DefaultConfig()}
	r.config.ClearAfter = 0
	r.Reload(func(inv *partitiontest.Inventory) {
		inv.Devices[1].Parent, inv.Devices[2].Parent = "r1", "r1"
		inv.Devices[2].Province = "48"
	})
	return r
}

func (r *rig) start() {
	r.t.Helper()
	r.Changes = partition.NewChanges()
	r.Start()
	r.reg = prometheus.NewRegistry()
	var err error
	r.Engine, err = alarm.New(r.config, alarm.Deps{Store: r.Store, Partitions: r.Parts, Changes: r.Changes, Inventory: r.Inventory.Load,
		Now: func() time.Time { return r.Now }, Log: zerolog.Nop(), Registerer: r.reg})
	r.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.ended = cancel, make(chan error, 1)
	go func() { r.ended <- r.Engine.Run(ctx) }()
}

// stop ends the engine, then the rest.
func (r *rig) stop() {
	r.cancel()
	<-r.ended
	r.Stop()
}

// crash takes the store away first: nobody can save anything any more.
func (r *rig) crash() {
	r.t.Helper()
	r.Must(r.Store.Close())
	r.cancel()
	<-r.ended
	r.Crash()
}

// poll sends one round of polls, some seconds before the present.
func (r *rig) poll(ago int64, up bool, devices ...string) {
	r.t.Helper()
	lines := make([]string, 0, len(devices))
	for _, d := range devices {
		lines = append(lines, fmt.Sprintf("reach,agent=a1,device=%s,method=snmp up=%t,interval_s=60i %d000000000", d, up, r.Now.Unix()-ago))
	}
	r.Send(0, "", lines)
}

func (r *rig) names(f alarm.Filter) []string {
	all := r.List(f)
	out := make([]string, 0, len(all))
	for _, a := range all {
		out = append(out, string(a.Cause)+" "+a.Name)
	}
	slices.Sort(out)
	return out
}

// open waits until exactly these alarms are told.
func (r *rig) open(want ...string) {
	r.t.Helper()
	want = append([]string{}, want...)
	r.Until(func() bool { return cmp.Equal(want, r.names(alarm.Filter{})) })
}

func (r *rig) only() alarm.Alarm {
	r.t.Helper()
	all := r.List(alarm.Filter{})
	if len(all) != 1 {
		r.t.Fatalf("%d alarms, want one", len(all))
	}
	return all[0]
}

// active are the series of haidang_alarm_active.
func (r *rig) active() (out []string) {
	r.t.Helper()
	families, err := r.reg.Gather()
	r.Must(err)
	for _, f := range families {
		if f.GetName() != "haidang_alarm_active" {
			continue
		}
		for _, m := range f.GetMetric() {
			series := ""
			for _, l := range m.GetLabel() {
				series += l.GetName() + "=" + l.GetValue() + " "
			}
			out = append(out, fmt.Sprint(series, m.GetGauge().GetValue()))
		}
	}
	return out
}

// The whole life of an alarm, over the wire of the collector.
func TestFromPointToAlarm(t *testing.T) {
	r := newRig(t)
	r.start()
	defer func() { r.stop() }()
	r.poll(300, true, "r1", "r2", "r3")
	r.poll(240, false, "r1", "r2", "r3")
	r.poll(180, false, "r2")
	r.poll(180, false, "r1", "r3")
	r.open("device_down r1")
	r.Until(func() bool { return r.only().Beneath.Devices == 2 })
	a := r.only()
	if a.Since.Unix() != r.Now.Unix()-240 || a.Occurrences != 1 || a.State != alarm.Active || a.Acknowledged != nil {
		t.Errorf("%+v", a)
	}
	d, err := r.Get(t.Context(), a.ID)
	r.Must(err)
	if len(d.Dependants) != 2 || d.Dependants[0].Name != "r2" || d.Dependants[1].Province != "48" || d.Events[0].Kind != alarm.Raised {
		t.Errorf("%+v", d)
	}
	if diff := cmp.Diff([]string{"cause=device_down province=01 severity=minor system=man-e 1"}, r.active()); diff != "" {
		t.Errorf("haidang_alarm_active (-want +got):\n%s", diff)
	}

	_, err = r.Acknowledge(t.Context(), a.ID, "lan", "đang kiểm tra nguồn")
	r.Must(err)
	_, err = r.Assign(t.Context(), a.ID, "lan", "tổ Ba Đình")
	r.Must(err)
	changed, err := r.Note(t.Context(), a.ID, "minh", "UPS hỏng")
	r.Must(err)
	if changed.Owner != "tổ Ba Đình" || changed.Acknowledged.Who != "lan" || len(changed.Notes) != 1 {
		t.Errorf("%+v", changed)
	}
	if _, err := r.Note(t.Context(), a.ID, "minh", " "); err == nil {
		t.Error("an empty note")
	}
	for text, n := range map[string]int{"ups hong": 1, "BA DINH": 1, "r1": 1, "r2": 0} {
		if got := r.names(alarm.Filter{Text: text}); len(got) != n {
			t.Errorf("%q finds %v", text, got)
		}
	}
	if got := r.names(alarm.Filter{State: "unacknowledged"}); len(got) != 0 {
		t.Errorf("unacknowledged: %v", got)
	}

	r.poll(100, true, "r1", "r2", "r3")
	r.open()
	if _, err := r.Acknowledge(t.Context(), a.ID, "lan", ""); err == nil {
		t.Error("acknowledged although it is cleared")
	}
	past, err := r.History(t.Context(), r.Now.Add(-time.Hour), r.Now.Add(time.Hour), alarm.Filter{}, 10)
	r.Must(err)
	if len(past) != 1 || past[0].Beneath.Most != 2 || past[0].Notes[0].Text != "UPS hỏng" {
		t.Errorf("%+v", past)
	}
	r.handover(past)
}

func (r *rig) handover(past []alarm.Alarm) {
	r.t.Helper()
	s, err := r.Handover(r.t.Context(), r.Now.Add(-time.Hour), r.Now.Add(time.Hour), alarm.Filter{})
	r.Must(err)
	var text, table bytes.Buffer
	_, err = s.WriteTo(&text)
	r.Must(err)
	r.Must(alarm.WriteCSV(&table, past))
	for _, want := range []string{"Cleared in this shift: 1", "New in this shift: 1", "not acknowledged: 0", "minh: UPS hỏng", "✓lan đang kiểm tra nguồn", "@tổ Ba Đình"} {
		if !strings.Contains(text.String(), want) {
			r.t.Errorf("no %q in\n%s", want, &text)
		}
	}
	if rows := strings.Split(strings.TrimSpace(table.String()), "\n"); len(rows) != 2 || !strings.Contains(rows[1], "1,device,r1,device_down,minor,cleared,01,man-e") {
		r.t.Errorf("csv:\n%s", &table)
	}
}

// A notification of a port is an alarm without a second poll.
func TestTrap(t *testing.T) {
	r := newRig(t)
	r.start()
	defer func() { r.stop() }()
	r.poll(60, true, "r1", "r2")
	r.Send(0, "", []string{fmt.Sprintf("state,agent=a1,device=r1,ifname=ge0,source=trap up=false %d000000000", r.Now.Unix()-5)})
	r.open("link_down l1")
	r.Send(0, "", []string{fmt.Sprintf("state,agent=a1,device=r1,ifname=ge0,source=trap up=true %d000000000", r.Now.Unix()-2)})
	r.open()
}

// Stopped or killed at any time, and whatever happened meanwhile: no alarm is lost, none is there twice,
// and what people said is kept.
func TestRestart(t *testing.T) {
	r := newRig(t)
	r.start()
	defer func() { r.stop() }()
	r.poll(600, true, "r1", "r2", "r3")
	r.poll(540, false, "r2")
	r.poll(520, true, "r1")
	r.poll(480, false, "r2")
	r.open("device_down r2")
	first := r.only()
	_, err := r.Acknowledge(t.Context(), first.ID, "lan", "")
	r.Must(err)
	for i, end := range []func(){r.crash, r.stop, r.crash} {
		r.Settle()
		end()
		r.start()
		r.open("device_down r2")
		if a := r.only(); a.ID != first.ID || !a.RaisedAt.Equal(first.RaisedAt) || a.Acknowledged == nil || a.Occurrences != 1 {
			t.Fatalf("after end %d: %+v", i, a)
		}
	}
	r.poll(400, true, "r2")
	r.Settle()
	r.open()
	r.crash()
	r.start()
	r.poll(310, true, "r1")
	r.poll(300, false, "r2")
	r.poll(290, true, "r1")
	r.poll(240, false, "r2")
	r.open("device_down r2")
	if a := r.only(); a.ID != first.ID+1 || len(a.Falls) != 2 {
		t.Errorf("%+v", a)
	}
}

// Planned work mutes an alarm: it is open, and nobody is told.
func TestMaintenance(t *testing.T) {
	r := newRig(t)
	r.Reload(func(inv *partitiontest.Inventory) {
		now := r.Now.Unix()
		inv.Windows = []model.Window{{ID: "CR-1", Kind: model.ScopeDevice, Key: "r1", Start: now - 100, End: now + 100, ApprovedBy: "noc", ApprovedAt: now - 500}}
	})
	r.start()
	defer func() { r.stop() }()
	r.poll(120, false, "r1")
	r.poll(60, false, "r1")
	r.open("device_down r1")
	if a := r.only(); a.Maintenance != "CR-1" {
		t.Errorf("%+v", a)
	}
	if got := r.active(); len(got) > 0 {
		t.Errorf("told: %v", got)
	}
	r.Reload(func(*partitiontest.Inventory) {})
	r.Until(func() bool { return len(r.List(alarm.Filter{State: "maintenance"})) == 0 })
	r.open("device_down r1")
}

// Who listens misses nothing, also when it comes back later.
func TestStream(t *testing.T) {
	r := newRig(t)
	r.start()
	r.poll(600, true, "r1")
	r.open()
	sub, err := r.Subscribe(t.Context(), 0)
	r.Must(err)
	r.poll(540, false, "r1")
	r.poll(480, false, "r1")
	ev := <-sub.C
	if ev.Kind != alarm.Raised || ev.Alarm.Name != "r1" || ev.Seq == 0 {
		t.Errorf("%+v", ev)
	}
	sub.Close()
	if _, open := <-sub.C; open {
		t.Error("a closed subscription goes on")
	}
	_, err = r.Acknowledge(t.Context(), ev.AlarmID, "lan", "")
	r.Must(err)
	r.poll(100, true, "r1")
	r.open()
	back, err := r.Subscribe(t.Context(), ev.Seq)
	r.Must(err)
	kinds := make([]alarm.EventKind, 0, len(back.Missed))
	for _, m := range back.Missed {
		kinds = append(kinds, m.Kind)
	}
	if diff := cmp.Diff([]alarm.EventKind{alarm.Acknowledged, alarm.Ended}, kinds); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	far, err := r.Subscribe(t.Context(), 1<<40)
	r.Must(err)
	if !far.Lost {
		t.Error("a sequence that never was is not told as lost")
	}
	r.stop()
	if _, open := <-back.C; open {
		t.Error("the engine ended, its stream did not")
	}
	if _, err := r.Subscribe(t.Context(), 0); err == nil {
		t.Error("an engine that ended has a stream")
	}
}

func TestConfigMistakes(t *testing.T) {
	for _, spoil := range []func(*alarm.Config){
		func(c *alarm.Config) { c.ClearAfter = -conf.Duration(time.Second) },
		func(c *alarm.Config) { c.FlapCount = 1 },
		func(c *alarm.Config) { c.KeepDays = 0 },
	} {
		c := alarm.DefaultConfig()
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("accepted: %+v", c)
		}
	}
	if err := alarm.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}
