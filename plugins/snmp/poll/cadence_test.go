package poll_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

func TestNoTableIsReadBelowItsFloorByAccident(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(0, 60).Draw(t, name)) * time.Minute
		}
		table := poll.Table{Name: "onu", Usual: minutes("usual"), Floor: minutes("floor")}
		var c poll.Cadences
		wish := poll.Wish{Every: minutes("wish"), BelowFloor: rapid.Bool().Draw(t, "below_floor")}
		wished := rapid.Bool().Draw(t, "wished")
		if wished {
			if err := c.Set("onu", wish); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.Of(table)
		refused := wished && !wish.BelowFloor && wish.Every < table.Floor
		switch {
		case refused != (err != nil):
			t.Fatalf("%+v of %v: %v, %v", wish, table, got, err)
		case err == nil && got < table.Floor && (!wished || !wish.BelowFloor):
			t.Fatalf("%v is read every %v", table, got)
		case err == nil && wished && got != wish.Every:
			t.Fatalf("%v is read every %v, wanted is %v", table, got, wish.Every)
		}
	})
}

func TestMistakesInCadencesNameTheirPlace(t *testing.T) {
	var c poll.Cadences
	wish := poll.Wish{Every: time.Minute, File: "agent.yaml", Line: 7}
	if err := c.Set("onu", wish); err != nil {
		t.Fatal(err)
	}
	wants := func(err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error: %v\nwant it to say: %s", err, text)
		}
	}
	wants(c.Set("onu", poll.Wish{File: "agent.yaml", Line: 9}), "agent.yaml:9: table: onu has an interval already at agent.yaml:7")
	wants(c.Unknown(), `agent.yaml:7: table: "onu": there is no such table`)
	_, err := c.Of(poll.Table{Name: "onu", Floor: 15 * time.Minute})
	wants(err, "agent.yaml:7: every: 1m0s is below the floor of table onu: want at least 15m0s, or below_floor: true")
	if err := c.Unknown(); err != nil {
		t.Error(err)
	}
}

// Rounds come early and late by a little; a table is read in every n-th of them all the same.
func TestATableIsReadInTheNearestRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		round := time.Minute
		n := rapid.IntRange(1, 10).Draw(t, "rounds")
		start := time.Unix(1_800_000_000, 0)
		var due time.Time
		reads := 0
		for i := range 10 * n {
			late := time.Duration(rapid.IntRange(0, 14000).Draw(t, "late")) * time.Millisecond
			if now := start.Add(time.Duration(i)*round + late); !now.Before(due) {
				due = poll.NextDue(now, time.Duration(n)*round, round)
				reads++
			}
		}
		if reads != 10 {
			t.Fatalf("%d reads in %d rounds, want one in %d", reads, 10*n, n)
		}
	})
}
