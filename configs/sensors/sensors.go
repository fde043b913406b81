// Package sensors holds the shipped tables of sensor paths, built into the program so that it needs no folder.
package sensors

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS //nolint:gochecknoglobals // embedded files

// Files are the shipped tables.
func Files() fs.FS { return files }
