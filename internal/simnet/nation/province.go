package nation

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
)

// Province is one unit of the registry, as far as the network needs it.
type Province struct{ Code, Slug, Region string }

// ReadProvinces reads a registry (configs/provinces/*.csv): columns code, slug and region are needed.
func ReadProvinces(path string) ([]Province, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("nation: provinces: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("nation: provinces: %s: %w", path, err)
	}
	var col [3]int
	for i, want := range []string{"code", "slug", "region"} {
		if col[i] = slices.Index(head, want); col[i] < 0 {
			return nil, fmt.Errorf("nation: provinces: %s:1: no column %q", path, want)
		}
	}
	var out []Province
	for {
		row, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("nation: provinces: %s: %w", path, err)
		}
		out = append(out, Province{row[col[0]], row[col[1]], row[col[2]]})
	}
}

// choose keeps the provinces whose codes are asked for, all of them if none is.
func choose(all []Province, codes []string) ([]Province, error) {
	if len(codes) == 0 {
		return all, nil
	}
	var out []Province
	for _, c := range codes {
		i := slices.IndexFunc(all, func(p Province) bool { return p.Code == c })
		if i < 0 {
			return nil, fmt.Errorf("nation: province %q is not in the registry", c)
		}
		out = append(out, all[i])
	}
	return out, nil
}
