package board

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// fold writes text as people type it in a hurry: no diacritics, no case, one space for whatever is no
// letter or digit.
func fold(s string) string {
	var b strings.Builder
	space := false
	for _, c := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, c):
			continue
		case c == 'đ' || c == 'Đ':
			c = 'd'
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// searchIndex is what can be found of one inventory.
type searchIndex struct {
	of      *inventory.Index
	devices []string // folded, beside the inventory's devices
	links   []string
}

// searchable is the index of an inventory, made when it is asked for first.
func (b *Board) searchable(inv *inventory.Index) *searchIndex {
	if x := b.index.Load(); x != nil && x.of == inv {
		return x
	}
	x := &searchIndex{of: inv}
	for i := range inv.Devices {
		d := &inv.Devices[i]
		x.devices = append(x.devices, fold(d.Name+" "+d.Address+" "+d.Site))
	}
	for i := range inv.Links {
		x.links = append(x.links, fold(inv.Links[i].Name))
	}
	b.index.Store(x)
	return x
}

// searchPage is what was found.
type searchPage struct {
	Query     string
	Provinces []found
	Devices   []found
	Links     []found
	Rings     []found // systems with redundancy
	More      int     // that are not listed
}

type found struct {
	Name string
	Note names
	Href string
}

const (
	maxFound = 50
	maxQuery = 100
)

func (b *Board) search(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	p := &searchPage{Query: clip(strings.TrimSpace(v.r.URL.Query().Get("q")), maxQuery)}
	words := strings.Fields(fold(p.Query))
	if len(words) == 0 {
		return b.show(v, http.StatusOK, "search", v.words.Say("search.title"), p)
	}
	now := r.At.Unix()
	for _, u := range units(r, v.who) {
		if matches(fold(u.NameVI+" "+u.NameEN+" "+u.Slug+" "+u.Code+" "+islands(u)), words) {
			p.Provinces = append(p.Provinces, found{names{u.NameVI, u.NameEN}.in(v.words), names{u.Code, u.Code}, "/province/" + u.Code})
		}
	}
	x := b.searchable(r.Inventory)
	for i, text := range x.devices {
		d := &x.of.Devices[i]
		if !matches(text, words) || !d.Covers(now) || !v.who.MaySee(d.Province) {
			continue
		}
		p.Devices = p.take(p.Devices, found{d.Name, provinceNames(r, d.Province), "/device/" + d.Name})
	}
	for i, text := range x.links {
		l := &x.of.Links[i]
		if !matches(text, words) || !l.Covers(now) || !maySee(v.who, linkPlaces(x.of, l, now)...) {
			continue
		}
		p.Links = p.take(p.Links, found{l.Name, classNames(l.Class), linkHref(x.of, v, l, now)})
	}
	p.composites(v, r, words)
	if only := slices.Concat(p.Provinces, p.Devices, p.Rings); len(only) == 1 && len(p.Links) == 0 {
		http.Redirect(v.w, v.r, local(only[0].Href), http.StatusSeeOther)
		return nil
	}
	return b.show(v, http.StatusOK, "search", v.words.Say("search.title"), p)
}

// composites adds the systems with redundancy that are called so.
func (p *searchPage) composites(v *visit, r *view.Result, words []string) {
	for i := range r.Composites {
		c := &r.Composites[i]
		called := compositeNames(r, c.Name)
		if matches(fold(c.Name+" "+called.VI+" "+called.EN), words) && v.who.MaySee(c.Province) {
			p.Rings = p.take(p.Rings, found{called.in(v.words), provinceNames(r, c.Province), "/composite/" + c.Name})
		}
	}
}

func (p *searchPage) take(list []found, f found) []found {
	if len(list) >= maxFound {
		p.More++
		return list
	}
	return append(list, f)
}

func islands(p *model.Province) string {
	all := make([]string, 0, len(p.Islands))
	for _, t := range p.Islands {
		all = append(all, t.Name)
	}
	return strings.Join(all, " ")
}

// linkHref is the page of an end that the caller may see.
func linkHref(inv *inventory.Index, v *visit, l *model.Link, at int64) string {
	for _, port := range []model.Port{l.A, l.B} {
		if d := inv.Device(port.Device, at); d != nil && v.who.MaySee(d.Province) {
			return "/device/" + d.Name
		}
	}
	return "/"
}

// linkPlaces are the provinces of a link's ends.
func linkPlaces(inv *inventory.Index, l *model.Link, at int64) []string {
	var out []string
	for _, port := range []model.Port{l.A, l.B} {
		if d := inv.Device(port.Device, at); d != nil && d.Province != "" {
			out = append(out, d.Province)
		}
	}
	return out
}

// matches says whether every word begins a word of the text, or stands in it.
func matches(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
