package pathset

import (
	"fmt"
	"strconv"
	"strings"
)

// unit is how many of its dimension's own unit one of it is: mul ÷ div, as a tenth has no exact form.
type unit struct {
	dimension string
	mul, div  float64
}

// units are by their names in UCUM, and a few that UCUM does not have.
func units() map[string]unit {
	return map[string]unit{
		"1": {"ratio", 1, 1}, "%": {"ratio", 1, 100},
		"Cel": {"temperature", 1, 1}, "dBm": {"level", 1, 1}, "dB": {"decibel", 1, 1}, "rpm": {"rotation", 1, 1},
		"V": {"voltage", 1, 1}, "mV": {"voltage", 1, 1e3},
		"A": {"current", 1, 1}, "mA": {"current", 1, 1e3}, "uA": {"current", 1, 1e6},
		"W": {"power", 1, 1}, "mW": {"power", 1, 1e3}, "uW": {"power", 1, 1e6},
		"Hz": {"frequency", 1, 1}, "MHz": {"frequency", 1e6, 1}, "GHz": {"frequency", 1e9, 1},
		"s": {"time", 1, 1}, "cs": {"time", 1, 100}, "ms": {"time", 1, 1e3}, "ns": {"time", 1, 1e9}, "ps": {"time", 1, 1e12},
		"By": {"size", 1, 1}, "KiBy": {"size", 1 << 10, 1},
		"bit/s": {"speed", 1, 1}, "kbit/s": {"speed", 1e3, 1}, "Mbit/s": {"speed", 1e6, 1}, "Gbit/s": {"speed", 1e9, 1},
		"ps/nm": {"dispersion", 1, 1},
	}
}

// suffixes are what the names of fields end in, with the unit that it stands for. The longer come first.
func suffixes() [][2]string {
	return [][2]string{
		{"_ps_nm", "ps/nm"}, {"_ratio", "1"}, {"_octets", "By"}, {"_mbps", "Mbit/s"}, {"_ber", "1"}, {"_dbm", "dBm"}, {"_rpm", "rpm"},
		{"_db", "dB"}, {"_ma", "mA"}, {"_hz", "Hz"}, {"_ps", "ps"}, {"_ms", "ms"}, {"_cs", "cs"},
		{"_c", "Cel"}, {"_v", "V"}, {"_a", "A"}, {"_w", "W"}, {"_s", "s"},
	}
}

// conversion turns a target's number into that of the field: n × mul ÷ div.
type conversion struct{ mul, div float64 }

func (c conversion) apply(n float64) float64 { return n * c.mul / c.div }

func (c conversion) none() bool { return c.mul == c.div }

// convert finds the conversion of a field from a unit such as "MHz" or "0.01 dBm". Without a unit there is none.
func convert(field, from string) (conversion, error) {
	none := conversion{1, 1}
	if from == "" {
		return none, nil
	}
	factor, name := 1.0, from
	if first, rest, ok := strings.Cut(from, " "); ok {
		var err error
		if factor, err = strconv.ParseFloat(first, 64); err != nil || factor <= 0 {
			return none, fmt.Errorf("%q: want a number as the factor before the unit", from)
		}
		name = rest
	}
	var to string
	for _, s := range suffixes() {
		if strings.HasSuffix(field, s[0]) {
			to = s[1]
			break
		}
	}
	a, ok := units()[name]
	b, named := units()[to]
	switch {
	case !ok:
		return none, fmt.Errorf("%q: want one of %s, with or without a factor before it", from, strings.Join(sortedKeys(units()), " "))
	case !named:
		return none, fmt.Errorf("%q: the field %s has no unit in its name", from, field)
	case a.dimension != b.dimension:
		return none, fmt.Errorf("%q: want a unit of %s for the field %s", from, b.dimension, field)
	}
	mul, div := a.mul*b.div, a.div*b.mul
	if factor < 1 { // 0.01 divides by 100
		return conversion{mul, div / factor}, nil
	}
	return conversion{mul * factor, div}, nil
}
