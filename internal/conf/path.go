package conf

import "path/filepath"

// Path is a path that a configuration names: a relative one begins at dir, the folder of its file. Nothing named stays nothing.
func Path(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
