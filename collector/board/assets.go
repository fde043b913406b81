package board

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assetFiles embed.FS

const assetPath = "/assets/"

// assets are the files that pages refer to. Their address holds the digest of all of them, so browsers
// keep them for ever.
type assets struct {
	version string
	files   map[string]asset
}

type asset struct {
	kind, etag    string
	plain, packed []byte
}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}}
	all := sha256.New()
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		all.Write(text)
		a.files[path.Base(name)], err = pack(name, text)
		return err
	})
	a.version = hex.EncodeToString(all.Sum(nil))[:12]
	return a, err
}

func pack(name string, text []byte) (asset, error) {
	sum := sha256.Sum256(text)
	a := asset{kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: text}
	switch path.Ext(name) { // the system's table may lack them
	case ".js":
		a.kind = "text/javascript; charset=utf-8"
	case ".webmanifest":
		a.kind = "application/manifest+json"
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	if _, err := w.Write(text); err != nil {
		return a, err
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	if b.Len() < len(text) {
		a.packed = b.Bytes()
	}
	return a, nil
}

// prefix is the path below which the present files are.
func (a *assets) prefix() string { return assetPath + a.version + "/" }

// ServeHTTP serves a file. A page of another version of the program gets the present one, unkept.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("version") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	text := f.plain
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", strings.TrimSuffix(f.etag, `"`)+`-gzip"`)
		text = f.packed
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
