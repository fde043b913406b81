package board

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// A time line covers its hours without gaps, changes its state at every step, and says what the days say.
func TestStretches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(1_790_000_000, 1_790_200_000).Draw(t, "from")
		to := from + lineHours*3600
		days := map[model.Day][]kpi.Interval{}
		for d := model.DayOf(from); d <= model.DayOf(to); d++ {
			if rapid.Bool().Draw(t, "seen") {
				days[d] = intervals(t, d)
			}
		}
		line := stretches(days, from, to)
		if line[0].From != from || line[len(line)-1].To != to {
			t.Fatalf("from %d to %d: %v", from, to, line)
		}
		for i, s := range line {
			if i > 0 && (s.From != line[i-1].To || s.State == line[i-1].State) || s.From >= s.To || s.Width < 1 || s.X < 0 || s.X > lineWidth {
				t.Fatalf("stretch %d of %v", i, line)
			}
			at := rapid.Int64Range(s.From, s.To-1).Draw(t, "at")
			if want := stateAt(days, at); want != s.State {
				t.Fatalf("at %d: %s, want %s", at, s.State, want)
			}
		}
	})
}

func intervals(t *rapid.T, d model.Day) (out []kpi.Interval) {
	at := d.Start()
	for range rapid.IntRange(0, 4).Draw(t, "intervals") {
		a := rapid.Int64Range(at, d.End()).Draw(t, "a")
		b := rapid.Int64Range(a, d.End()).Draw(t, "b")
		if a < b {
			out = append(out, kpi.Interval{From: a, To: b, State: rapid.SampledFrom([]kpi.State{kpi.Down, kpi.Unknown, kpi.Excluded}).Draw(t, "state")})
		}
		at = b
	}
	return out
}

func stateAt(days map[model.Day][]kpi.Interval, at int64) string {
	ivs, seen := days[model.DayOf(at)]
	if !seen {
		return "unknown"
	}
	for _, iv := range ivs {
		if iv.From <= at && at < iv.To {
			return iv.State.String()
		}
	}
	return "up"
}

// Folding leaves small letters and digits with single spaces, and does nothing a second time.
func TestFold(t *testing.T) {
	for s, want := range map[string]string{"Đà Nẵng": "da nang", "da-nang_olt/0001": "da nang olt 0001", "  Hồ  Chí Minh ": "ho chi minh", "Thừa Thiên Huế": "thua thien hue", "–": ""} {
		if got := fold(s); got != want || fold(norm.NFD.String(s)) != want {
			t.Errorf("%q is folded to %q, want %q", s, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := fold(rapid.String().Draw(t, "text"))
		if strings.Contains(once, "  ") || strings.TrimSpace(once) != once || strings.ContainsFunc(once, func(c rune) bool { return unicode.Is(unicode.Mn, c) }) {
			t.Fatalf("%q", once)
		}
		if fold(once) != once {
			t.Fatalf("%q is folded again to %q", once, fold(once))
		}
	})
}

// Interfaces stand in the order in which people count them.
func TestNatural(t *testing.T) {
	names := []string{"ge-0/0/10", "ge-0/0/2", "ge-0/0/1", "ae1", "gpon-0/1/3", "gpon-0/1", ""}
	slices.SortFunc(names, natural)
	if got := strings.Join(names, " "); got != " ae1 ge-0/0/1 ge-0/0/2 ge-0/0/10 gpon-0/1 gpon-0/1/3" {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-b]{0,2}[0-9]{0,3}/?[0-9]{0,20}`)
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if natural(a, b) != -natural(b, a) || (natural(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: %d and %d", a, b, natural(a, b), natural(b, a))
		}
		if natural(a, b) <= 0 && natural(b, c) <= 0 && natural(a, c) > 0 {
			t.Fatalf("%q ≤ %q ≤ %q, but not %q ≤ %q", a, b, c, a, c)
		}
	})
}

// Every place of both registries has its row and column in the style, and no two units share one.
func TestPlacesOnTheMap(t *testing.T) {
	css, err := os.ReadFile("assets/board.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"63", "34"} {
		f, err := os.Open("../../configs/provinces/provinces-" + set + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		places := map[string]string{}
		for _, r := range rows[1:] {
			at := []string{r[5] + ":" + r[6]}
			for _, island := range strings.Split(r[10], "|") {
				if _, place, ok := strings.Cut(island, "@"); ok {
					at = append(at, place)
				}
			}
			for _, place := range at {
				row, col, _ := strings.Cut(place, ":")
				if !strings.Contains(string(css), ".r"+row+"{") || !strings.Contains(string(css), ".c"+col+"{") || places[place] != "" {
					t.Errorf("%s: %s at %s, where %s is", set, r[2], place, places[place])
				}
				places[place] = r[2]
			}
		}
		if want := map[string]int{"63": 65, "34": 36}[set]; len(places) != want {
			t.Errorf("%s: %d places, want %d", set, len(places), want)
		}
	}
}

func TestClip(t *testing.T) {
	for s, want := range map[string]string{"": "", "Đà": "Đà", "Đà Nẵng": "Đà "} {
		if got := clip(s, 3); got != want {
			t.Errorf("%q is clipped to %q", s, got)
		}
	}
}
