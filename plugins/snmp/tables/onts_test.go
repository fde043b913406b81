package tables_test

import (
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// onu says what an OLT (zte-olt-v1) says of an ONU: 3 is working. 0 is none at all.
func (r *rig) onu(port, onu uint32, state uint64) {
	at := []uint32{1, 3, 6, 1, 4, 1, 3902, 1012, 3, 28, 2, 1, 4, port, onu}
	if state == 0 {
		r.agent.Remove(at...)
		return
	}
	r.agent.SetNumber(ber.Integer, state, at...)
}

// A poll that has read all ONUs tells of each PON port how many there are, and how many work.
func TestPONPortsTellHowManyTheyServe(t *testing.T) {
	set, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	r := newRigWith(t, set, "zte-olt-v1")
	r.agent.Set(ber.ObjectID, ber.OID(1, 3, 6, 1, 4, 1, 3902, 1012), 1, 3, 6, 1, 2, 1, 1, 2, 0)
	r.interfaces.names = map[uint32]string{7: "gpon_1/1, a=b"}
	for i := range uint32(200) {
		r.onu(7, i, 3)
		r.onu(8, i, 1)
	}
	r.onu(9, 1, 3)
	r.onu(7, 5, 1)
	first := `pon,agent=a,device=d,pon=8 onts_online=0i,onts_total=200i,interval_s=300i` + "\n" +
		`pon,agent=a,device=d,pon=9 onts_online=1i,onts_total=1i,interval_s=300i` + "\n"
	equal(t, "lines", r.all("pon,"), first+`pon,agent=a,device=d,pon=gpon_1/1\,\ a\=b onts_online=199i,onts_total=200i,interval_s=300i`)
	r.onu(9, 1, 4)
	r.onu(7, 5, 0)
	for range 4 {
		equal(t, "lines between polls", r.all("pon,"), "")
	}
	second := `pon,agent=a,device=d,pon=8 onts_online=0i,onts_total=200i,interval_s=300i` + "\n" +
		`pon,agent=a,device=d,pon=9 onts_online=0i,onts_total=1i,interval_s=300i` + "\n"
	equal(t, "lines", r.all("pon,"), second+`pon,agent=a,device=d,pon=gpon_1/1\,\ a\=b onts_online=199i,onts_total=199i,interval_s=300i`)
}
