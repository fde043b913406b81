// Package kpi is the arithmetic: observations to time lines, counters to utilisation, intervals and
// sums to availability, congestion and verdicts. It is pure: no I/O, no clock, no log, no floats.
// docs/kpi.md explains each number with its formula, its gaps and an example.
//
// The work has two stages, so that nothing the operator edits later (windows, parents, capacities,
// targets) is baked into what was measured:
//
//	stage 1, per entity and local day              stage 2, per month and inventory
//	Series     ─ Machine.Fold ─► EntityDay ┐
//	                                       ├ DayChunk ─ Plan.Traffic ─► Traffic ┐
//	CounterDay ─ CounterDay.Fold ► PortDay ┘      └───────── Month ◄────────────┴─► MonthResult
//
// Everything of stage 1 is a function of the set of observations alone: order, batches and
// duplicates cannot be told from the result, which makes replaying a log harmless.
package kpi
