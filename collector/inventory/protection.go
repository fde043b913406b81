package inventory

import "github.com/haidang-noc/haidang/collector/model"

// protectionYAML is a section of targets.yaml.
type protectionYAML struct {
	National       scalar `yaml:"national"`
	MinSubscribers scalar `yaml:"min_subscribers"`
	Composites     scalar `yaml:"composites"`
	MaxUnknown     scalar `yaml:"max_unknown"`
}

// protection reads what must not fail during a national event.
func (v values) protection(y *protectionYAML) model.ProtectionRules {
	return model.ProtectionRules{
		National:       v.choice("protection.national", y.National, "true", "false") == "true",
		MinSubscribers: v.count("protection.min_subscribers", y.MinSubscribers, "10000", largest),
		Composites:     v.choice("protection.composites", y.Composites, "true", "false") == "true",
		MaxUnknown:     v.ratio("protection.max_unknown", y.MaxUnknown, "0.05"),
	}
}
