package jsonl

// Option changes how rows are read or written.
type Option func(*config)

type config struct {
	shape     Shape
	maxLine   int
	maxMemory int64
}

const (
	defaultMaxLine   = 16 << 20
	defaultMaxMemory = 4 << 30
)

// As names the one shape to read or to write. A reader then takes the fields of
// other shapes for metadata. A writer without it keeps the shape in which
// a row was read; a row that was not read is written as [Messages], or as
// [Preference] if it has a rejected answer.
func As(shape Shape) Option { return func(c *config) { c.shape = shape } }

// MaxLine limits the length of a line in bytes, read or written; 16 MiB by
// default. What a reader holds at once is a small multiple of it.
func MaxLine(bytes int) Option { return func(c *config) { c.maxLine = bytes } }

// MaxMemory limits what [Load] keeps, in bytes, by an estimate of what the rows
// take; 4 GiB by default. A small compressed file can hold more rows than memory does.
func MaxMemory(bytes int64) Option { return func(c *config) { c.maxMemory = bytes } }

func configure(opts []Option) (config, error) {
	c := config{maxLine: defaultMaxLine, maxMemory: defaultMaxMemory}
	for _, opt := range opts {
		opt(&c)
	}
	switch {
	case c.shape != "" && !c.shape.known():
		return c, &Error{Msg: "shape " + quote(string(c.shape)) + " is not known", Hint: knownShapes, Err: ErrShape}
	case c.maxLine <= 0:
		return c, &Error{Msg: "the limit of a line is not positive", Hint: "leave it out for 16 MiB", Err: ErrLimit}
	case c.maxMemory <= 0:
		return c, &Error{Msg: "the limit of memory is not positive", Hint: "leave it out for 4 GiB", Err: ErrLimit}
	}
	return c, nil
}
