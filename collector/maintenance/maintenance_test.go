package maintenance

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

const (
	begin = 1_790_000_000
	end   = begin + 3600
)

// desk is a book whose clock a test sets.
type desk struct {
	*Book
	now int64
}

func newDesk(t *testing.T, fourEyes bool) *desk {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "store.db"), Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := &desk{now: begin - 1000}
	files := inventory.NewIndex(&model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", Site: "s", Validity: model.Validity{To: model.Forever}}, {Name: "e", Province: "79", Site: "s", Validity: model.Validity{To: model.Forever}}},
		Windows: []model.Window{{ID: "MW-20260921-01", Kind: model.ScopeDevice, Key: "d", Start: begin, End: end, ApprovedAt: begin - 1, ApprovedBy: "NOC"}},
		Freezes: []model.Freeze{{ID: "le", Start: begin + 4000, End: begin + 6000, Changes: true, Scopes: []model.Scope{{Kind: model.ScopeProvince, Key: "79"}}},
			{ID: "nho", Start: begin, End: begin + 9000, Scopes: []model.Scope{{Kind: model.ScopeNation}}}},
	})
	d.Book = New(Deps{Store: s, Files: func() *inventory.Index { return files }, Now: func() time.Time { return time.Unix(d.now, 0) }, FourEyes: fourEyes})
	return d
}

var one, two = Actor{Name: "Ca 1"}, Actor{Name: "Ca 2"}

