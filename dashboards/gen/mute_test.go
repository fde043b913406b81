package main

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"
)

func TestSampleMutesTheCalendar(t *testing.T) {
	config, err := os.ReadFile("../alertmanager.yaml")
	if err != nil {
		t.Fatal(err)
	}
	freezes, err := os.ReadFile("../../configs/freezes.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := mute(config, freezes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(config)); diff != "" {
		t.Errorf("alertmanager.yaml does not mute what freezes.csv says; run: go run ./dashboards/gen mute\n%s", diff)
	}
}

func TestPieces(t *testing.T) {
	start, end := "2026-12-30T22:30:00+07:00", "2027-01-03T06:00:00+07:00"
	want := []string{
		`{location: Asia/Ho_Chi_Minh, years: ["2026"], months: [december], days_of_month: ["30:30"], times: [{start_time: "22:30", end_time: "24:00"}]}`,
		`{location: Asia/Ho_Chi_Minh, years: ["2026"], months: [december], days_of_month: ["31:31"]}`,
		`{location: Asia/Ho_Chi_Minh, years: ["2027"], months: [january], days_of_month: ["1:2"]}`,
		`{location: Asia/Ho_Chi_Minh, years: ["2027"], months: [january], days_of_month: ["3:3"], times: [{start_time: "00:00", end_time: "06:00"}]}`,
	}
	from, err := instant(start)
	if err != nil {
		t.Fatal(err)
	}
	to, err := instant(end)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pieces(from, to) {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A minute is muted if and only if it lies in the freeze.
func TestPiecesHoldTheFreezeAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, vietnam())
		start := rapid.IntRange(0, 100_000).Draw(t, "start")
		end := start + rapid.IntRange(1, 100_000).Draw(t, "length")
		out := pieces(begin.Add(time.Duration(start)*time.Minute), begin.Add(time.Duration(end)*time.Minute))
		for _, minute := range []int{start - 1, start, end - 1, end, rapid.IntRange(0, 250_000).Draw(t, "minute")} {
			at := begin.Add(time.Duration(minute) * time.Minute)
			muted := slices.ContainsFunc(out, func(p piece) bool { return p.holds(at) })
			if want := start <= minute && minute < end; muted != want {
				t.Fatalf("%v is muted: %v, want %v: %v", at, muted, want, out)
			}
		}
	})
}

// holds does what Alertmanager does.
func (p piece) holds(at time.Time) bool {
	clock := fmt.Sprintf("%02d:%02d", at.Hour(), at.Minute())
	return at.Year() == p.year && at.Month() == p.month && p.first <= at.Day() && at.Day() <= p.last && p.from <= clock && clock < p.to
}

func TestMuteSaysWhatIsWrong(t *testing.T) {
	marks := muteBegin + muteEnd
	for _, c := range [][2]string{
		{"", freezeHeader + "\n"},
		{marks, "id\n"},
		{marks, freezeHeader + "\nx,,,yesterday,2026-01-01,nation,frozen,,,\n"},
		{marks, freezeHeader + "\nx,,,2026-01-01,tomorrow,nation,frozen,,,\n"},
	} {
		if out, err := mute([]byte(c[0]), []byte(c[1])); err == nil {
			t.Errorf("%q: %s", c, out)
		}
	}
}
