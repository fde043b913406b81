package syslog_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/configs/syslog"
	"github.com/haidang-noc/haidang/plugins/syslog/table"
)

// Every shipped row says where its form was seen, or that it was not.
func TestEveryRowSaysWhereItWasSeen(t *testing.T) {
	names, err := fs.Glob(syslog.Files(), "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(syslog.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "\n  - name:")[1:] {
			if strings.Contains(part, "\n    seen: ") == strings.Contains(part, "\n    untested: true") {
				t.Errorf("%s: row %d: want seen or untested", name, i+1)
			}
		}
	}
}

func TestTheTablesAreRight(t *testing.T) {
	var tab table.Table
	if err := tab.Add(syslog.Files(), "*.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := tab.Compile(); err != nil || tab.Len() < 50 {
		t.Errorf("%d rows, %v", tab.Len(), err)
	}
}
