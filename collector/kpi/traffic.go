package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Traffic is what the links' days add up to under one plan. It merges: a caller keeps the month so
// far and adds each day once at its close.
type Traffic struct {
	Plan     string // Plan.Hash of the plan that divided by its capacities
	From, To model.Day
	Links    []LinkTraffic // by Link
}

// LinkTraffic is one link in a Traffic.
type LinkTraffic struct {
	Link           string
	Expected       int32 // slots neither out of service, excluded nor in a planned window
	CongestedHours int32
	DropDays       int32
	Resets         int32
	SpeedMbps      uint32 // last one seen
	In, Out        DirTraffic
}

// DirTraffic is one direction of a LinkTraffic.
type DirTraffic struct {
	Slots, Suspect int32
	Sum            int64       // of per mille
	Top            []UtilCount // greatest first: the samples that can still be the month's P95
	Hours          [24]HourSum // working days, by clock hour
	Peaks          []DayPeak
}

// UtilCount counts the samples of one utilisation.
type UtilCount struct{ PerMille, Count uint16 }

// HourSum adds up the slots of one clock hour.
type HourSum struct{ Sum, Slots uint32 }
