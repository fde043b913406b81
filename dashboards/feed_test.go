//go:build real

package dashboards

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// quarters are the reports of a month so far: of the radio cells of the sample inventory, and of probes of
// every service, each quarter of an hour.
func quarters(now time.Time) [][]byte {
	var batches [][]byte
	var b bytes.Buffer
	for at := beginOfMonth(now).Add(15 * time.Minute); at.Before(now); at = at.Add(15 * time.Minute) {
		for _, line := range append(reported(), probed()...) {
			fmt.Fprintf(&b, "%s %d\n", line, at.UnixNano())
		}
		if b.Len() > 1<<20 {
			batches = append(batches, bytes.Clone(b.Bytes()))
			b.Reset()
		}
	}
	return append(batches, b.Bytes())
}

func beginOfMonth(now time.Time) time.Time {
	local := now.In(vietnam)
	return time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, vietnam)
}

// reported are what the cells of htg1 report of one period: two of LTE, and one of NR from its two halves.
func reported() (lines []string) {
	const (
		lte = "RRC.ConnEstabAtt=1000,RRC.ConnEstabSucc=995,S1SIG.ConnEstabAtt=990,S1SIG.ConnEstabSucc=988," +
			"ERAB.EstabInitAttNbr.1=100,ERAB.EstabInitAttNbr.9=900,ERAB.EstabInitSuccNbr.1=99,ERAB.EstabInitSuccNbr.9=896,ERAB.RelActNbr.1=1,ERAB.RelActNbr.9=4," +
			"DRB.IPVolDl=4000000,DRB.IPTimeDl=200000,HO.InterEnbOutAtt=200,HO.InterEnbOutSucc=197,RRU.CellUnavailableTime=0,RRU.PrbTotDl=40,RRU.PrbTotUl=20," +
			"ERAB.SessionTimeQCI.1=3000,DRB.IPLateDl.1=8,DRB.IPLateDl.9=21,RRC.ConnMean=44,RRC.ConnMax=70"
		cu = "RRC.ConnEstabAtt=500,RRC.ConnEstabSucc=498,UECNTX.ConnEstabAtt=490,UECNTX.ConnEstabSucc=489,DRB.EstabAtt.1=50,DRB.EstabAtt.9=450,DRB.EstabSucc.1=50," +
			"DRB.EstabSucc.9=448,DRB.RelActNbr.1=0,QF.RelActNbr=2,SM.PDUSessionSetupReq=300,SM.PDUSessionSetupSucc=299,MM.HoExeInterReq=100,MM.HoExeInterSucc=99," +
			"QF.RelActNbr.1=0,QF.SessionTimeQoS.1=900,RRC.ConnMean=30"
		du = "DRB.UEThpDl=220000,DRB.PdcpSduVolumeDL=9000,RRU.CellUnavailableTime=0,RRU.PrbTotDl=30,RRU.PrbTotUl=10," +
			"DRB.UEThpUl=41000,DRB.PdcpSduVolumeUL=1100,DRB.AirIfDelayDl=24,DRB.RlcSduDelayDl=61,DRB.PacketLossRateUl=120"
		power = "PEE.Energy=0.31,PEE.AvgPower=1240"
	)
	escape := strings.NewReplacer(",", `\,`, "=", `\=`)
	for _, of := range [][3]string{
		{"ENBFunction=1,EUtranCellFDD=1", "lte", lte}, {"ENBFunction=1,EUtranCellFDD=2", "lte", lte},
		{"GNBCUCPFunction=1,NRCellCU=1", "nr", cu}, {"GNBDUFunction=1,NRCellDU=1", "nr", du},
	} {
		lines = append(lines, fmt.Sprintf("pm,device=dng-enb-htg1,group=all,object=%s,rat=%s %s,period_s=900i", escape.Replace("ManagedElement=htg1,"+of[0]), of[1], of[2]))
	}
	return append(lines, fmt.Sprintf("pm,device=dng-enb-htg1,group=all,object=%s %s,period_s=900i", escape.Replace("ManagedElement=htg1"), power))
}

// probed is one measurement of every service at each of some places in Hà Nội: enough of them for a score at once.
func probed() (lines []string) {
	for _, of := range [][2]string{
		{"mobile_voice", "mos=3.9"}, {"mobile_data", "rtt_ms=60,throughput_mbps=20"}, {"mobile_data_5g", "throughput_mbps=200"},
		{"fixed_broadband", "loss_ratio=0.001,rtt_ms=20,throughput_mbps=95,subscribed_mbps=100,web_load_s=2.2"},
		{"iptv", "loss_ratio=0.000001,mos=4.1,zap_s=1.4"}, {"iptv_headend", "loss_ratio=0"}, {"transport", "loss_ratio=0.00001,rtt_ms=12,jitter_ms=2"},
	} {
		for place := range 100 {
			lines = append(lines, fmt.Sprintf("probe,province=01,service=%s,target=place-%d %s,samples=100i,interval_s=900i", of[0], place, of[1]))
		}
	}
	return lines
}

// baseline is the frozen speed of this month of 2020: 16 Mbit/s in busy hours, of the nation and of one cell.
func baseline(now time.Time) string {
	month := now.In(vietnam).Format("01")
	return "month,province,cell,volume_kbit,time_ms,counter_map\n" +
		"2020-" + month + ",,,16000000,1000000,1\n2020-" + month + ",,dng-htg1-1,16000000,1000000,1\n"
}
