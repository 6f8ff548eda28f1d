package main

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

// maxKeyFile is the largest size of a key file that is read, in bytes.
const maxKeyFile = 64 << 10

// maxRevokedFile is the largest size of a list of revoked keys, in bytes.
const maxRevokedFile = 16 << 20

// readSmall reads a file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("it has more than %d bytes", limit)
	}
	return text, nil
}

// privateKeys reads the private keys of --key. It warns of files that others can read.
func privateKeys(c console, paths []string) (all []*keys.Private, err error) {
	for _, path := range paths {
		text, err := readSmall(path, maxKeyFile)
		if err != nil {
			return nil, fmt.Errorf("--key %s: %w", path, err)
		}
		key, err := keys.ParsePrivate(text)
		if err != nil {
			return nil, fmt.Errorf("--key %s: %w", path, err)
		}
		if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			c.warnings.add(fmt.Sprintf("%s: other users can read or write this private key (mode %04o); run chmod 600", path, info.Mode().Perm()))
		}
		all = append(all, key)
	}
	return all, nil
}

// publicKeys reads the public keys of --key.
func publicKeys(paths []string) (all []*keys.Public, err error) {
	for _, path := range paths {
		text, err := readSmall(path, maxKeyFile)
		if err != nil {
			return nil, fmt.Errorf("--key %s: %w", path, err)
		}
		key, err := keys.ParsePublic(text)
		if err != nil {
			return nil, fmt.Errorf("--key %s: %w", path, err)
		}
		all = append(all, key)
	}
	return all, nil
}

// trustFlags say whose signatures count.
type trustFlags struct {
	Keys      []string `name:"key" file:"read" placeholder:"FILE" help:"Public keys, in PEM, whose signatures count. Envelopes and bundles need at least one."`
	Threshold int      `range:">= 1" default:"1" placeholder:"N" help:"Different keys of --key that must have signed an envelope, >= 1 (default ${default})."`
	Revoked   string   `file:"read" placeholder:"FILE" help:"List of revoked keys, whose signatures do not count: one key ID per line, and after a space the reason (default none)."`
}

// trust reads the keys of the flags.
func (f trustFlags) trust() (t dsse.Trust, err error) {
	if t.Keys, err = publicKeys(f.Keys); err != nil {
		return t, err
	}
	t.Threshold = f.Threshold
	if f.Revoked == "" {
		return t, nil
	}
	file, err := bounded.Open(f.Revoked)
	if err != nil {
		return t, fmt.Errorf("--revoked %s: %w", f.Revoked, withoutPath(err))
	}
	defer file.Close()
	if t.Revoked, err = keys.ReadRevoked(io.LimitReader(file, maxRevokedFile)); err != nil {
		return t, fmt.Errorf("--revoked %s: %w", f.Revoked, err)
	}
	return t, nil
}
