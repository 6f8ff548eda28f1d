package filter

import "errors"

var (
	// ErrNoScore is wrapped by the error for a judge's answer that is no score.
	ErrNoScore = errors.New("the judge's answer is no score")

	// ErrNotTrusted is wrapped by the error for a judge that failed its calibration.
	ErrNotTrusted = errors.New("the judge is not to be trusted")
)
