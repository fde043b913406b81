package nation

import (
	"strconv"
	"strings"
)

// Composite is a system with redundancy over devices, links or composites before it.
type Composite struct {
	Name, NameVI, NameEN string
	System               string
	Rule                 string // as composites.csv names them
	Need                 int    // of k_of_n
	Members              []string
}

func (c *Composite) row(since string) []string {
	need := ""
	if c.Rule == "k_of_n" {
		need = strconv.Itoa(c.Need)
	}
	return []string{c.Name, c.NameVI, c.NameEN, c.System, "", c.Rule, need, strings.Join(c.Members, "|"), since, ""}
}

// sectionNeed is how many of the lines of a backbone section must be up.
const sectionNeed = 2

// Composites are the rings, the backbone, the IP core and the submarine cables, as far as they are there.
func (n *Network) Composites() []Composite {
	var out []Composite
	add := func(c Composite) {
		if len(c.Members) > 1 {
			out = append(out, c)
		}
	}
	for i, region := range regions {
		add(Composite{region.prefix, "Vòng ring miền " + region.name, [...]string{"Northern", "Central", "Southern"}[i] + " ring", region.prefix, "ring", 0, n.linksNamed(region.prefix + "-arm-")})
	}
	lines := n.sections()
	sections := make([]string, 0, len(lines))
	for _, first := range lines {
		name := "backbone-" + strconv.Itoa(len(sections)+1)
		add(Composite{name, "Trục, đoạn " + name[9:], "Backbone, section " + name[9:], roles[backboneNode].system, "k_of_n", sectionNeed, n.linksNamed(first)})
		sections = append(sections, "composite:"+name)
	}
	add(Composite{"backbone", "Trục liên tỉnh", "Inter-provincial backbone", roles[backboneNode].system, "series", 0, sections})
	add(Composite{"vn2-core", "Lõi VN2", "VN2 core", roles[vn2P].system, "parallel", 0, n.devicesOf(vn2P)})
	add(Composite{"submarine", "Cáp quang biển", "Submarine cables", roles[landing].system, "capacity", 0, n.linksOf(landing)})
	return out
}

// sections are the names of the first lines between neighbouring nodes of the backbone.
func (n *Network) sections() (names []string) {
	for i := range n.Links {
		l := &n.Links[i]
		if n.Devices[l.A.Device].kind == backboneNode && l.Name == n.Devices[l.A.Device].Name+"--"+n.Devices[l.B.Device].Name {
			names = append(names, l.Name)
		}
	}
	return names
}

func (n *Network) linksNamed(prefix string) (members []string) {
	for i := range n.Links {
		if strings.HasPrefix(n.Links[i].Name, prefix) {
			members = append(members, "link:"+n.Links[i].Name)
		}
	}
	return members
}

func (n *Network) linksOf(kind uint8) (members []string) {
	for i := range n.Links {
		if n.Devices[n.Links[i].A.Device].kind == kind {
			members = append(members, "link:"+n.Links[i].Name)
		}
	}
	return members
}

func (n *Network) devicesOf(kind uint8) (members []string) {
	for i := range n.Devices {
		if n.Devices[i].kind == kind {
			members = append(members, "device:"+n.Devices[i].Name)
		}
	}
	return members
}
