package spool

import (
	"fmt"
	"strconv"
	"strings"
)

const segmentSuffix = ".zst"

// segment is one file as the reader may see it: synced bytes only.
type segment struct {
	first   uint64 // its name; no record in it is older
	last    uint64 // of its last synced record
	size    int64  // synced
	pending tally  // synced and neither committed nor dropped
	damaged bool   // goes to quarantine instead of being deleted
	gone    bool   // no longer in Spool.segments
}

// tally counts batches and the points in them.
type tally struct{ batches, points int }

func (t tally) plus(o tally) tally  { return tally{t.batches + o.batches, t.points + o.points} }
func (t tally) minus(o tally) tally { return tally{t.batches - o.batches, t.points - o.points} }

func (seg *segment) name() string { return segmentName(seg.first) }

func segmentName(first uint64) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }

// parseSegmentName is the inverse of segmentName; other files of the folder are not ok.
func parseSegmentName(name string) (first uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil && first > 0
}
