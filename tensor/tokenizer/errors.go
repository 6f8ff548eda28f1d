package tokenizer

import "errors"

var (
	// ErrUnsupported is wrapped by the errors of tokenizers with rules that this package does not
	// implement.
	ErrUnsupported = errors.New("unsupported")

	// ErrMalformed is wrapped by the errors of files that contradict their format or themselves.
	ErrMalformed = errors.New("malformed")
)
