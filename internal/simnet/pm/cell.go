package pm

import (
	"math"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// What a resource block carries at most, in kbit/s, and what a user sees in an empty cell.
const (
	lteBlock, lteUser = 3_200, 45_000
	nrBlock, nrUser   = 8_700, 400_000
	mostUsed          = 0.97 // of the resource blocks
)

// cell is what one cell carries in a period. It makes one group of counters after the other.
type cell struct {
	*nation.Cell
	load  *load
	index int
	nr    bool

	kbit float64
	used float64 // part of the resource blocks
	user float64 // kbit/s that a user sees
	loss float64 // part of the setups that fail

	made   int
	group  Group
	values [24]Value
}

// cell gives a cell its part of the site's traffic, by its resource blocks and a preference of its own.
func (l *load) cell(of *nation.Cell, index int) *cell {
	c := &cell{Cell: of, load: l, index: index, nr: of.Technology == nation.NR}
	block, user := float64(lteBlock), float64(lteUser)
	if c.nr {
		block, user = nrBlock, nrUser
	}
	c.kbit = math.Round(l.kbit * float64(of.RBs) / float64(l.rbs) * (0.8 + 0.4*c.trait(0)))
	c.used = min(c.kbit/float64(PeriodSeconds)/block/float64(of.RBs), mostUsed)
	user *= l.o.Pace(l.end)
	c.user = max(user*(1.05-c.used), user/20)
	c.loss = 0.001 + 0.006*c.trait(1)*c.trait(2) + 0.002*c.chance(3) + max(0, c.used-0.85)*0.2
	return c
}

// trait is a number from 0 up to 1 that belongs to the cell, chance one that belongs to the cell and the period.
func (c *cell) trait(n int) float64 {
	return c.load.o.Chance(c.load.device, fault.Tick(c.index*8+n))
}

func (c *cell) chance(n int) float64 {
	return c.load.o.Chance(c.load.device, c.load.end+fault.Tick(c.index*8+n))
}

// next makes the next group, false after the last.
func (c *cell) next() bool {
	makers := [...]func(*cell){(*cell).access, (*cell).bearers, (*cell).traffic, (*cell).handovers, (*cell).radio, (*cell).packets, (*cell).users}
	if c.made == len(makers) {
		return false
	}
	c.group = Group{Object: c.Objects[0], RAT: c.Technology, Values: c.values[:0]}
	makers[c.made](c)
	c.made++
	return true
}

func (c *cell) put(name string, v float64) {
	c.group.Values = append(c.group.Values, Value{name, math.Round(v)})
}

// pair puts attempts and what of them succeeds; share is how lossy they are.
func (c *cell) pair(attempts, successes string, n, share float64) float64 {
	n = math.Round(n)
	ok := n - math.Round(n*min(c.loss*share, 1))
	c.put(attempts, n)
	c.put(successes, ok)
	return ok
}

// setups are the connections of a period: one for so many kbit.
func (c *cell) setups() float64 {
	if c.nr {
		return c.kbit / 300_000
	}
	return c.kbit / 20_000
}

func (c *cell) access() {
	c.group.Name = "Access"
	n := c.setups()
	if !c.nr {
		ok := c.pair("RRC.ConnEstabAtt.sum", "RRC.ConnEstabSucc.sum", n, 1)
		c.pair("S1SIG.ConnEstabAtt.sum", "S1SIG.ConnEstabSucc.sum", ok, 0.2)
		return
	}
	c.pair("RRC.ConnEstabAtt.mo-Signalling", "RRC.ConnEstabSucc.mo-Signalling", n/4, 2)
	data := c.pair("RRC.ConnEstabAtt.mo-Data", "RRC.ConnEstabSucc.mo-Data", n/2, 1)
	paged := c.pair("RRC.ConnEstabAtt.mt-Access", "RRC.ConnEstabSucc.mt-Access", n/4, 1)
	c.pair("UECNTX.ConnEstabAtt.mo-Data", "UECNTX.ConnEstabSucc.mo-Data", data, 0.2)
	c.pair("UECNTX.ConnEstabAtt.mt-Access", "UECNTX.ConnEstabSucc.mt-Access", paged, 0.2)
	c.pair("SM.PDUSessionSetupReq.sum", "SM.PDUSessionSetupSucc.sum", data+paged, 0.3)
}

func (c *cell) bearers() {
	c.group.Name = "Bearers"
	n := c.setups()
	if c.nr {
		c.pair("DRB.EstabAtt.1", "DRB.EstabSucc.1", n*0.05, 1)
		set := c.pair("DRB.EstabAtt.9", "DRB.EstabSucc.9", n, 0.8)
		c.put("DRB.RelActNbr.9", set*c.loss*0.4)
		c.put("DRB.SessionTime.9", set*20)
		c.put("QF.RelActNbr.9", set*c.loss*0.4)
		c.put("QF.SessionTimeUE", set*20)
		c.put("QF.RelActNbr.1", set*c.loss*0.01)
		c.put("QF.SessionTimeQoS.1", set*3)
		return
	}
	voice := c.pair("ERAB.EstabInitAttNbr.1", "ERAB.EstabInitSuccNbr.1", n*0.08, 1)
	data := c.pair("ERAB.EstabInitAttNbr.9", "ERAB.EstabInitSuccNbr.9", n, 0.8)
	c.pair("ERAB.EstabAddAttNbr.sum", "ERAB.EstabAddSuccNbr.sum", n*0.1, 1)
	c.put("ERAB.RelActNbr.1", voice*c.loss*0.5)
	c.put("ERAB.RelActNbr.9", data*c.loss*0.5)
	c.put("ERAB.SessionTimeUE", voice*60+data*14)
	c.put("ERAB.SessionTimeQCI.1", voice*60)
	c.put("ERAB.SessionTimeQCI.9", data*14)
}

func (c *cell) traffic() {
	c.group.Name = "Traffic"
	if c.nr {
		c.group.Object = c.Objects[len(c.Objects)-1]
		c.put("DRB.PdcpSduVolumeDL", c.kbit/1000)
		c.put("DRB.UEThpDl", c.user)
		c.put("DRB.PdcpSduVolumeUL", c.kbit/8000)
		c.put("DRB.UEThpUl", c.user/6)
		return
	}
	voice := math.Round(c.kbit * 0.01)
	c.put("DRB.IPVolDl.1", voice)
	c.put("DRB.IPVolDl.9", c.kbit-voice)
	c.put("DRB.IPTimeDl.1", voice*40)
	c.put("DRB.IPTimeDl.9", 1000*(c.kbit-voice)/c.user)
}

func (c *cell) handovers() {
	c.group.Name = "Handovers"
	n := c.setups()
	if c.nr {
		prepared := c.pair("MM.HoPrepInterReq", "MM.HoPrepInterSucc", n*0.2, 1)
		c.pair("MM.HoExeInterReq", "MM.HoExeInterSucc", prepared, 1)
		c.pair("MM.HoExeIntraReq", "MM.HoExeIntraSucc", n*0.1, 0.5)
		return
	}
	c.pair("HO.InterEnbOutAtt.sum", "HO.InterEnbOutSucc.sum", n*0.25, 1.5)
	c.pair("HO.IntraEnbOutAtt.sum", "HO.IntraEnbOutSucc.sum", n*0.1, 0.5)
}

// radio is the use of resource blocks, and the time without service by its cause.
func (c *cell) radio() {
	c.group.Name = "Radio"
	c.group.Object = c.Objects[len(c.Objects)-1]
	c.put("RRU.PrbTotDl", 100*c.used)
	c.put("RRU.PrbTotUl", 40*c.used)
	if c.nr {
		c.put("RRU.PrbUsedDl", c.used*float64(c.RBs))
		c.put("RRU.PrbAvailDl", float64(c.RBs))
		c.put("RRU.PrbUsedUl", 0.4*c.used*float64(c.RBs))
		c.put("RRU.PrbAvailUl", float64(c.RBs))
	} else {
		c.put("RRU.PrbCongestionDl", 100*max(0, c.used-0.7)*2)
		c.put("RRU.PrbCongestionUl", 0)
	}
	c.put("RRU.CellUnavailableTime.sum", c.load.dark+c.load.nobody)
	c.put("RRU.CellUnavailableTime.Fault", c.load.dark)
	c.put("RRU.CellUnavailableTime.TransportProblem", c.load.nobody)
}

// packets are how long they take and how many are lost: more of both where the cell is full.
func (c *cell) packets() {
	c.group.Name = "Packets"
	full := 1 + 6*c.used*c.used*c.used
	if !c.nr {
		c.put("DRB.IPLateDl.1", (6+4*c.trait(4))*(1+c.used))
		c.put("DRB.IPLateDl.9", (12+10*c.trait(5))*full)
		return
	}
	c.group.Object = c.Objects[len(c.Objects)-1]
	c.put("DRB.AirIfDelayDl", (15+20*c.trait(4))*full)
	c.put("DRB.AirIfDelayUl", (25+25*c.trait(5))*full)
	c.put("DRB.RlcSduDelayDl", (20+30*c.trait(6))*full)
	c.put("DRB.PacketLossRateUl", (40+400*c.trait(7)*c.trait(4))*full)
	c.put("DRB.F1UpacketLossRateDl", 30*c.trait(5))
	c.put("DRB.F1UpacketLossRateUl", 20*c.trait(6))
}

// users are those that are connected, and how well they hear the cell.
func (c *cell) users() {
	c.group.Name = "Users"
	n := c.setups() / 12
	c.put("RRC.ConnMean", n)
	c.put("RRC.ConnMax", n*(1.3+c.chance(4)))
	if c.nr {
		return
	}
	c.put("DRB.UEActiveDl.1", n*0.02)
	c.put("DRB.UEActiveDl.9", n*0.2)
	for i, name := range bins() {
		d := float64(i) - 7 - 4*c.trait(6)
		c.put(name, n*40/(1+d*d))
	}
}

// bins are the counters of reported channel qualities.
func bins() [16]string {
	return [...]string{
		"CARR.WBCQIDist.Bin0", "CARR.WBCQIDist.Bin1", "CARR.WBCQIDist.Bin2", "CARR.WBCQIDist.Bin3",
		"CARR.WBCQIDist.Bin4", "CARR.WBCQIDist.Bin5", "CARR.WBCQIDist.Bin6", "CARR.WBCQIDist.Bin7",
		"CARR.WBCQIDist.Bin8", "CARR.WBCQIDist.Bin9", "CARR.WBCQIDist.Bin10", "CARR.WBCQIDist.Bin11",
		"CARR.WBCQIDist.Bin12", "CARR.WBCQIDist.Bin13", "CARR.WBCQIDist.Bin14", "CARR.WBCQIDist.Bin15",
	}
}
