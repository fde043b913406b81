package ran

// mean is a counter that is itself a mean, of packets or over time. No standard counter says of how many
// packets, so cells cannot be pooled: what is published is how the cells of a group are spread.
type mean struct {
	name, unit string
	kind       string   // LTE, NR, "" both
	counters   []string // its standard name, and how else it is spelled
	of         members
	kept       float64 // how many of what is kept one of the counter's units is
	shown      int64   // how many of them one of the published units is
	limit      int64   // the greatest value, as kept; 0: that of other counters
}

// members says what a mean is where a vendor tells it by class, slice or cause and gives no total.
type members int

const (
	worst  members = iota // the greatest of them: means cannot be added
	added                 // their sum: users of one class and of another
	class1                // that of QCI 1 alone
)

// meanCount is how many means there are. Their order is stored: new ones go to the end.
const meanCount = 11

// maxMean is the greatest value of a mean: a year of seconds times it is less than 2^62.
const maxMean = 1 << 36

// Delays are kept in µs, users in 1/1000, rates of loss in 1/1000000, as they are reported.
func means() [meanCount]mean {
	const (
		ms, tenth = 1000, 100
		user      = 1000
		million   = 1_000_000
	)
	return [...]mean{
		{"latency_dl", "ms", LTE, []string{"DRB.IPLateDl", "DRB.IpLateDl"}, worst, ms, ms, 0},
		{"voice_latency_dl", "ms", LTE, []string{"DRB.IPLateDl", "DRB.IpLateDl"}, class1, ms, ms, 0},
		{"active_users_dl", "users", LTE, []string{"DRB.UEActiveDl"}, added, user, user, 0},
		{"connected_users", "users", "", []string{"RRC.ConnMean"}, added, user, user, 0},
		{"connected_users_max", "users", "", []string{"RRC.ConnMax"}, added, user, user, 0},
		{"air_delay_dl", "ms", NR, []string{"DRB.AirIfDelayDl"}, worst, tenth, ms, 0},
		{"air_delay_ul", "ms", NR, []string{"DRB.AirIfDelayUl"}, worst, tenth, ms, 0},
		{"rlc_delay_dl", "ms", NR, []string{"DRB.RlcSduDelayDl"}, worst, tenth, ms, 0},
		{"packet_loss_ul", "ratio", NR, []string{"DRB.PacketLossRateUl"}, worst, 1, million, million},
		{"f1_loss_dl", "ratio", NR, []string{"DRB.F1UpacketLossRateDl"}, worst, 1, million, million},
		{"f1_loss_ul", "ratio", NR, []string{"DRB.F1UpacketLossRateUl"}, worst, 1, million, million},
	}
}
