package profile_test

import (
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

func TestTheLongestPrefixMatches(t *testing.T) {
	set, err := profile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for oid, want := range map[string]string{
		".1.3.6.1.4.1.999999.1": "standard",
		"":                      "standard",
		"not an OID":            "standard",
	} {
		if got := set.Match(oid).Name; got != want {
			t.Errorf("%q matches %s, want %s", oid, got, want)
		}
	}
}
