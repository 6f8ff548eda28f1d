package keys

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Revoked holds the reasons for which keys are no longer trusted, by [Public.ID].
type Revoked map[undertone.Digest]string

// The limits of a list of revoked keys.
const (
	maxRevokedLine = 4096
	maxRevoked     = 100_000
)

// ReadRevoked reads a list of revoked keys: one key ID per line, and after white space the reason.
// Empty lines and those that start with # are ignored. A line of another form is an error, because
// a key that is misspelt would stay trusted.
func ReadRevoked(r io.Reader) (Revoked, error) {
	list := Revoked{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxRevokedLine)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var id undertone.Digest
		text := strings.Fields(line)[0]
		reason := strings.TrimPrefix(line, text)
		if err := id.UnmarshalText([]byte(text)); err != nil {
			return nil, fmt.Errorf("keys: revoked keys: line %d starts with %.80q, want a key ID such as sha256:0123…, with 64 lower-case hexadecimal digits", n, text)
		}
		list[id] = strings.TrimSpace(reason)
		switch {
		case strings.HasPrefix(list[id], "sha256:"):
			return nil, fmt.Errorf("keys: revoked keys: line %d has two key IDs; write one per line", n)
		case list[id] == "":
			list[id] = "no reason given"
		}
		if len(list) > maxRevoked {
			return nil, fmt.Errorf("keys: revoked keys: more than %d", maxRevoked)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("keys: revoked keys: after line %d: %w", n, err)
	}
	return list, nil
}

// Check returns an error if a key is revoked.
func (r Revoked) Check(key *Public) error {
	if reason, ok := r[key.ID()]; ok {
		return fmt.Errorf("keys: the key %s is revoked: %s", key.ID(), reason)
	}
	return nil
}
