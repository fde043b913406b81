package pathset_test

import (
	"testing"

	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

func TestShippedSetsAreInOrder(t *testing.T) {
	sets, err := pathset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sets {
		t.Log(i, s.Name, s.Topic, s.Tested)
	}
}
