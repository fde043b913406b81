package session

import (
	"fmt"
	"slices"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

// Encoding is how a target is to write values; empty: the best that it can.
type Encoding string

// Encodings are the names that an encoding may have.
func Encodings() []string { return []string{"proto", "json_ietf", "json", "bytes", "ascii"} }

func (e Encoding) proto() gpb.Encoding {
	return gpb.Encoding(gpb.Encoding_value[strings.ToUpper(string(e))])
}

// ability is what a target says that it can.
type ability struct {
	unknown   bool // it does not say
	version   string
	encodings []gpb.Encoding
	models    []string
}

func abilityOf(r *gpb.CapabilityResponse) ability {
	a := ability{version: r.GetGNMIVersion(), encodings: r.GetSupportedEncodings()}
	for _, m := range r.GetSupportedModels() {
		a.models = append(a.models, m.GetName())
	}
	return a
}

// choose finds the encoding: the one that is wanted, or the first that both sides know.
func (a *ability) choose(want Encoding) (gpb.Encoding, error) {
	if want != "" {
		if !a.unknown && len(a.encodings) > 0 && !slices.Contains(a.encodings, want.proto()) {
			return 0, fmt.Errorf("the target cannot send %s: set encoding to one of %s", want, names(a.encodings))
		}
		return want.proto(), nil
	}
	if a.unknown || len(a.encodings) == 0 {
		return gpb.Encoding_JSON, nil // what every target has to know
	}
	for _, name := range Encodings() {
		if e := Encoding(name).proto(); slices.Contains(a.encodings, e) {
			return e, nil
		}
	}
	return 0, fmt.Errorf("the target sends %s only: want one of %s", names(a.encodings), strings.Join(Encodings(), ", "))
}

func names(encodings []gpb.Encoding) string {
	all := make([]string, len(encodings))
	for i, e := range encodings {
		all[i] = strings.ToLower(e.String())
	}
	return strings.Join(all, ", ")
}

// sets are the path sets for what the target has.
func (a *ability) sets(of []*pathset.Set) (chosen []*pathset.Set, missing []string, err error) {
	chosen, missing = pathset.Choose(of, a.models)
	if len(chosen) == 0 {
		slices.Sort(missing)
		return nil, nil, fmt.Errorf("the target has none of the models %s; it has %s: name path sets for these, or write one",
			strings.Join(slices.Compact(missing), ", "), some(a.models))
	}
	return chosen, missing, nil
}

// some are the first few of a long list.
func some(all []string) string {
	const few = 8
	if len(all) <= few {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:few], ", "), len(all)-few)
}
