package kpi

import (
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// The scores by the words of the rules: what was told by the sites of a unit is added up, divided once, and earns points.

// known is a KPI's value, and whether it may be scored; nil: nothing is known.
type known struct {
	v  *big.Rat
	ok bool
}

func quotientOf(num, den int64) *big.Rat {
	if den == 0 {
		return nil
	}
	return big.NewRat(num, den)
}

func scaledBy(v *big.Rat, num, den int64) *big.Rat {
	if v == nil {
		return nil
	}
	return new(big.Rat).Mul(v, big.NewRat(num, den))
}

// slowUnit is what lies in a unit; "" is the nation.
type slowUnit struct {
	w     *scoreWorld
	code  string
	sites []*site
	links []*wire
	cells map[string][]*station // by kind
}

func (w *scoreWorld) unit(code string) *slowUnit {
	u := &slowUnit{w: w, code: code, cells: map[string][]*station{}}
	in := func(s *site) bool { return code == "" || s != nil && w.unitOf(s.code) == code }
	for _, s := range w.sites {
		if in(s) {
			u.sites = append(u.sites, s)
			for _, c := range s.cells {
				u.cells[c.kind] = append(u.cells[c.kind], c)
			}
		}
	}
	for _, l := range w.links {
		if in(l.a) || in(l.b) {
			u.links = append(u.links, l)
		}
	}
	return u
}

// values are all KPIs of the unit.
func (u *slowUnit) values() map[score.Name]known {
	out := map[score.Name]known{}
	put := func(service, kpi string, v *big.Rat, ok bool) {
		out[score.Name{Service: service, KPI: kpi}] = known{v, ok}
	}
	u.radio(put)
	u.fixed(put)
	u.probed(put)
	for _, k := range [][2]string{{"mobile_voice", "radio_readiness"}, {"fixed_broadband", "ont_rx_in_budget"}, {"fixed_broadband", "repair_within_limit"}} {
		num, den := int64(0), int64(0)
		for _, s := range u.sites {
			for _, m := range s.imported {
				if m.KPI == k[1] {
					num, den = num+m.Num, den+m.Den
				}
			}
		}
		put(k[0], k[1], scaledBy(quotientOf(num, den), 100, 1), den >= 100)
	}
	return out
}

// told adds up what the cells of a kind say in all the quarters that were heard.
func (u *slowUnit) told(kind string, names ...string) (sum int64) {
	for _, c := range u.cells[kind] {
		for _, name := range names {
			sum += c.heard * c.says[name]
		}
	}
	return sum
}

// heard says whether nine tenths of the quarters of the cells of a kind were.
func (u *slowUnit) heard(kind string) bool {
	n := int64(0)
	for _, c := range u.cells[kind] {
		n += c.heard
	}
	return 10*n >= 9*96*int64(len(u.cells[kind]))
}

// pooled divides the sums of LTE and NR; it is good if what there is of both is.
func (u *slowUnit) pooled(num, den map[string][]string) (*big.Rat, bool) {
	a, b, ok := int64(0), int64(0), true
	for _, kind := range []string{ran.LTE, ran.NR} {
		if n := u.told(kind, den[kind]...); n > 0 {
			a, b, ok = a+u.told(kind, num[kind]...), b+n, ok && u.heard(kind)
		}
	}
	return quotientOf(a, b), ok
}

func (u *slowUnit) radio(put func(service, kpi string, v *big.Rat, ok bool)) {
	of := func(lte, nr []string) map[string][]string { return map[string][]string{ran.LTE: lte, ran.NR: nr} }
	one := func(lte, nr string) map[string][]string { return of([]string{lte}, []string{nr}) }
	bearers := of([]string{"ERAB.EstabInitSuccNbr.1", "ERAB.EstabInitSuccNbr.9"}, []string{"DRB.EstabSucc.1", "DRB.EstabSucc.9"})
	calls := one("ERAB.EstabInitSuccNbr.1", "DRB.EstabSucc.1")
	setup, ok := u.pooled(calls, one("ERAB.EstabInitAttNbr.1", "DRB.EstabAtt.1"))
	if setup != nil {
		setup.Sub(big.NewRat(1, 1), setup)
	}
	put("mobile_voice", "call_setup_failure", scaledBy(setup, 100, 1), ok)
	drop, ok := u.pooled(one("ERAB.RelActNbr.1", "DRB.RelActNbr.1"), calls)
	put("mobile_voice", "call_drop", scaledBy(drop, 100, 1), ok)
	drop, ok = u.pooled(of([]string{"ERAB.RelActNbr.1", "ERAB.RelActNbr.9"}, []string{"QF.RelActNbr.sum"}), bearers)
	put("mobile_data", "abnormal_release", scaledBy(drop, 100, 1), ok)

	rrc, ok1 := u.pooled(one("RRC.ConnEstabSucc.sum", "RRC.ConnEstabSucc.mo-Data"), one("RRC.ConnEstabAtt.sum", "RRC.ConnEstabAtt.mo-Data"))
	sig, ok2 := u.pooled(one("S1SIG.ConnEstabSucc", "UECNTX.ConnEstabSucc.mo-Data"), one("S1SIG.ConnEstabAtt", "UECNTX.ConnEstabAtt.mo-Data"))
	bearer, ok3 := u.pooled(bearers, of([]string{"ERAB.EstabInitAttNbr.1", "ERAB.EstabInitAttNbr.9"}, []string{"DRB.EstabAtt.1", "DRB.EstabAtt.9"}))
	if rrc != nil {
		rrc.Mul(rrc.Mul(rrc, sig), bearer)
	}
	put("mobile_data", "erab_drb_accessibility", scaledBy(rrc, 100, 1), ok1 && ok2 && ok3)

	moves, ok := u.handovers()
	up, fine := u.cellTime()
	for _, service := range []string{"mobile_voice", "mobile_data"} {
		put(service, "handover_success", scaledBy(moves, 100, 1), ok)
		put(service, "cell_availability", scaledBy(up, 100, 1), fine)
	}
	speed := scaledBy(quotientOf(u.busyHours()), 1, 1) // kbit per ms are Mbit/s
	put("mobile_data", "bh_user_throughput_dl_4g", speed, u.heard(ran.LTE))
	put("mobile_data", "bh_user_throughput_dl", speed, u.heard(ran.LTE))
	weighted := int64(0)
	for _, c := range u.cells[ran.NR] {
		weighted += c.heard * c.says["DRB.UEThpDl"] * c.says["DRB.PdcpSduVolumeDL"]
	}
	put("mobile_data", "user_throughput_dl_5g", scaledBy(quotientOf(weighted, u.told(ran.NR, "DRB.PdcpSduVolumeDL")), 1, 1000), u.heard(ran.NR))
	full, all := int64(0), int64(0)
	for _, c := range slices.Concat(u.cells[ran.LTE], u.cells[ran.NR]) {
		if 10*c.heard >= 9*96 {
			all++
			if c.says["RRU.PrbTotDl"] >= 80 {
				full++
			}
		}
	}
	put("mobile_data", "congested_cells", scaledBy(quotientOf(full, all), 100, 1), true)
}

// handovers are those of LTE; where no LTE cell tells of any, those of NR, prepared and executed.
func (u *slowUnit) handovers() (*big.Rat, bool) {
	if att := u.told(ran.LTE, "HO.OutAttTarget.sum"); att > 0 {
		return quotientOf(u.told(ran.LTE, "HO.OutSuccTarget.sum"), att), u.heard(ran.LTE)
	}
	prepared := quotientOf(u.told(ran.NR, "MM.HoPrepInterSucc"), u.told(ran.NR, "MM.HoPrepInterReq"))
	if prepared == nil {
		return nil, false
	}
	return prepared.Mul(prepared, quotientOf(u.told(ran.NR, "MM.HoExeInterSucc"), u.told(ran.NR, "MM.HoExeInterReq"))), u.heard(ran.NR)
}

// cellTime is the share of the time that cells were up; good while of neither kind more than a twentieth is unknown.
func (u *slowUnit) cellTime() (*big.Rat, bool) {
	up, all, ok := int64(0), int64(0), true
	for kind, cells := range u.cells {
		heard := u.told(kind, "RRU.CellUnavailableTime.sum")
		mine, whole := int64(0), 96*900*int64(len(cells))
		for _, c := range cells {
			mine += 900 * c.heard
		}
		if mine > 0 {
			up, all, ok = up+mine-heard, all+mine, ok && 20*(whole-mine) <= whole
		}
	}
	return quotientOf(up, all), ok
}

// busyHours are kbit and ms of each LTE cell's first hour of three quarters or more: all hours are alike.
func (u *slowUnit) busyHours() (volume, time int64) {
	for _, c := range u.cells[ran.LTE] {
		if c.heard >= 3 {
			volume, time = volume+min(c.heard, 4)*c.says["DRB.IPVolDl.9"], time+min(c.heard, 4)*c.says["DRB.IPTimeDl.9"]
		}
	}
	return volume, time
}

func (u *slowUnit) fixed(put func(service, kpi string, v *big.Rat, ok bool)) {
	var plain, weighted, links [3]int64
	for _, s := range u.sites {
		for i, n := range []int64{s.up, s.down, s.unknown} {
			if s.broadband {
				plain[i], weighted[i] = plain[i]+n, weighted[i]+n*s.subscribers
			}
		}
	}
	if weighted == [3]int64{} {
		weighted = plain
	}
	put("fixed_broadband", "service_availability", scaledBy(quotientOf(weighted[0], weighted[0]+weighted[1]), 100, 1), 20*weighted[2] <= weighted[0]+weighted[1]+weighted[2])
	congested, evaluated := map[model.LinkClass]int64{}, map[model.LinkClass]int64{}
	for _, l := range u.links {
		for i, n := range []int64{l.up, l.down, l.unknown} {
			if l.class == model.Transport {
				links[i] += n * l.mbps
			}
		}
		if !l.silent {
			evaluated[l.class]++
			if int64(l.kbps)/l.mbps >= 800 {
				congested[l.class]++
			}
		}
	}
	put("transport", "system_availability", scaledBy(quotientOf(links[0], links[0]+links[1]), 100, 1), 20*links[2] <= links[0]+links[1]+links[2])
	put("fixed_broadband", "congested_pon_and_uplinks", scaledBy(quotientOf(congested[model.Broadband], evaluated[model.Broadband]), 100, 1), true)
	put("transport", "congested_links", scaledBy(quotientOf(congested[model.Transport], evaluated[model.Transport]), 100, 1), true)
}

// of are the unit's samples of a service for which a measure is known.
func (u *slowUnit) of(service string, value func(probing) (int64, bool)) (out []int64) {
	for _, s := range u.sites {
		for _, x := range s.samples {
			if v, has := value(x); has && x.service == service {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (u *slowUnit) probed(put func(service, kpi string, v *big.Rat, ok bool)) {
	mean := func(service, kpi string, num, den int64, value func(probing) (int64, bool)) {
		all := u.of(service, value)
		sum := int64(0)
		for _, v := range all {
			sum += v
		}
		to := map[string]string{"iptv_headend": "iptv"}[service]
		if to == "" {
			to = service
		}
		put(to, kpi, scaledBy(quotientOf(sum, int64(len(all))), num, den), len(all) >= 100)
	}
	nearest := func(service, kpi string, percent int, value func(probing) (int64, bool)) {
		all := u.of(service, value)
		if len(all) == 0 {
			return
		}
		put(service, kpi, big.NewRat(all[(percent*len(all)+99)/100-1], 100), len(all) >= 100)
	}
	rtt := func(x probing) (int64, bool) { return x.rtt, x.hasRTT }
	up := func(x probing) (int64, bool) { return one(x.loss < 200), x.hasLoss }
	mos := func(x probing) (int64, bool) { return x.mos, x.hasMOS }
	nearest("mobile_voice", "mos_p95_low", 5, mos)
	mean("mobile_data", "rtt", 1, 1, rtt)
	mean("fixed_broadband", "mean_latency", 1, 1, rtt)
	mean("fixed_broadband", "speed_ratio", 1, 1_000_000, func(x probing) (int64, bool) { return x.speed * 1_000_000 / max(x.subscribed, 1), x.hasRate })
	mean("fixed_broadband", "web_load_time", 1, 10, func(x probing) (int64, bool) { return x.web, x.hasRate })
	mean("iptv", "service_availability", 100, 1, up)
	mean("iptv_headend", "head_end_channel_up", 100, 1, up)
	mean("iptv", "video_mos", 1, 100, mos)
	nearest("iptv", "zapping_time_p95", 95, func(x probing) (int64, bool) { return x.zap, true })
	mean("transport", "one_way_delay", 1, 2, rtt)
	mean("transport", "delay_variation", 1, 1, func(x probing) (int64, bool) { return x.jitter, x.hasJitter })
	u.lost(put)
	fast := slices.Concat(u.of("mobile_data", func(x probing) (int64, bool) { return one(x.speed >= 2), true }), u.of("mobile_data_5g", func(x probing) (int64, bool) { return one(x.speed >= 30), true }))
	good := int64(0)
	for _, v := range fast {
		good += v
	}
	put("mobile_data", "samples_above_floor", scaledBy(quotientOf(good, int64(len(fast))), 100, 1), len(fast) >= 100)
}

// lost are the shares of packets that were.
func (u *slowUnit) lost(put func(service, kpi string, v *big.Rat, ok bool)) {
	for _, k := range []struct {
		service, kpi string
		factor       int64
	}{{"fixed_broadband", "packet_loss", 100}, {"iptv", "stream_packet_loss", 1}, {"transport", "packet_loss", 1}} {
		num, den, n := int64(0), int64(0), 0
		for _, s := range u.sites {
			for _, x := range s.samples {
				if packets := x.packets; x.service == k.service {
					if !x.hasPackets {
						packets = 1
					}
					num, den, n = num+x.loss*packets, den+1000*packets, n+1
				}
			}
		}
		put(k.service, k.kpi, scaledBy(quotientOf(num, den), k.factor, 1), n >= 100)
	}
}
