// Package ran computes the KPIs of radio cells from 3GPP counters: TS 32.425 and 32.450 for LTE, TS 28.552
// and 28.554 for NR. It is pure.
//
//	stage 1, per object and local day                     stage 2, per month and inventory
//	counters ─ Reader ─► report.Set ─ report.Fold ─► report.Day ─ Plan.Sum ─► Total ─ Plan.Month ─► Result
//
// Sub-counters are joined and rules of a single period applied when a report is read; what an operator
// may edit later (windows, validity, weights) is applied in stage 2, on the reports. A day that no window
// and no edge of validity touches may be kept as its sums: see Trim.
package ran

// The kinds of objects: cells, as the tag rat names them, and what is neither, which may tell what it consumes.
const (
	LTE  = "lte"
	NR   = "nr"
	Site = "site"
)

// KindOf is the kind of an object by its tag rat; "" for a technology that no KPI knows.
func KindOf(rat string) string {
	switch rat {
	case LTE, NR:
		return rat
	case "":
		return Site
	}
	return ""
}

// counts says whether an object of the kind counts here.
func counts(kind string) bool { return kind == LTE || kind == NR || kind == Site }

// The items of a report: what the KPIs need of a period. Success follows its attempts. Their numbers are
// stored.
const (
	rrcAtt = iota
	rrcSucc
	signallingAtt // S1 or NG
	signallingSucc
	bearerAtt // initial E-RABs or DRBs
	bearerSucc
	addedAtt // E-RABs added later
	addedSucc
	sessionAtt // PDU sessions
	sessionSucc
	voiceAtt // bearers of QCI 1 or 5QI 1
	voiceSucc
	prepAtt // handover preparation
	prepSucc
	exeAtt // handover execution, per relation or per cell
	exeSucc
	enbAtt // handovers out by where they went: intra and inter eNB
	enbSucc
	released // abnormally: E-RABs or QoS flows
	sessionTime
	drbReleased
	drbSessionTime
	voiceReleased
	volume // kbit
	volumeTime
	dataVolume // without QCI 1
	dataTime
	ueThroughput // kbit/s, a mean
	unavailable  // seconds
	unavailableManual
	unavailableEnergy
	prbDl // 1/1000 %
	prbUl
	prbUsed
	prbAvail
	voiceSession   // of QCI 1
	flowLost       // QoS flows of 5QI 1, abnormally
	flowSession    // theirs
	ueThroughputUl // kbit/s, a mean
	volumeUl       // kbit
	prbUsedUl      //
	prbAvailUl     //
	prbFullDl      // 1/1000 %: the time in which no block was free
	prbFullUl      //
	qualities      // reported channel qualities, 0 to 15, added up
	qualityReports // how many
	energy         // mWh
	power          // mW, a mean
	plainItems

	firstMean = 48 // those of means, in their order
	items     = firstMean + meanCount
)

// counter is a counter that a vendor may split by one label dimension or another.
type counter int

const (
	cRRCAtt counter = iota
	cRRCSucc
	cSigAtt
	cSigSucc
	cBearerAtt
	cBearerSucc
	cAddedAtt
	cAddedSucc
	cSessionAtt
	cSessionSucc
	cPrepAtt
	cPrepSucc
	cExeAtt
	cExeSucc
	cIntraAtt
	cIntraSucc
	cInterAtt
	cInterSucc
	cReleased
	cSessionTime
	cDRBReleased
	cDRBSessionTime
	cVolume
	cTime
	cThroughput
	cUnavailable
	cPrbDl
	cPrbUl
	cPrbUsed
	cPrbAvail
	cClassTime
	cThroughputUl
	cVolumeUl
	cPrbUsedUl
	cPrbAvailUl
	cPrbFullDl
	cPrbFullUl
	cQuality
	cEnergy
	cPower
	firstMeanCounter // those of means, in their order
	counters         = firstMeanCounter + meanCount
)

// source says which counter a standard name feeds, and how many of our units one of its units is.
type source struct {
	counter counter
	scale   float64
}

const (
	percent = 1000      // percentages are kept in 1/1000 %
	kilo    = 1000      // kbit in an Mbit, mW in a W
	kWh     = 1_000_000 // mWh
)

// siteSources are the counters of whatever consumes: they may stand at any object of a device.
func siteSources() map[string]source {
	return map[string]source{"PEE.Energy": {cEnergy, kWh}, "PEE.AvgPower": {cPower, kilo}}
}

