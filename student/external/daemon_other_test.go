//go:build !unix

package external_test

import "errors"

// startDaemon returns an error: this system has no sessions.
func startDaemon(string) error { return errors.ErrUnsupported }
