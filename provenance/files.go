package provenance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// openRegular opens a regular file. A pipe or a device, which could block, is an error.
func openRegular(fsys fs.FS, name string) (fs.File, fs.FileInfo, error) {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("is not a regular file")}
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := fsys.Open(name)
	return f, info, err
}

// cancelled is a reader that ends with the error of a context.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (c cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// DigestFile returns the SHA-256 of a regular file and its size in bytes.
func DigestFile(ctx context.Context, fsys fs.FS, name string) (undertone.Digest, int64, error) {
	f, info, err := openRegular(fsys, name)
	if err != nil {
		return undertone.Digest{}, 0, err
	}
	defer f.Close()
	h := NewByteHasher()
	n, err := io.Copy(h, io.LimitReader(cancelled{ctx, f}, info.Size()+1))
	if err == nil && n != info.Size() {
		err = fmt.Errorf("%s was changed while it was read: %d bytes, then %d", name, info.Size(), n)
	}
	if err != nil {
		return undertone.Digest{}, 0, err
	}
	sum, _ := h.Sum()
	return sum, n, nil
}

// DescribeRows reads a file of rows once and returns its content: the digest of its bytes, and the
// count and the Merkle root of its rows. The options are those with which its program reads rows.
func DescribeRows(ctx context.Context, fsys fs.FS, name string, opts ...jsonl.Option) (Content, error) {
	c := Content{Kind: RowsKind}
	f, info, err := openRegular(fsys, name)
	if err != nil {
		return c, err
	}
	defer f.Close()
	bytes, rows := NewByteHasher(), NewRowHasher()
	source := io.TeeReader(cancelled{ctx, f}, bytes)
	for row, err := range jsonl.Read(name, source, opts...) {
		switch {
		case errors.Is(err, jsonl.ErrEmpty):
		case err != nil:
			return c, err
		default:
			rows.Add(row.ID())
		}
	}
	if _, err := io.Copy(io.Discard, source); err != nil { // what follows compressed rows
		return c, err
	}
	c.Bytes, c.Size = bytes.Sum()
	if c.Size != info.Size() {
		return c, fmt.Errorf("%s was changed while it was read: %d bytes, then %d", name, info.Size(), c.Size)
	}
	sum := rows.Sum()
	sum.Reading = jsonl.Reading(opts...)
	c.Rows = &sum
	return c, nil
}

// Limits of a folder.
const (
	maxFolderFiles = 10_000
	maxFolderDepth = 16
)

// DigestFolder returns the digest of the files of a folder and their size in bytes. It covers their
// names and their bytes: it is the digest of "folder", the number of files and, in the order of
// their paths, each path and the SHA-256 of its bytes. Anything but files and folders, such as a
// symbolic link, is an error.
func DigestFolder(ctx context.Context, fsys fs.FS, name string) (undertone.Digest, int64, error) {
	files, _, err := folderFiles(ctx, fsys, name)
	if err != nil {
		return undertone.Digest{}, 0, err
	}
	slices.Sort(files)
	h := undertone.NewHasher("folder").Uint(uint64(len(files)))
	var size int64
	for _, p := range files {
		sum, n, err := DigestFile(ctx, fsys, p)
		if err != nil {
			return undertone.Digest{}, 0, err
		}
		h.Text(relative(name, p)).Digest(sum)
		size += n
	}
	return h.Sum(), size, nil
}

// folderFiles returns the paths of the files of a folder and their size in bytes.
func folderFiles(ctx context.Context, fsys fs.FS, name string) (files []string, size int64, err error) {
	err = fs.WalkDir(fsys, name, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case depth(p)-depth(name) > maxFolderDepth:
			return fmt.Errorf("%s lies more than %d folders deep", p, maxFolderDepth)
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a folder", p)
		case len(files) == maxFolderFiles:
			return fmt.Errorf("%s has more than %d files", name, maxFolderFiles)
		}
		info, err := e.Info()
		if err == nil {
			files = append(files, p)
			size += info.Size()
		}
		return err
	})
	return files, size, err
}

// depth returns the number of elements of a path.
func depth(p string) int {
	n := 1
	for ; p != "."; p = path.Dir(p) {
		n++
	}
	return n
}

// relative returns a path in a folder relative to it.
func relative(folder, p string) string {
	if folder == "." {
		return p
	}
	return p[len(folder)+1:]
}
