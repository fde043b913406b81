package nation

import "strconv"

// role is what devices of one kind have in common.
type role struct {
	name   string // in inventory and device names
	system string
	vendor string
	descr  string
	object []uint32 // sysObjectID below enterprises
	uplink uint32   // Mbit/s of the port towards the gateway
	ports  uint32   // Mbit/s of the other ports
	shape  uint8    // how traffic goes over the week
	subs   uint32   // typical subscribers, 0 for none of its own
}

// The roles, in the order in which a network is built.
const (
	vn2P = iota
	vn2PE
	backboneNode
	ringNorth
	ringCentral
	ringSouth
	landing
	metroCore
	metroAgg
	cellSite
	olt
	enb
	gnb
)

const (
	gigabit  = 1_000
	tenGig   = 10_000
	hundredG = 100_000
	fourHund = 400_000
	gpon     = 2_488

	twentyFiveG = hundredG / 4 // members of aggregates of 100 Gbit/s
	fiftyG      = hundredG / 2
)

var roles = [...]role{
	vn2P:         {"p", "vn2", "nokia", "Nokia 7950 XRS-20", []uint32{6527, 1, 16, 1}, hundredG, hundredG, business, 0},
	vn2PE:        {"pe", "vn2", "nokia", "Nokia 7750 SR-12", []uint32{6527, 1, 3, 12}, hundredG, hundredG, mixed, 0},
	backboneNode: {"otn", "backbone", "ciena", "Ciena 6500 Packet-Optical Platform", []uint32{562, 68, 10}, fourHund, hundredG, mixed, 0},
	ringNorth:    {"roadm", "ring-north", "huawei", "Huawei OptiX OSN 9800", []uint32{2011, 2, 25, 9}, hundredG, hundredG, mixed, 0},
	ringCentral:  {"roadm", "ring-central", "huawei", "Huawei OptiX OSN 9800", []uint32{2011, 2, 25, 9}, hundredG, hundredG, mixed, 0},
	ringSouth:    {"roadm", "ring-south", "huawei", "Huawei OptiX OSN 9800", []uint32{2011, 2, 25, 9}, hundredG, hundredG, mixed, 0},
	landing:      {"slte", "submarine", "ciena", "Ciena GeoMesh SLTE", []uint32{562, 68, 20}, fourHund, hundredG, residential, 0},
	metroCore:    {"core", "man-e", "huawei", "Huawei NE40E-X16", []uint32{2011, 2, 62, 1}, hundredG, hundredG, mixed, 0},
	metroAgg:     {"agg", "man-e", "huawei", "Huawei CX600-X8", []uint32{2011, 2, 62, 8}, hundredG, tenGig, mixed, 0},
	cellSite:     {"csr", "man-e", "cisco", "Cisco ASR 920", []uint32{9, 1, 2082}, tenGig, gigabit, business, 0},
	olt:          {"olt", "olt-gpon", "zte", "ZTE ZXA10 C320", []uint32{3902, 1082, 1001, 320}, tenGig, gpon, residential, 1200},
	enb:          {"enb", "ran-4g", "ericsson", "Ericsson RBS 6601", []uint32{193, 183, 4, 1}, gigabit, gigabit, mobile, 900},
	gnb:          {"gnb", "ran-5g", "ericsson", "Ericsson Baseband 6630", []uint32{193, 183, 4, 2}, tenGig, gigabit, mobile, 400},
}

// cables are the submarine systems with their lit capacity; together 6 845 Gbit/s.
var cables = [...]struct {
	name string
	mbps uint32
}{{"sjc2", 2_200_000}, {"apg", 1_500_000}, {"aae1", 1_445_000}, {"aag", 1_100_000}, {"ia", 600_000}}

// ifName names port i (from 0) of a device by its speed.
func ifName(mbps uint32, i int) string {
	kind := "och-1/"
	switch mbps {
	case twentyFiveG:
		kind = "25GE0/1/"
	case fiftyG:
		kind = "50GE0/1/"
	case gigabit:
		kind = "GigabitEthernet0/1/"
	case tenGig:
		kind = "10GE0/1/"
	case hundredG:
		kind = "100GE0/1/"
	case fourHund:
		kind = "400GE0/1/"
	case gpon:
		kind = "gpon-0/1/"
	}
	return kind + strconv.Itoa(i+1)
}
