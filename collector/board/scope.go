package board

import (
	"net/http"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// latest is the newest result, or the answer that there is none yet.
func (b *Board) latest() (*view.Result, error) {
	r := b.Latest()
	if r == nil {
		return nil, refuse(http.StatusServiceUnavailable, "error.early")
	}
	return r, nil
}

// maySee says whether something of these provinces, or of none, is among the caller's.
func maySee(who *principal.Principal, provinces ...string) bool {
	if len(provinces) == 0 {
		return who.MaySee("")
	}
	return slices.ContainsFunc(provinces, who.MaySee)
}

// placesOf are the provinces of an outage.
func placesOf(o *kpi.Outage) []string {
	if o.Province != "" {
		return []string{o.Province}
	}
	return o.Provinces
}

// units are the provinces that the caller sees, by code.
func units(r *view.Result, who *principal.Principal) []*model.Province {
	return slices.DeleteFunc(r.Inventory.Units(r.At.Unix()), func(p *model.Province) bool { return !who.MaySee(p.Code) })
}

// provinceNames are how a province is called; "" and codes without a unit have names, too.
func provinceNames(r *view.Result, code string) names {
	if p := r.Inventory.Province(code, r.At.Unix()); p != nil {
		return names{p.NameVI, p.NameEN}
	}
	switch code {
	case "":
		return names{"Toàn quốc", "Nation"}
	case kpi.UnknownProvince:
		return names{"Ngoài danh mục", "Not in inventory"}
	}
	return names{code, code}
}

// systemNames are how a system is called.
func systemNames(r *view.Result, s model.System) names {
	t := r.Inventory.Targets.Availability[s]
	if t.NameVI == "" {
		return names{string(s), string(s)}
	}
	return names{t.NameVI, t.NameEN}
}

// classNames are how a class of links is called.
func classNames(c model.LinkClass) names {
	switch c {
	case model.Transport:
		return names{"Truyền tải", "Transport"}
	case model.Broadband:
		return names{"Băng rộng", "Broadband"}
	case model.International:
		return names{"Quốc tế", "International"}
	}
	return names{string(c), string(c)}
}
