package teacher

import "errors"

var (
	// ErrNotRecorded means that a recording does not hold the answer to a request.
	ErrNotRecorded = errors.New("not recorded")

	// ErrRecording means that a file is not a recording, is damaged, or is the recording of another
	// model.
	ErrRecording = errors.New("recording cannot be used")
)
