package profile

import "strings"

// kind is the type of a field in line protocol.
type kind uint8

const (
	float kind = iota
	integer
	counter
	flag
	text
)

// measurement is what docs/telemetry.md says of one: its tags beside agent and device, and its fields.
type measurement struct {
	tags   []string
	fields map[string]kind
}

// own begins the names of measurements of which nothing is laid down: profiles that were imported or compiled.
const own = "x_"

// Measurements are the names of those that a profile may write.
func Measurements() []string {
	return sortedKeys(schema())
}

// Fields are the fields of a measurement, in order.
func Fields(measurement string) []string {
	return sortedKeys(schema()[measurement].fields)
}

func schema() map[string]measurement {
	usage := fields(float, "used_ratio").with(integer, "used_octets", "size_octets")
	return map[string]measurement{
		"cpu":     {[]string{"object"}, fields(float, "used_ratio")},
		"memory":  {[]string{"object"}, usage},
		"storage": {[]string{"object"}, usage},
		"sensor": {[]string{"object", "sensor"}, fields(float, "temp_c", "voltage_v", "current_a", "power_w", "speed_rpm", "speed_ratio",
			"humidity_ratio", "frequency_hz", "level_ratio", "level_m", "level_dbm", "charge_ah", "energy_kwh", "runtime_s").
			with(integer, "count", "status").with(flag, "ok", "on").with(text, "state")},
		"optic": {[]string{"ifname", "ont", "object", "lane"}, fields(float, "rx_dbm", "tx_dbm", "bias_ma", "temp_c", "voltage_v").
			with(flag, "los", "dark")},
		"coherent": {[]string{"ifname", "object"}, fields(float, "osnr_db", "snr_db", "q_db", "pre_fec_ber", "post_fec_ber", "dispersion_ps_nm",
			"dgd_ps", "frequency_hz")},
		"radio": {[]string{"ifname", "object"}, fields(float, "rx_dbm", "tx_dbm", "snr_db", "mse_db", "xpi_db", "capacity_mbps", "rx_mbps",
			"tx_mbps", "frequency_hz", "distance_m", "utilization_ratio").
			with(integer, "modulation", "clients").with(flag, "up").with(text, "state")},
		"pon": {[]string{"pon"}, fields(integer, "onts_online", "onts_total").with(counter, "in_octets", "out_octets", "in_errors", "out_errors").
			with(flag, "up").with(text, "state")},
		"ont": {[]string{"pon", "ont"}, fields(flag, "up").with(text, "state", "serial", "last_down").with(float, "distance_m").
			with(counter, "in_octets", "out_octets", "in_errors")},
		"ups": {[]string{"object"}, fields(float, "charge_ratio", "runtime_s", "on_battery_s", "load_ratio", "battery_v", "battery_a", "battery_c",
			"input_v", "input_a", "input_hz", "output_v", "output_a", "output_w", "output_hz", "input_w").
			with(flag, "on_battery", "ok").with(text, "state").with(integer, "alarms")},
		"bgp": {[]string{"peer", "vrf"}, fields(flag, "up", "enabled").with(text, "state").with(integer, "remote_as", "prefixes", "established_s").
			with(counter, "in_updates", "out_updates", "transitions")},
		"lldp": {[]string{"ifname", "neighbor"}, fields(text, "port", "chassis", "descr")},
		"ip": {[]string{"version", "ifname"}, fields(counter, "in_octets", "out_octets", "in_pkts", "out_pkts", "in_discards", "out_discards",
			"in_errors", "no_routes")},
	}
}

// fieldSet is written in one expression.
type fieldSet map[string]kind

func fields(k kind, names ...string) fieldSet { return fieldSet{}.with(k, names...) }

func (s fieldSet) with(k kind, names ...string) fieldSet {
	for _, name := range names {
		s[name] = k
	}
	return s
}

// summaries are the fields of system that tell of the device as a whole.
func summaries() []string { return []string{"cpu_ratio", "mem_used_ratio", "temp_c"} }

// bounds are what a field may be: outside of it a value is nonsense that equipment tells, and is left out. The zero
// bounds are none.
type bounds struct{ least, most float64 }

func (b bounds) hold(n float64) bool { return b.least == b.most || n >= b.least && n <= b.most }

func boundsOf(field string) bounds {
	switch {
	case field == "load_ratio": // an overload is what one wants to see
		return bounds{0, 10}
	case strings.HasSuffix(field, "_ratio"):
		return bounds{0, 1}
	case strings.HasSuffix(field, "_c"):
		return bounds{-60, 200}
	case strings.HasSuffix(field, "_dbm"):
		return bounds{-150, 80}
	}
	return bounds{}
}
