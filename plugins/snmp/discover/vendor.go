package discover

import "strings"

// vendor is who registered the enterprise number that a sysObjectID holds; empty if that is not one of those below.
func vendor(objectID string) string {
	rest, ok := strings.CutPrefix(objectID, "1.3.6.1.4.1.")
	if !ok {
		return ""
	}
	enterprise, _, _ := strings.Cut(rest, ".")
	return map[string]string{
		"9": "cisco", "119": "nec", "193": "ericsson", "562": "ciena", "637": "nokia", "1271": "ciena", "2011": "huawei", "2281": "ceragon",
		"2509": "aviat", "2544": "adva", "2636": "juniper", "3373": "siae", "3902": "zte", "5875": "fiberhome", "6527": "nokia",
		"14988": "mikrotik", "21296": "infinera",
	}[enterprise]
}
