package teacher

import "errors"

var (
	// ErrNotRecorded says that a replay was asked what its recording does not hold.
	ErrNotRecorded = errors.New("not recorded")

	// ErrRecording says that a file is not a recording, is damaged, or is that of another model.
	ErrRecording = errors.New("recording cannot be used")
)
