package board

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Ink on its ground reaches WCAG's AA, 4.5 to 1, in the light and in the dark palette: --x-y-ink stands on
// the longest --x-y or --x that there is.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("assets/board.css")
	if err != nil {
		t.Fatal(err)
	}
	palette := map[string][2]string{}
	for _, m := range regexp.MustCompile(`(?m)^\s+--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`).FindAllStringSubmatch(string(css), -1) {
		palette[m[1]] = [2]string{m[2], m[3]}
	}
	pairs := 0
	for name, ink := range palette {
		of, isInk := strings.CutSuffix(name, "-ink")
		if !isInk {
			continue
		}
		for palette[of] == ([2]string{}) {
			i := strings.LastIndex(of, "-")
			if i < 0 {
				t.Fatalf("--%s stands on nothing", name)
			}
			of = of[:i]
		}
		grounds := []string{of}
		if of == "panel" {
			grounds = append(grounds, "free", "page") // rows under the mouse, headings outside of panels
		}
		for _, ground := range grounds {
			for i, theme := range []string{"light", "dark"} {
				pairs++
				if c := contrast(t, ink[i], palette[ground][i]); c < 4.5 {
					t.Errorf("%s: --%s on --%s: %.2f, want 4.5", theme, name, ground, c)
				}
			}
		}
	}
	for _, ground := range []string{"page", "panel"} {
		for i, theme := range []string{"light", "dark"} {
			if c := contrast(t, palette["focus"][i], palette[ground][i]); c < 3 {
				t.Errorf("%s: --focus on --%s: %.2f, want 3", theme, ground, c)
			}
		}
	}
	if pairs < 40 {
		t.Errorf("only %d pairs were found", pairs)
	}
}

// contrast is WCAG 2's ratio of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
