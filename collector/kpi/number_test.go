package kpi

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		n        Number
		decimals int
		want     string
	}{
		{Quo(1, 2), 0, "1"}, // half up
		{Quo(-1, 2), 0, "-1"},
		{Quo(1, 3), 4, "0.3333"},
		{Quo(2, 3), 2, "0.67"},
		{Quo(5, 1), 2, "5.00"},
		{Quo(399995, 100000), 4, "4.0000"},
		{Quo(39995, 10000), 3, "4.000"},
		{Quo(-225, 100), 2, "-2.25"},
		{Number{}, 2, ""},
	}
	for _, tt := range tests {
		if got := tt.n.Format(tt.decimals); got != tt.want {
			t.Errorf("%v with %d decimals is %q, want %q", tt.n, tt.decimals, got, tt.want)
		}
	}
}

func TestInt128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		if got := Int(a).Add(Int(b)).Big(); got.Cmp(want) != 0 {
			t.Fatalf("%d + %d = %s", a, b, got)
		}
		a, b = max(a, -(a+1)), max(b, -(b+1))
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		if got := mul(a, b).Big(); got.Cmp(product) != 0 {
			t.Fatalf("%d × %d = %s", a, b, got)
		}
		if got := int128(product.Neg(product)).Big(); got.Cmp(product) != 0 {
			t.Fatalf("-%d × %d = %s", a, b, got)
		}
	})
}

func TestCmpIsExact(t *testing.T) {
	if c := Quo(9_995_000_000_000_000, 1e16).Cmp(model.Ratio{Num: 9995, Den: 10000}); c != 0 {
		t.Errorf("0.9995 compared with 0.9995 is %d", c)
	}
	if c := Quo(9_994_999_999_999_999, 1e16).Cmp(model.Ratio{Num: 9995, Den: 10000}); c != -1 {
		t.Errorf("just below 0.9995 is %d", c)
	}
}

// The short way of comparing is the long one.
func TestCmpIsThatOfWholeNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Quo(rapid.Int64().Draw(t, "num"), rapid.Int64().Filter(func(d int64) bool { return d != 0 }).Draw(t, "den"))
		r := model.Ratio{Num: rapid.Int64().Draw(t, "target"), Den: rapid.Int64Min(1).Draw(t, "of")}
		if want, got := new(big.Rat).SetFrac(n.Num.Big(), n.Den.Big()).Cmp(big.NewRat(r.Num, r.Den)), n.Cmp(r); got != want {
			t.Fatalf("%v beside %v is %d, want %d", n, r, got, want)
		}
	})
}
