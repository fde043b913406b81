package profile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unit is how a number is turned into that of its dimension's own unit: (n × mul ÷ div) + add.
type unit struct {
	dimension string
	mul, div  float64 // two numbers, as a tenth has no exact form
	add       float64
}

// unitOf is a unit by its name in UCUM, and a few that UCUM does not have (dBm, rpm).
func unitOf(name string) (u unit, ok bool) {
	units := map[string]unit{
		"1": {"ratio", 1, 1, 0}, "%": {"ratio", 1, 100, 0},
		"Cel": {"temperature", 1, 1, 0}, "[degF]": {"temperature", 5, 9, -160.0 / 9}, "K": {"temperature", 1, 1, -273.15},
		"V": {"voltage", 1, 1, 0}, "mV": {"voltage", 1, 1e3, 0}, "uV": {"voltage", 1, 1e6, 0},
		"A": {"current", 1, 1, 0}, "mA": {"current", 1, 1e3, 0}, "uA": {"current", 1, 1e6, 0},
		"W": {"power", 1, 1, 0}, "kW": {"power", 1e3, 1, 0}, "mW": {"power", 1, 1e3, 0}, "uW": {"power", 1, 1e6, 0}, "nW": {"power", 1, 1e9, 0},
		"dBm": {"level", 1, 1, 0}, "dB": {"decibel", 1, 1, 0},
		"rpm": {"rotation", 1, 1, 0},
		"Hz":  {"frequency", 1, 1, 0}, "kHz": {"frequency", 1e3, 1, 0}, "MHz": {"frequency", 1e6, 1, 0}, "GHz": {"frequency", 1e9, 1, 0}, "THz": {"frequency", 1e12, 1, 0},
		"s": {"time", 1, 1, 0}, "ms": {"time", 1, 1e3, 0}, "cs": {"time", 1, 100, 0}, "us": {"time", 1, 1e6, 0}, "ps": {"time", 1, 1e12, 0},
		"min": {"time", 60, 1, 0}, "h": {"time", 3600, 1, 0}, "d": {"time", 86400, 1, 0},
		"By": {"size", 1, 1, 0}, "KiBy": {"size", 1 << 10, 1, 0}, "MiBy": {"size", 1 << 20, 1, 0}, "GiBy": {"size", 1 << 30, 1, 0},
		"bit/s": {"speed", 1, 1, 0}, "kbit/s": {"speed", 1e3, 1, 0}, "Mbit/s": {"speed", 1e6, 1, 0}, "Gbit/s": {"speed", 1e9, 1, 0},
		"m": {"length", 1, 1, 0}, "km": {"length", 1e3, 1, 0}, "nm": {"length", 1, 1e9, 0},
		"ps/nm": {"dispersion", 1, 1, 0}, "A.h": {"charge", 1, 1, 0}, "kW.h": {"energy", 1, 1, 0}, "W.h": {"energy", 1, 1e3, 0},
	}
	u, ok = units[name]
	return u, ok
}

// suffixes are what the names of fields end in, with the unit that it stands for.
func suffixes() [][2]string {
	return [][2]string{
		{"_ps_nm", "ps/nm"}, {"_ratio", "1"}, {"_ber", "1"}, {"_dbm", "dBm"}, {"_db", "dB"}, {"_c", "Cel"}, {"_v", "V"}, {"_ma", "mA"}, {"_a", "A"}, {"_w", "W"},
		{"_rpm", "rpm"}, {"_hz", "Hz"}, {"_ps", "ps"}, {"_ms", "ms"}, {"_s", "s"}, {"_mbps", "Mbit/s"}, {"_octets", "By"}, {"_m", "m"}, {"_ah", "A.h"}, {"_kwh", "kW.h"},
	}
}

// unitOfField is the unit in the name of a field; empty: the field has none.
func unitOfField(name string) string {
	for _, s := range suffixes() {
		if strings.HasSuffix(name, s[0]) {
			return s[1]
		}
	}
	return ""
}

// conversion turns a number that a device gives into the unit of a field.
type conversion struct {
	mul, div, add float64
	level         bool // from watts to dBm
}

// convert finds the conversion of a field from a unit such as "uW", "0.01 dBm" or "10 mV". Without a unit the number is
// the field's already.
func convert(field, from string) (c conversion, err error) {
	factor, name := splitFactor(from)
	c = conversion{mul: 1, div: 1}
	if c.mul, c.div, err = decimal(factor); err != nil {
		return c, err
	}
	to := unitOfField(field)
	if name == "" {
		return c, nil
	}
	a, ok := unitOf(name)
	if !ok {
		return c, fmt.Errorf("%q: want a unit such as %%, Cel, mV, uW or dBm, with or without a factor before it: 0.01 dBm", from)
	}
	b, ok := unitOf(to)
	if !ok {
		return c, fmt.Errorf("%q: the field %s has no unit in its name", from, field)
	}
	if a.dimension == "power" && to == "dBm" {
		c.level, b = true, unit{"power", 1, 1e3, 0} // dBm are decibels of milliwatts
	}
	if a.dimension != b.dimension {
		return c, fmt.Errorf("%q: want a unit of %s for the field %s", from, b.dimension, field)
	}
	c.mul, c.div = c.mul*a.mul*b.div, c.div*a.div*b.mul
	if whole := c.div / c.mul; whole == math.Trunc(whole) {
		c.mul, c.div = 1, whole
	} else if whole := c.mul / c.div; whole == math.Trunc(whole) {
		c.mul, c.div = whole, 1
	}
	c.add = a.add
	return c, nil
}

// splitFactor takes the number off a unit: "0.01 dBm". A lone number is a factor, except the unit 1.
func splitFactor(from string) (factor, name string) {
	first, rest, both := strings.Cut(from, " ")
	switch _, err := strconv.ParseFloat(first, 64); {
	case both:
		return first, strings.TrimSpace(rest)
	case err == nil && first != "1":
		return first, ""
	}
	return "1", first
}

// decimal reads a factor as a fraction, so that 0.01 divides by 100.
func decimal(text string) (mul, div float64, err error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v == 0 || v-v != 0 {
		return 1, 1, fmt.Errorf("%q: want a number as the factor before the unit", text)
	}
	_, places, _ := strings.Cut(text, ".")
	if strings.ContainsAny(text, "eE") || len(places) > 15 {
		return v, 1, nil
	}
	div = math.Pow10(len(places))
	return math.Round(v * div), div, nil
}

// apply converts; false if there is no light to have a level.
func (c *conversion) apply(n float64) (v float64, ok bool) {
	v = n*c.mul/c.div + c.add
	if !c.level {
		return v, true
	}
	if v <= 0 {
		return 0, false
	}
	return math.Round(10*math.Log10(v)*1000) / 1000, true
}
