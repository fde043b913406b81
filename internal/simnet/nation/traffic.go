package nation

import "github.com/haidang-noc/haidang/internal/simnet/fault"

// Traffic is a sum of two periodic functions of time: a weekly shape that links of a kind share, and a
// noise that each port reads from its own place. Both are constant within a 5-minute slot, so their
// integrals are table look-ups and counters are exact: octets(t2) - octets(t1) is the traffic between.
//
//	rate(t) = unit·shape(t) + noiseUnit·noise(t)        octets per hundredth of a second and per mille
//
// Totals are taken modulo 2^64, as Counter64 is; differences are right while they are below that.

// The weekly shapes.
const (
	residential = iota
	business
	mobile
	mixed
	shapes
)

// hourly holds the working day's traffic in per mille of the peak, at each full hour.
var hourly = [...][24]uint64{
	residential: {520, 380, 270, 210, 180, 190, 260, 350, 400, 430, 460, 520, 560, 520, 500, 520, 560, 640, 760, 890, 980, 1000, 900, 700},
	business:    {150, 130, 120, 120, 130, 160, 260, 500, 820, 960, 1000, 900, 640, 780, 940, 980, 930, 760, 520, 400, 330, 280, 220, 180},
	mobile:      {350, 240, 170, 140, 150, 220, 420, 640, 700, 720, 760, 860, 900, 800, 740, 760, 820, 900, 960, 1000, 990, 930, 760, 520},
	mixed:       {380, 280, 210, 180, 170, 210, 340, 520, 660, 730, 770, 800, 760, 740, 760, 790, 800, 830, 880, 950, 1000, 990, 860, 590},
}

// weekend scales Saturday and Sunday, in per cent of the working day.
var weekend = [...]uint64{residential: 98, business: 45, mobile: 92, mixed: 85}

const (
	slotTicks  = 5 * fault.Minute
	weekSlots  = 7 * 288
	weekTicks  = weekSlots * slotTicks
	noiseSlots = 1 << 12
	// monday is the first local Monday midnight after 1970.
	monday = 4*fault.Day - 7*fault.Hour
)

// tables are the shapes and the noise with their integrals up to each slot.
type tables struct {
	shape    [shapes][weekSlots]uint64
	shapeSum [shapes][weekSlots + 1]uint64
	noise    [noiseSlots]uint64
	noiseSum [noiseSlots + 1]uint64
}

func newTables(seed uint64) *tables {
	t := &tables{}
	for s := range shapes {
		for i := range weekSlots {
			t.shape[s][i] = shapeAt(s, i)
			t.shapeSum[s][i+1] = t.shapeSum[s][i] + t.shape[s][i]*uint64(slotTicks)
		}
	}
	for i := range noiseSlots {
		t.noise[i] = mix(seed, uint64(i)) % 1001
		t.noiseSum[i+1] = t.noiseSum[i] + t.noise[i]*uint64(slotTicks)
	}
	return t
}

// shapeAt interpolates between the full hours; slot 0 is Monday 00:00.
func shapeAt(shape, slot int) uint64 {
	hour, fifth := slot%288/12, uint64(slot%12)
	v := (hourly[shape][hour]*(12-fifth) + hourly[shape][(hour+1)%24]*fifth) / 12
	if slot/288 >= 5 {
		v = v * weekend[shape] / 100
	}
	return v
}

// moment is what all ports share at one instant.
type moment struct {
	integral [shapes]uint64 // of the shapes, since a far Monday
	slot     uint64         // number of the 5-minute slot
	within   uint64         // ticks since the slot began
}

func (t *tables) at(tick fault.Tick) moment {
	since := uint64(tick - monday)
	m := moment{slot: since / uint64(slotTicks), within: since % uint64(slotTicks)}
	week, slot := m.slot/weekSlots, m.slot%weekSlots
	for s := range shapes {
		m.integral[s] = week*t.shapeSum[s][weekSlots] + t.shapeSum[s][slot] + t.shape[s][slot]*m.within
	}
	return m
}

// flow is the traffic of one port. Both ends of a link have the same one with in and out exchanged.
type flow struct {
	in, out  uint32 // octets per hundredth of a second and per mille of the shape
	mbps     uint32
	link     int32 // index of the link that ends here, -1 for none
	phase    uint16
	shape    uint8
	mirrored bool // this is the link's b end
}

// noiseShare is the part of a port's unit that its noise gets on top.
const noiseShare = 16

// total is the octets since a far Monday, modulo 2^64.
func (t *tables) total(f *flow, m *moment) (in, out uint64) {
	n := m.slot + uint64(f.phase)
	at := n % noiseSlots
	noise := n/noiseSlots*t.noiseSum[noiseSlots] + t.noiseSum[at] + t.noise[at]*m.within
	shape := m.integral[f.shape]
	in = uint64(f.in)*shape + uint64(f.in/noiseShare)*noise
	out = uint64(f.out)*shape + uint64(f.out/noiseShare)*noise
	return in, out
}

// unit is the octets per tick and per mille of a port that is perMille loaded at its peak.
func unit(mbps uint32, perMille uint64) uint32 {
	return uint32(uint64(mbps) * 5 * perMille / 4000)
}

// peak is the load in per mille that the flow reaches at most, in the busier direction.
func (f *flow) peak() uint64 {
	most := uint64(max(f.in, f.out))
	most += most / noiseShare
	return max(most*4000/(uint64(f.mbps)*5), 1)
}

// mix hashes two numbers; everything that looks random in the network comes from it.
func mix(seed, n uint64) uint64 {
	z := seed*0x9e3779b97f4a7c15 + n*0xd1342543de82ef95 + 0x632be59bd9b4e019
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
