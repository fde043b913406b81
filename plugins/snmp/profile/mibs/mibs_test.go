package mibs_test

import (
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/profile/mibs"
)

func TestCompile(t *testing.T) {
	d, notes, err := mibs.Compile("testdata/LIGHTHOUSE-MIB")
	if err != nil {
		t.Fatal(err, notes)
	}
	text, err := d.YAML()
	t.Log(notes)
	t.Logf("%s %v", text, err)
}
