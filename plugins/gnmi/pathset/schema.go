package pathset

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
)

// measurement is what docs/telemetry.md says of one: its tags beside agent and device, and its fields.
type measurement struct {
	tags   []string
	fields map[string]point.Kind
}

// own begins the names of measurements of which nothing is laid down.
const own = "x_"

// schema has counters as point.Uint, other whole numbers as point.Int.
func schema() map[string]measurement {
	usage := fields(point.Float, "used_ratio").with(point.Int, "used_octets", "size_octets")
	return map[string]measurement{
		"interface": {[]string{"ifname"}, fields(point.Int, "admin", "oper", "speed_mbps").
			with(point.Uint, "in_octets", "out_octets", "in_ucast_pkts", "out_ucast_pkts", "out_mcast_pkts", "out_bcast_pkts", "in_errors", "out_errors", "in_discards", "out_discards")},
		"system":  {nil, fields(point.Int, "uptime_cs").with(point.Float, "cpu_ratio", "mem_used_ratio", "temp_c")},
		"cpu":     {[]string{"object"}, fields(point.Float, "used_ratio")},
		"memory":  {[]string{"object"}, usage},
		"storage": {[]string{"object"}, usage},
		"sensor": {[]string{"object", "sensor"}, fields(point.Float, "temp_c", "voltage_v", "current_a", "power_w", "speed_rpm", "speed_ratio",
			"humidity_ratio", "frequency_hz", "level_ratio", "level_m", "level_dbm", "charge_ah", "energy_kwh", "runtime_s").
			with(point.Int, "count", "status").with(point.Bool, "ok", "on").with(point.String, "state")},
		"optic": {[]string{"ifname", "ont", "object", "lane"}, fields(point.Float, "rx_dbm", "tx_dbm", "bias_ma", "temp_c", "voltage_v").
			with(point.Bool, "los", "dark")},
		"coherent": {[]string{"ifname", "object"}, fields(point.Float, "osnr_db", "snr_db", "q_db", "pre_fec_ber", "post_fec_ber", "dispersion_ps_nm",
			"dgd_ps", "frequency_hz")},
		"otn": {[]string{"ifname", "object"}, fields(point.Uint, "unavailable_s", "errored_s", "severely_errored_s", "background_errors",
			"uncorrectable_blocks").with(point.Bool, "up").with(point.String, "state")},
		"bgp": {[]string{"peer", "vrf"}, fields(point.Bool, "up", "enabled").with(point.String, "state").
			with(point.Int, "remote_as", "prefixes", "established_s").with(point.Uint, "in_updates", "out_updates", "transitions")},
		"lldp": {[]string{"ifname", "neighbor"}, fields(point.String, "port", "chassis", "descr")},
	}
}

// fieldSet is written in one expression.
type fieldSet map[string]point.Kind

func fields(k point.Kind, names ...string) fieldSet { return fieldSet{}.with(k, names...) }

func (s fieldSet) with(k point.Kind, names ...string) fieldSet {
	for _, name := range names {
		s[name] = k
	}
	return s
}

// kindOf is a field's kind by the name that a path set gives it.
func kindOf(name string) (point.Kind, bool) {
	kinds := map[string]point.Kind{"float": point.Float, "integer": point.Int, "counter": point.Uint, "flag": point.Bool, "text": point.String}
	k, ok := kinds[name]
	return k, ok
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// bounds are what a field may be: outside of it a value is nonsense that equipment tells, and is left out. The zero
// bounds are none.
type bounds struct{ least, most float64 }

func (b bounds) hold(n float64) bool { return b.least == b.most || n >= b.least && n <= b.most }

func boundsOf(field string) bounds {
	switch {
	case strings.HasSuffix(field, "_ratio"), strings.HasSuffix(field, "_ber"):
		return bounds{0, 1}
	case strings.HasSuffix(field, "_c"):
		return bounds{-60, 200}
	case strings.HasSuffix(field, "_dbm"):
		return bounds{-150, 80}
	}
	return bounds{}
}
