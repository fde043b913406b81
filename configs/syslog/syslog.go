// Package syslog holds the shipped tables of syslog messages, built into the program so that it needs no folder.
package syslog

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS //nolint:gochecknoglobals // embedded files

// Files are the shipped tables.
func Files() fs.FS { return files }
