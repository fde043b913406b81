package nation

// Measured is a KPI of a province that others measured in a month: so many of so many.
type Measured struct {
	Province, Service, KPI string
	Num, Den               int64
}

// measurements are what is measured: of how many at least, and at most how many of a thousand are missed.
var measurements = [...]struct {
	service, kpi string
	of           uint64
	missed       uint64
}{{"mobile_voice", "radio_readiness", 60, 80}, {"coverage", "population", 400_000, 70}, {"coverage", "area", 3_000, 200}}

// Measured are the measurements of a month, "2026-10". Here and there a drive test was too short to tell.
func (n *Network) Measured(month string) (out []Measured) {
	if !n.cfg.Measured {
		return nil
	}
	for i, p := range n.provinces {
		for k, m := range measurements {
			h := mix(n.cfg.Seed^0x3ea5, uint64(k))
			for _, b := range []byte(month) {
				h = mix(h, uint64(i)<<8|uint64(b))
			}
			den := m.of + h%(4*m.of)
			out = append(out, Measured{p.Code, m.service, m.kpi, int64(den - den*(h>>32%m.missed)/1000), int64(den)})
		}
	}
	return out
}
