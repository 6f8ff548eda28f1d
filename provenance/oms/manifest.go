package oms

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Method is how files become resources.
type Method string

// The methods of serialization.
const (
	Files  Method = "files"  // one resource per file
	Shards Method = "shards" // one resource per part of a file
)

// DefaultShardSize is the size of a shard that the specification recommends, in bytes.
const DefaultShardSize = 1_000_000_000

// SHA256 is the hash of files that this package supports.
const SHA256 = "sha256"

// Manifest lists the files of a folder with their digests.
type Manifest struct {
	Name          string // base name of the folder; for people
	Serialization Serialization
	Resources     []Resource // sorted by name, in the order of code points
}

// Serialization says how the files of a folder became resources.
type Serialization struct {
	Method        Method   `json:"method"`
	HashType      string   `json:"hash_type"`            // [SHA256]
	ShardSize     byteSize `json:"shard_size,omitempty"` // bytes, for [Shards] alone
	AllowSymlinks bool     `json:"allow_symlinks"`
	IgnorePaths   []string `json:"ignore_paths,omitempty"` // relative to the folder; a folder with its content
}

// byteSize is a number of bytes. The reference implementation writes numbers with a fraction: 2.0.
type byteSize int64

// UnmarshalJSON implements [json.Unmarshaler].
func (b *byteSize) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return fmt.Errorf("the shard size is %.40s, want a whole number of bytes", text)
	}
	*b = byteSize(v)
	return nil
}

// Resource is a file, or a part of one, with its digest.
type Resource struct {
	Name      string `json:"name"` // path with slashes; with [Shards] also ":start:end" in bytes
	Algorithm string `json:"algorithm"`
	Digest    string `json:"digest"` // lower-case hexadecimal digits
}

// alwaysIgnored are the paths at the top of a folder that are never signed.
func alwaysIgnored() []string { return []string{".git", ".gitattributes", ".github", ".gitignore"} }

// The limits of a manifest.
const (
	maxResources = 1_000_000
	maxName      = 4096 // bytes
	maxIgnored   = 10_000
)

// Root returns the root digest: the SHA-256 of the digests of the resources, in their order.
func (m *Manifest) Root() (string, error) {
	h := sha256.New()
	for _, r := range m.Resources {
		raw, err := hex.DecodeString(r.Digest)
		if err != nil {
			return "", fmt.Errorf("resource %.80q: digest: %w", r.Name, err)
		}
		_, _ = h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// validate returns an error if a manifest is none that [Manifest.Check] can check.
func (m *Manifest) validate() error {
	if err := m.Serialization.validate(); err != nil {
		return fmt.Errorf("serialization: %w", err)
	}
	switch {
	case len(m.Resources) == 0:
		return errors.New("it lists no files")
	case len(m.Resources) > maxResources:
		return fmt.Errorf("it lists %d resources, more than %d", len(m.Resources), maxResources)
	}
	names := make(map[string]bool, len(m.Resources))
	for _, r := range m.Resources {
		if err := m.Serialization.checkResource(r); err != nil {
			return fmt.Errorf("resource %.80q: %w", r.Name, err)
		}
		if names[r.Name] {
			return fmt.Errorf("resource %.80q is listed twice", r.Name)
		}
		names[r.Name] = true
	}
	return nil
}

func (s *Serialization) validate() error {
	switch {
	case s.Method != Files && s.Method != Shards:
		return fmt.Errorf("the method is %.40q, want %q or %q", s.Method, Files, Shards)
	case s.HashType != SHA256:
		return fmt.Errorf("the hash of the files is %.40q; this version checks %q alone", s.HashType, SHA256)
	case s.Method == Files && s.ShardSize != 0:
		return fmt.Errorf("it has a shard size, which the method %q has not", Files)
	case s.Method == Shards && s.ShardSize < 1:
		return fmt.Errorf("the shard size is %d, want >= 1", s.ShardSize)
	case len(s.IgnorePaths) > maxIgnored:
		return fmt.Errorf("it ignores %d paths, more than %d", len(s.IgnorePaths), maxIgnored)
	}
	for _, p := range s.IgnorePaths {
		if err := checkPath(p); err != nil {
			return fmt.Errorf("ignored path %.80q: %w", p, err)
		}
	}
	return nil
}

func (s *Serialization) checkResource(r Resource) error {
	file, err := s.fileOf(r.Name)
	if err != nil {
		return err
	}
	if err := checkPath(file); err != nil && file != singleFile {
		return err
	}
	switch {
	case r.Algorithm != s.HashType && (s.Method == Files || r.Algorithm != s.shardAlgorithm()):
		return fmt.Errorf("its algorithm is %.40q, want %q", r.Algorithm, s.HashType)
	case len(r.Digest) != 2*sha256.Size || strings.Trim(r.Digest, "0123456789abcdef") != "":
		return fmt.Errorf("its digest %.80q is not %d lower-case hexadecimal digits", r.Digest, 2*sha256.Size)
	}
	return nil
}

// singleFile is the name that the reference implementation gives to a model that is one file.
const singleFile = "."

// fileOf returns the path of the file of a resource.
func (s *Serialization) fileOf(resource string) (string, error) {
	if s.Method == Files {
		return resource, nil
	}
	part, err := parseShard(resource)
	return part.file, err
}

// shardAlgorithm returns the name of the hash of a shard, such as "sha256-sharded-1000000000". The
// specification wants "sha256" here, but the reference implementation (model-signing 1.1.1)
// verifies no other name than the long one. [Bundle.Verify] accepts both.
func (s *Serialization) shardAlgorithm() string {
	return fmt.Sprintf("%s-sharded-%d", s.HashType, s.ShardSize)
}

// checkPath returns an error if a name is not the relative path of a file below a folder, in its
// shortest form.
func checkPath(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case name == ".":
		return errors.New("it names the folder itself")
	case len(name) > maxName:
		return fmt.Errorf("the name has %d bytes, more than %d", len(name), maxName)
	case !utf8.ValidString(name):
		return errors.New("the name is not UTF-8")
	case strings.ContainsAny(name, "\\\x00"):
		return errors.New(`the name has a backslash or a zero byte`)
	case path.IsAbs(name):
		return errors.New("the path is absolute; it must lie in the folder")
	case slices.Contains(strings.Split(name, "/"), ".."):
		return errors.New("the path leaves the folder (..)")
	case path.Clean(name) != name:
		return fmt.Errorf("the path is not in its shortest form %.80q", path.Clean(name))
	}
	return nil
}

// shard is a part of a file.
type shard struct {
	file       string
	start, end int64 // bytes
}

func (s shard) name() string { return fmt.Sprintf("%s:%d:%d", s.file, s.start, s.end) }

// parseShard reads the name of a shard. The name of the file may have colons.
func parseShard(name string) (shard, error) {
	parts := strings.Split(name, ":")
	if n := len(parts); n >= 3 {
		start, err1 := strconv.ParseInt(parts[n-2], 10, 64)
		end, err2 := strconv.ParseInt(parts[n-1], 10, 64)
		s := shard{strings.Join(parts[:n-2], ":"), start, end}
		if err1 == nil && err2 == nil && 0 <= start && start < end && s.name() == name {
			return s, nil
		}
	}
	return shard{}, errors.New(`it does not end in ":start:end" with 0 <= start < end`)
}

// ignores reports whether a path is one of those that are not signed.
func (s *Serialization) ignores(name string) bool {
	for _, list := range [][]string{alwaysIgnored(), s.IgnorePaths} {
		for _, p := range list {
			if name == p || strings.HasPrefix(name, p+"/") {
				return true
			}
		}
	}
	return false
}
