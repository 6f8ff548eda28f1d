package safetensors

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// maxShards limits the files of an index, which all stay open.
const maxShards = 1024

// readIndex adds the tensors that an index of several files lists:
//
//	{"metadata": {…}, "weight_map": {"name": "model-00001-of-00002.safetensors", …}}
//
// The files are in the folder of the index. Each listed tensor must be in its file.
func (f *File) readIndex() error {
	place, err := f.weightMap()
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	shards := slices.Compact(slices.Sorted(maps.Values(place)))
	if len(shards) > maxShards {
		return fmt.Errorf("%s: %d files, want at most %d", f.path, len(shards), maxShards)
	}
	for _, shard := range shards {
		if filepath.Base(shard) != shard || !filepath.IsLocal(shard) || strings.ContainsAny(shard, `/\:`) {
			return fmt.Errorf("%s: file %.80q is not a name in the same folder", f.path, shard)
		}
		h, err := f.header(filepath.Join(filepath.Dir(f.path), shard))
		if err != nil {
			return err
		}
		for _, e := range h.tensors {
			if place[e.name] == shard {
				f.tensors[e.name] = e
			}
		}
	}
	for name, shard := range place {
		if _, ok := f.tensors[name]; !ok {
			return fmt.Errorf("%s: tensor %.80q is not in %s", f.path, name, shard)
		}
	}
	return nil
}

// weightMap returns the file of each tensor.
func (f *File) weightMap() (map[string]string, error) {
	file, size, err := openRegular(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > maxHeader {
		return nil, fmt.Errorf("the index has %d bytes, want at most %d", size, maxHeader)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, size))
	if err != nil {
		return nil, err
	}
	return parseIndex(text)
}

func parseIndex(text []byte) (map[string]string, error) {
	var place map[string]string
	err := document(text, func(d *json.Decoder, key string) error {
		if key != "weight_map" {
			var ignored json.RawMessage // sizes, for people
			return d.Decode(&ignored)
		}
		place = map[string]string{}
		return object(d, func(name string) (err error) {
			if len(place) == maxTensors {
				return fmt.Errorf("more than %d tensors", maxTensors)
			}
			place[name], err = str(d)
			return err
		})
	})
	if err == nil && place == nil {
		err = fmt.Errorf("the index has no weight_map")
	}
	return place, err
}
