package meas

// state is an element of a file that means something.
type state uint8

const (
	outside state = iota
	other         // with all that is in it
	root
	header
	sender
	data
	element
	info
	gran
	kind    // measType
	kinds   // measTypes
	value   // measValue
	result  // r
	results // measResults
	doubt   // suspect

	// Of TS 32.401, which has as elements what the others have as attributes.
	vendor     // vn
	senderName // sn
	identity   // neid
	elementDN  // nedn
	elementTag // neun
	software   // nesw
	until      // mts
	seconds    // gp
	object     // moid
)

// child is what an element within another one is.
func child(parent state, name []byte) state {
	switch parent {
	case outside:
		return childOfNothing(name)
	case root:
		return childOfRoot(name)
	case header:
		return childOfHeader(name)
	case data:
		return childOfData(name)
	case identity:
		return childOfIdentity(name)
	case info:
		return childOfInfo(name)
	case value:
		return childOfValue(name)
	default:
		return other
	}
}

func childOfNothing(name []byte) state {
	switch string(name) {
	case "measCollecFile", "measDataFile", "mdc":
		return root
	}
	return other
}

func childOfRoot(name []byte) state {
	switch string(name) {
	case "fileHeader", "mfh":
		return header
	case "measData", "md":
		return data
	}
	return other
}

func childOfHeader(name []byte) state {
	switch string(name) {
	case "fileSender":
		return sender
	case "vn":
		return vendor
	case "sn":
		return senderName
	}
	return other
}

func childOfData(name []byte) state {
	switch string(name) {
	case "managedElement", "measEntity":
		return element
	case "neid":
		return identity
	case "measInfo", "mi":
		return info
	}
	return other
}

func childOfIdentity(name []byte) state {
	switch string(name) {
	case "nedn":
		return elementDN
	case "neun":
		return elementTag
	case "nesw":
		return software
	}
	return other
}

func childOfInfo(name []byte) state {
	switch string(name) {
	case "measValue", "mv":
		return value
	case "measType", "mt":
		return kind
	case "measTypes":
		return kinds
	case "granPeriod":
		return gran
	case "mts":
		return until
	case "gp":
		return seconds
	}
	return other
}

func childOfValue(name []byte) state {
	switch string(name) {
	case "r":
		return result
	case "measResults":
		return results
	case "suspect", "sf":
		return doubt
	case "moid":
		return object
	}
	return other
}

// hasText says whether the text of the element means something.
func (s state) hasText() bool { return s >= kind && s != value && s != identity }
