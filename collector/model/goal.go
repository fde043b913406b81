package model

// GoalMeasure says what a goal counts.
type GoalMeasure string

// The measures of goals.csv.
const (
	CountSites       GoalMeasure = "sites"       // sites with a device in service
	CountDevices     GoalMeasure = "devices"     // devices in service
	CountSubscribers GoalMeasure = "subscribers" // of devices in service
	CountCapacity    GoalMeasure = "link_mbps"   // of links in service that are measured at such a device
	Given            GoalMeasure = "given"       // what nobody can count here: the values stand in the file
)

// Goal is one row of goals.csv: what is to be built in a year.
type Goal struct {
	ID             string
	NameVI, NameEN string
	Year           int
	Unit           string
	Measure        GoalMeasure
	Systems        []System // counted devices are of one of them; none: all
	Planned        int64    // the year's increment
	Start          *int64   // the value at the year's start; nil: what the inventory says of that instant
	Now            int64    // of Given
}