// lteSources are the counters of TS 32.425.
func lteSources() map[string]source {
	return map[string]source{
		"RRC.ConnEstabAtt": {cRRCAtt, 1}, "RRC.ConnEstabSucc": {cRRCSucc, 1},
		"S1SIG.ConnEstabAtt": {cSigAtt, 1}, "S1SIG.ConnEstabSucc": {cSigSucc, 1},
		"ERAB.EstabInitAttNbr": {cBearerAtt, 1}, "ERAB.EstabInitSuccNbr": {cBearerSucc, 1},
		"ERAB.EstabAddAttNbr": {cAddedAtt, 1}, "ERAB.EstabAddSuccNbr": {cAddedSucc, 1},
		"ERAB.RelActNbr": {cReleased, 1}, "ERAB.SessionTimeUE": {cSessionTime, 1},
		"DRB.IPVolDl": {cVolume, 1}, "DRB.IPTimeDl": {cTime, 1},
		"HO.OutAttTarget": {cExeAtt, 1}, "HO.OutSuccTarget": {cExeSucc, 1},
		"HO.IntraEnbOutAtt": {cIntraAtt, 1}, "HO.IntraEnbOutSucc": {cIntraSucc, 1},
		"HO.InterEnbOutAtt": {cInterAtt, 1}, "HO.InterEnbOutSucc": {cInterSucc, 1},
		"RRU.CellUnavailableTime": {cUnavailable, 1},
		"RRU.PrbTotDl":            {cPrbDl, percent}, "RRU.PrbTotUl": {cPrbUl, percent},
		"RRU.PrbCongestionDl": {cPrbFullDl, percent}, "RRU.PrbCongestionUl": {cPrbFullUl, percent},
		"ERAB.SessionTimeQCI": {cClassTime, 1}, "CARR.WBCQIDist": {cQuality, 1},
	}
}

// nrSources are those of TS 28.552. A cell's unavailable time is a vendor's: there is no standard counter.
func nrSources() map[string]source {
	return map[string]source{
		"RRC.ConnEstabAtt": {cRRCAtt, 1}, "RRC.ConnEstabSucc": {cRRCSucc, 1},
		"UECNTX.ConnEstabAtt": {cSigAtt, 1}, "UECNTX.ConnEstabSucc": {cSigSucc, 1},
		"DRB.EstabAtt": {cBearerAtt, 1}, "DRB.EstabSucc": {cBearerSucc, 1},
		"SM.PDUSessionSetupReq": {cSessionAtt, 1}, "SM.PDUSessionSetupSucc": {cSessionSucc, 1},
		"QF.RelActNbr": {cReleased, 1}, "QosFlow.RelActNbr": {cReleased, 1},
		"QF.SessionTimeUE": {cSessionTime, 1}, "QosFlow.SessionTimeUE": {cSessionTime, 1},
		"DRB.RelActNbr": {cDRBReleased, 1}, "DRB.SessionTime": {cDRBSessionTime, 1},
		"DRB.UEThpDl": {cThroughput, 1}, "DRB.PdcpSduVolumeDL": {cVolume, kilo}, "DRB.PdcpSduVolumeDl": {cVolume, kilo},
		"DRB.UEThpUl": {cThroughputUl, 1}, "DRB.PdcpSduVolumeUL": {cVolumeUl, kilo}, "DRB.PdcpSduVolumeUl": {cVolumeUl, kilo},
		"QF.SessionTimeQoS": {cClassTime, 1}, "QosFlow.SessionTimeQoS": {cClassTime, 1},
		"MM.HoPrepInterReq": {cPrepAtt, 1}, "MM.HoPrepInterSucc": {cPrepSucc, 1},
		"MM.HoExeInterReq": {cInterAtt, 1}, "MM.HoExeInterSucc": {cInterSucc, 1},
		"MM.HoExeIntraReq": {cIntraAtt, 1}, "MM.HoExeIntraSucc": {cIntraSucc, 1},
		"RRU.CellUnavailableTime": {cUnavailable, 1},
		"RRU.PrbTotDl":            {cPrbDl, percent}, "RRU.PrbTotUl": {cPrbUl, percent},
		"RRU.PrbUsedDl": {cPrbUsed, 1}, "RRU.PrbAvailDl": {cPrbAvail, 1},
		"RRU.PrbUsedUl": {cPrbUsedUl, 1}, "RRU.PrbAvailUl": {cPrbAvailUl, 1},
	}
}
