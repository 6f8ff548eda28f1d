package safetensors

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/foreign"
)

// Names of the files in the folder of a model.
const (
	modelName = "model.safetensors"
	indexName = "model.safetensors.index.json"
)

// File is one safetensors file, or the files of an index. It is safe for concurrent use until it is
// closed.
type File struct {
	path     string
	tensors  map[string]entry
	metadata map[string]string
	open     []*os.File
}

// Info describes a tensor.
type Info struct {
	DType DType
	Shape []int // outermost dimension first; empty for a scalar
	Bytes int64 // in the file
}

// Open reads the header of a .safetensors file, the headers of all files of an index (a path that
// ends in .json), or those of a folder with model.safetensors or model.safetensors.index.json. The
// caller closes the file.
func Open(path string) (*File, error) {
	at, err := resolve(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	f := &File{path: at, tensors: map[string]entry{}}
	if filepath.Ext(at) == ".json" {
		err = f.readIndex()
	} else {
		err = f.readFile()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("safetensors: %w", err), f.Close())
	}
	return f, nil
}

// resolve returns the file that a path stands for.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return path, err
	}
	for _, name := range []string{modelName, indexName} {
		at := filepath.Join(path, name)
		if _, err := os.Stat(at); err == nil {
			return at, nil
		}
	}
	return "", fmt.Errorf("%s: neither %s nor %s in this folder: %w", path, modelName, indexName, fs.ErrNotExist)
}

// readFile adds all tensors of one file.
func (f *File) readFile() error {
	h, err := f.header(f.path)
	if err != nil {
		return err
	}
	for _, e := range h.tensors {
		f.tensors[e.name] = e
	}
	f.metadata = h.metadata
	return nil
}

// header opens a file, which f closes, and reads its header.
func (f *File) header(path string) (header, error) {
	file, size, err := openRegular(path)
	if err != nil {
		return header{}, err
	}
	f.open = append(f.open, file)
	h, err := readHeader(file, size)
	if err != nil {
		return header{}, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// openRegular opens a regular file and returns its size in bytes. A pipe would block.
func openRegular(path string) (*os.File, int64, error) {
	file, err := foreign.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// Close closes the files. The methods of a closed File return errors.
func (f *File) Close() error {
	var err error
	for _, file := range f.open {
		err = errors.Join(err, file.Close())
	}
	f.open = nil
	return err
}

// Names returns the names of all tensors in alphabetical order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Metadata returns the free-form entries of the header; an index has none.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Info returns the description of a tensor, or false if no tensor has this name.
func (f *File) Info(name string) (Info, bool) {
	e, ok := f.tensors[name]
	info := e.Info
	info.Shape = slices.Clone(info.Shape)
	return info, ok
}
