package bench

func (c Config) agent() (Part, error)    { return Part{Title: "Polling SNMP"}, nil }
func (c Config) month() (Part, error)    { return Part{Title: "A month"}, nil }
func (c Config) packages() (Part, error) { return Part{Title: "Packages"}, nil }
