package external

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// stamps are the size and the time of change of the files in the folder of the untrained model, by
// name.
type stamps map[string]stamp

type stamp struct {
	size    int64
	changed time.Time
}

// stampsOf returns the stamps of the regular files in a folder; none if path is no folder, such as
// the name of a model.
func stampsOf(path string) stamps {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	all := stamps{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			all[e.Name()] = stamp{info.Size(), info.ModTime()}
		}
	}
	return all
}

// changed returns the quoted name of a file that is gone or has another stamp afterwards, or "".
// New files, such as those of a cache, are no change.
func (s stamps) changed(after stamps) string {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if after[name] != s[name] {
			return fmt.Sprintf("%.80q", name)
		}
	}
	return ""
}