func (d *desk) propose(t *testing.T, q Request) Entry {
	t.Helper()
	e, err := d.Propose(t.Context(), one, q)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func request(id string) Request {
	return Request{ID: id, Scope: "device:d", Start: begin, End: end, Reason: "Thay nguồn"}
}

// What became of a window decides what the plan sees of it.
func TestWhatThePlanSees(t *testing.T) {
	type act struct {
		at   int64
		what string
	}
	for name, c := range map[string]struct {
		acts    []act
		end     int64 // 0: the plan does not see it
		planned bool
	}{
		"proposed":                       {nil, end, false},
		"approved in time":               {[]act{{begin - 1, Approved}}, end, true},
		"approved as it began":           {[]act{{begin, Approved}}, end, false},
		"approved after it":              {[]act{{end + 10, Approved}}, end, false},
		"withdrawn":                      {[]act{{begin - 2, Cancelled}}, 0, false},
		"withdrawn while never approved": {[]act{{begin + 2, Cancelled}}, 0, false},
		"approved, then withdrawn":       {[]act{{begin - 3, Approved}, {begin - 2, Cancelled}}, 0, false},
		"cut short":                      {[]act{{begin - 3, Approved}, {begin + 600, Cancelled}}, begin + 600, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, true)
			d.propose(t, request("w"))
			for _, a := range c.acts {
				d.now = a.at
				step := d.Approve
				if a.what == Cancelled {
					step = d.Cancel
				}
				if e, err := step(t.Context(), two, "w", "ghi chú"); err != nil || e.State != a.what {
					t.Fatalf("%s: %+v, %v", a.what, e, err)
				}
			}
			got, err := Windows(t.Context(), d.Store)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.end == 0 && len(got) > 0:
				t.Errorf("the plan sees %+v; want none", got)
			case c.end != 0 && (len(got) != 1 || got[0].End != c.end || got[0].Planned() != c.planned):
				t.Errorf("the plan sees %+v; want an end at %d, planned %v", got, c.end, c.planned)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	d := newDesk(t, true)
	d.propose(t, request("w"))
	narrow := Actor{Name: "Hà Nội", May: func(p string) bool { return p == "01" }}
	change := func(f func(*Request)) Request { q := request("x"); f(&q); return q }
	for name, c := range map[string]struct {
		act  func() (Entry, error)
		want error
	}{
		"same id":        {func() (Entry, error) { return d.Propose(t.Context(), one, request("w")) }, ErrConflict},
		"id of the file": {func() (Entry, error) { return d.Propose(t.Context(), one, request("MW-20260921-01")) }, ErrConflict},
		"no name":        {func() (Entry, error) { return d.Propose(t.Context(), Actor{}, request("x")) }, ErrInvalid},
		"no reason":      {func() (Entry, error) { return d.Propose(t.Context(), one, change(func(q *Request) { q.Reason = "" })) }, ErrInvalid},
		"ends first": {func() (Entry, error) {
			return d.Propose(t.Context(), one, change(func(q *Request) { q.End = q.Start }))
		}, ErrInvalid},
		"a year long": {func() (Entry, error) {
			return d.Propose(t.Context(), one, change(func(q *Request) { q.End += 366 * 86400 }))
		}, ErrInvalid},
		"odd scope": {func() (Entry, error) {
			return d.Propose(t.Context(), one, change(func(q *Request) { q.Scope = "room:1" }))
		}, ErrInvalid},
		"points nowhere": {func() (Entry, error) {
			return d.Propose(t.Context(), one, change(func(q *Request) { q.Scope = "link:l" }))
		}, ErrInvalid},
		"control characters": {func() (Entry, error) {
			return d.Propose(t.Context(), one, change(func(q *Request) { q.Reason = "a\x00" }))
		}, ErrInvalid},
		"others' provinces": {func() (Entry, error) {
			return d.Propose(t.Context(), narrow, change(func(q *Request) { q.Scope = "site:s" }))
		}, ErrForbidden},
		"own proposal":       {func() (Entry, error) { return d.Approve(t.Context(), one, "w", "") }, ErrForbidden},
		"no such window":     {func() (Entry, error) { return d.Approve(t.Context(), two, "v", "") }, ErrNotFound},
		"window of the file": {func() (Entry, error) { return d.Cancel(t.Context(), two, "MW-20260921-01", "") }, ErrConflict},
		"odd note":           {func() (Entry, error) { return d.Approve(t.Context(), two, "w", " x") }, ErrInvalid},
	} {
		if e, err := c.act(); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", name, e, err, c.want)
		}
	}
	if e, err := d.Propose(t.Context(), narrow, request("own")); err != nil || e.CreatedBy != "Hà Nội" {
		t.Errorf("a window within one's province: %v", err)
	}
	d.now = end
	if _, err := d.Cancel(t.Context(), two, "w", ""); !errors.Is(err, ErrConflict) {
		t.Errorf("cancelled after its end: %v", err)
	}
}

func TestIDsAreMadeByDay(t *testing.T) {
	d := newDesk(t, false)
	for _, want := range []string{"MW-20260921-02", "MW-20260921-03"} { // the file has 01
		if e := d.propose(t, request("")); e.ID != want {
			t.Errorf("id %s, want %s", e.ID, want)
		}
	}
	if _, err := d.Approve(t.Context(), one, "MW-20260921-02", ""); err != nil {
		t.Errorf("without four eyes: %v", err)
	}
	if e := d.propose(t, Request{ID: "free", Scope: "device:d", Start: begin + 8000, End: begin + 9000, Reason: "x"}); e.Frozen != nil {
		t.Errorf("frozen by %v", e.Frozen)
	}
	for id, override := range map[string]string{"held": "", "urgent": "đứt cáp"} {
		e := d.propose(t, Request{ID: id, Scope: "site:s", Start: begin + 5000, End: begin + 9000, Reason: "x", Override: override})
		if (len(e.Frozen) == 1) != (override == "") {
			t.Errorf("%s: frozen by %v", id, e.Frozen)
		}
	}
	all, err := d.List(t.Context())
	if err != nil || len(all) != 6 || all[0].Source != File || all[1].Source != Register {
		t.Errorf("%+v, %v", all, err)
	}
}

// Whatever is done in whatever order, the trail tells it all, and the window is what the trail says.
func TestTheTrailIsTheWindow(t *testing.T) {
	base := newDesk(t, false)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		d := base
		d.now = begin - 1000
		id := d.propose(t, request("r"+time.Unix(int64(round), 0).UTC().Format("20060102150405"))).ID
		done := 1
		for range rapid.IntRange(0, 5).Draw(rt, "steps") {
			d.now += rapid.Int64Range(0, 2000).Draw(rt, "wait")
			step := rapid.SampledFrom([]func() error{
				func() error { _, err := d.Approve(t.Context(), two, id, ""); return err },
				func() error { _, err := d.Cancel(t.Context(), two, id, ""); return err },
			}).Draw(rt, "step")
			if err := step(); err == nil {
				done++
			} else if !errors.Is(err, ErrConflict) {
				rt.Fatal(err)
			}
		}
		e, err := d.Find(t.Context(), id)
		if err != nil || len(e.Trail) != done || e.Trail[done-1].Action != e.State {
			rt.Fatalf("%d steps succeeded: %+v, %v", done, e, err)
		}
		if e.Start != begin || e.End > end || e.End < e.Start || e.State == Proposed && e.ApprovedAt != 0 {
			rt.Fatalf("%+v", e)
		}
	})
}
