// Package counters holds the shipped maps of vendors' counters, built into the program so that it needs no folder.
package counters

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS //nolint:gochecknoglobals // embedded files

// Files are the shipped maps.
func Files() fs.FS { return files }
