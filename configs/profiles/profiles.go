// Package profiles holds the shipped profiles, built into the program so that it needs no folder.
package profiles

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS //nolint:gochecknoglobals // embedded files

// Files are the shipped profiles.
func Files() fs.FS { return files }
