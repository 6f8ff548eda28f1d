package tokenizer

import "errors"

var (
	// ErrUnsupported marks a tokenizer whose rules this package does not have.
	ErrUnsupported = errors.New("unsupported")

	// ErrMalformed marks a file that contradicts its format or itself.
	ErrMalformed = errors.New("malformed")
)
