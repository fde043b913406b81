// Package paths holds the shipped path sets, built into the gNMI input so that it needs no folder.
package paths

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS //nolint:gochecknoglobals // embedded files

// Files are the shipped path sets.
func Files() fs.FS { return files }
