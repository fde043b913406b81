package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Plan is an inventory prepared for stage 2: what covers what, sorted for one pass over the
// chunks. It is immutable and safe for concurrent use; a reload makes a new one.
type Plan struct {
	inv  *model.Inventory
	hash string
}

// Hash names the files and targets the plan was made of.
func (p *Plan) Hash() string { return p.hash }
