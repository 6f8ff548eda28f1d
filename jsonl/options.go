package jsonl

import (
	"io"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Option changes how rows are read or written.
type Option func(*config)

type config struct {
	shape      Shape
	turns      undertone.Turns
	tokenised  bool
	detokenise func([]int32) (string, error)
	unread     *Unread
	transient  bool
	tee        io.Writer
	maxLine    int
	maxMemory  int64
}

const (
	defaultMaxLine   = 16 << 20
	defaultMaxMemory = 4 << 30
)

// As sets the shape to read or to write. A reader then treats the fields of other shapes as
// metadata. A writer without As keeps the shape in which a row was read. It writes a new row as
// [Messages], or as [Preference] if the row has a rejected answer.
func As(shape Shape) Option { return func(c *config) { c.shape = shape } }

// Turns sets which turns of the assistant are learnt (default [undertone.AllTurns]). The choice is
// a field of every row that is read. Turns that the row says are not learnt are not learnt either
// way. Rows of preferences and rows with a label learn the last turn.
func Turns(t undertone.Turns) Option { return func(c *config) { c.turns = t } }

// Tokenised lets a reader return rows of the shape [TokenIDs], as [Row].Tokens. They have no
// messages. Without this option and without [Detokenise] such a row is an error.
func Tokenised() Option { return func(c *config) { c.tokenised = true } }

// Detokenise sets the text of tokens, with which a reader reads rows of the shape [TokenIDs] as
// messages: the tokens that are learnt are turns of the assistant, the others are the user's.
func Detokenise(text func(ids []int32) (string, error)) Option {
	return func(c *config) { c.detokenise = text }
}

// CountUnread counts the fields of rows that a reader does not read.
func CountUnread(u *Unread) Option { return func(c *config) { c.unread = u } }

// Transient lets the messages of a row use the memory of the messages of the previous row of the
// same range over [Block.Rows] or [Reader.Rows]. A row is then valid until the next one is read.
// Programs that judge one row after the other, and keep none, save an allocation per row.
func Transient() Option { return func(c *config) { c.transient = true } }

// Tee copies the bytes of a file, as they are on disk, to w: those that a reader reads before it
// decompresses them, or those that [Save] and [SaveStream] write. An error of w is that of the read
// or of the write.
func Tee(w io.Writer) Option { return func(c *config) { c.tee = w } }

// MaxLine sets the largest length of a line in bytes, read or written (default 16 MiB). The memory
// of a reader is a small multiple of it.
func MaxLine(bytes int) Option { return func(c *config) { c.maxLine = bytes } }

// MaxMemory sets the largest estimated memory of the rows of [Load], in bytes (default 4 GiB). A
// small compressed file can hold more rows than fit into memory.
func MaxMemory(bytes int64) Option { return func(c *config) { c.maxMemory = bytes } }

// reading returns the options that change which row a line is, as text. Rows that were read with
// other options may have other row IDs, so an index holds this text.
func (c config) reading() string {
	var options []string
	if c.shape != "" {
		options = append(options, "as="+string(c.shape))
	}
	if c.turns != undertone.AllTurns {
		options = append(options, "turns="+c.turns.String())
	}
	if c.detokenise != nil { // the text of the tokens is checked with the row IDs
		options = append(options, "detokenised")
	}
	return strings.Join(options, " ")
}

// Reading returns the options that change which row a line is, as text, such as "turns=last"; ""
// for the defaults. Rows that were read with other options may have other row IDs.
func Reading(opts ...Option) string {
	var c config
	for _, opt := range opts {
		opt(&c)
	}
	return c.reading()
}

// ReadingOptions returns the options that [Reading] describes. It returns false for a text that
// Reading does not return, and for [Detokenise], whose function the text does not hold.
func ReadingOptions(reading string) (opts []Option, ok bool) {
	for option := range strings.FieldsSeq(reading) {
		name, value, _ := strings.Cut(option, "=")
		switch {
		case name == "as" && Shape(value).known():
			opts = append(opts, As(Shape(value)))
		case option == "turns="+undertone.LastTurn.String():
			opts = append(opts, Turns(undertone.LastTurn))
		default:
			return nil, false
		}
	}
	return opts, Reading(opts...) == reading
}

func configure(opts []Option) (config, error) {
	c := config{maxLine: defaultMaxLine, maxMemory: defaultMaxMemory}
	for _, opt := range opts {
		opt(&c)
	}
	switch {
	case c.shape != "" && !c.shape.known():
		return c, &Error{Msg: "shape " + quote(string(c.shape)) + " is unknown", Hint: knownShapes, Err: ErrShape}
	case c.turns > undertone.LastTurn:
		return c, &Error{Msg: "the choice of turns is unknown", Hint: "choose all or last"}
	case c.maxLine <= 0:
		return c, &Error{Msg: "MaxLine is not positive", Hint: "omit the option for 16 MiB", Err: ErrLimit}
	case c.maxMemory <= 0:
		return c, &Error{Msg: "MaxMemory is not positive", Hint: "omit the option for 4 GiB", Err: ErrLimit}
	}
	return c, nil
}
