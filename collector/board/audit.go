package board

import (
	"net/http"

	"github.com/haidang-noc/haidang/collector/store"
)

// maxActs is how many rows of the trail the page shows.
const maxActs = 300

// auditPage is the trail of who did what.
type auditPage struct{ Acts []store.Act }

// audit shows the trail to those who see the whole country: it names devices of every province.
func (b *Board) audit(v *visit) error {
	if !v.who.SeesAll() {
		return refuse(http.StatusForbidden, "error.scope", nation)
	}
	acts, err := b.Store.Trail(v.r.Context(), maxActs)
	if err != nil {
		return err
	}
	return b.show(v, http.StatusOK, "audit", v.words.Say("audit.title"), auditPage{acts})
}
