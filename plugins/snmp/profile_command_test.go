package snmp

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runTool runs haidang-input-snmp as haidang-agent does.
func runTool(args ...string) (out, told string, err error) {
	var stdout, stderr bytes.Buffer
	root := Tools()
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err = root.Execute()
	return stdout.String(), stderr.String(), err
}

func TestProfileCommands(t *testing.T) {
	dir := t.TempDir()
	mine := "profile: mine\ntitle: my own\nmatch: [1.3.6.1.4.1.99999]\nextends: [host]\ntested: false\n"
	if err := os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args              string
		out, told, failed string
	}{
		"list":         {"profile list", "huawei-olt         all but 3 tables  17      Huawei OLT (MA56, MA58, EA58)", "", ""},
		"list mine":    {"profile list --profiles " + dir, "mine               no", "", ""},
		"show":         {"profile show nokia-sros", "sros_ddm       5m0s   1m0s   yes     optic,ifname bias_ma,rx_dbm,temp_c,tx_dbm,voltage_v", "", ""},
		"show by OID":  {"profile show .1.3.6.1.4.1.99999.3 --profiles " + dir, "mine: my own\n", "", ""},
		"show nothing": {"profile show nokia", "", "", `"nokia": want the name of a profile`},
		"import":       {"profile import profile/testdata/snmp.yml lamps", "profile: lamps\n", `note: lampFlags: type "Bits" is not taken over`, ""},
		"no such file": {"profile import nowhere.yml lamps", "", "", "nowhere.yml"},
		"compile":      {"profile compile profile/mibs/testdata/LIGHTHOUSE-MIB", "profile: lighthouse\n", "note: lhRunHours: is in hours", ""},
		"no MIB":       {"profile compile profile/mibs/mibs.go", "", "", "mibs.go"},
		"no folder":    {"profile list --profiles " + filepath.Join(dir, "nowhere"), "", "", "nowhere: want a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			out, told, err := runTool(strings.Fields(c.args)...)
			if (c.failed == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.failed) {
				t.Fatalf("error: %v, want %q", err, c.failed)
			}
			if !strings.Contains(out, c.out) || !strings.Contains(told, c.told) {
				t.Errorf("printed:\n%s\nand told:\n%s", out, told)
			}
		})
	}
}
