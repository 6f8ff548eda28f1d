package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Writer writes rows, one JSON object per line. It calls the underlying writer once per row. It is
// not safe for concurrent use.
type Writer struct {
	name   string // of the file, for errors
	w      io.Writer
	config config
	rows   int
	err    error // of every further call of Write, once there is one
	failed error // of the underlying writer; the last line may be incomplete

	decoder decoder
	encoder encoder
	shapes  [16]Shape // memory for the shapes of a line
}

// NewWriter returns a Writer to w. It does not compress; [Save] does.
func NewWriter(w io.Writer, opts ...Option) *Writer {
	writer := &Writer{w: w}
	writer.config, writer.err = configure(opts)
	writer.decoder = newDecoder(writer.config)
	writer.decoder.unread.to = nil
	writer.decoder.spotted, writer.decoder.shared = true, true
	return writer
}

// Write writes a row. If Source encodes the row in the wanted shape, Write copies Source byte for
// byte. If only texts, the generator or metadata were changed, Write replaces those in Source and
// keeps every other byte. Otherwise it encodes the row again, and fields of its messages that are
// not read are lost.
//
// A row that a [Reader] with the same options would reject, or would read as another row, is an
// error, and nothing is written. The exception is a copied row that matches several shapes: it was
// read with [As] and must be read with As again.
func (w *Writer) Write(e undertone.Example) error {
	if w.err != nil {
		return w.err
	}
	line, err := w.encode(e)
	if err != nil {
		return w.locate(err)
	}
	w.encoder.line = append(line, '\n')
	if _, err := w.w.Write(w.encoder.line); err != nil {
		w.failed = err
		w.err = w.locate(&Error{Msg: "cannot write: " + reason(err), Err: err})
		return w.err
	}
	w.rows++
	return nil
}

// encode returns the line for e, in the memory of the encoder.
func (w *Writer) encode(e undertone.Example) ([]byte, error) {
	copied, own, err := w.unchanged(e)
	if err != nil {
		return nil, err
	}
	if !copied {
		if err := w.encodeAgain(e, own); err != nil {
			return nil, err
		}
	}
	if len(w.encoder.line) > w.config.maxLine {
		return nil, &Error{Msg: fmt.Sprintf("the row takes %d bytes, more than %d", len(w.encoder.line), w.config.maxLine),
			Option: optionMaxLine, Err: ErrLimit}
	}
	return w.encoder.line, nil
}

// unchanged copies Source if it encodes e, or copies it with the texts of e. Otherwise it returns
// the shape in which e was read, or "" if e is new.
func (w *Writer) unchanged(e undertone.Example) (done bool, own Shape, err error) {
	if e.Source == "" || strings.ContainsRune(e.Source, '\n') || w.decoder.parse(e.Source) != nil {
		return false, "", nil
	}
	shapes := 0
	var read undertone.Example // of the last shape that was tried; its messages share the memory of the decoder
	var tried Shape
	for _, shape := range w.shapes[:copy(w.shapes[:], w.decoder.candidates())] {
		if own = shape; shape == TokenIDs && w.config.detokenise == nil {
			continue
		}
		shapes++
		if w.config.shape != "" && w.config.shape != shape {
			continue
		}
		read = undertone.Example{}
		if w.decoder.example(shape, &read) != nil {
			continue
		}
		if tried = shape; same(&read, &e) {
			w.encoder.line = append(w.encoder.line[:0], e.Source...)
			return true, shape, nil
		}
	}
	switch {
	case shapes > 1 && w.config.shape == "":
		return false, "", &Error{Msg: "the row was changed, and its line matches several shapes", Option: optionAs, Err: ErrShape}
	case tried != "" && w.patch(read, e, tried):
		return true, tried, nil
	}
	return false, own, nil
}

// same reports whether two rows are equal except for Source and for the choice of turns, which no
// line holds.
func same(a, b *undertone.Example) bool {
	return undertone.EqualMessages(a.Messages, b.Messages) && a.Rejected == b.Rejected && a.Tools == b.Tools &&
		(a.Label == nil) == (b.Label == nil) && (a.Label == nil || *a.Label == *b.Label) && a.Generator == b.Generator &&
		maps.EqualFunc(a.Meta, b.Meta, func(x, y json.RawMessage) bool { return bytes.Equal(x, y) })
}

// encodeAgain encodes e in the wanted shape, or in its own, or in a shape that can represent it. It
// checks that the line reads as e.
func (w *Writer) encodeAgain(e undertone.Example, own Shape) error {
	if err := answered(e.Messages); err != nil {
		return err
	}
	if err := checkText(e); err != nil {
		return err
	}
	shape := w.config.shape
	switch {
	case shape != "":
	case e.Rejected != "":
		shape = Preference
	case own != "" && own.canBeMade():
		shape = own
	default:
		shape = Messages
	}
	if e.Rejected != "" && shape != Preference && shape != Messages {
		return cannotHold(shape, "it has a rejected answer")
	}
	if err := w.encoder.row(e, shape); err != nil {
		return err
	}
	var read Row
	if err := w.decoder.row(string(w.encoder.line), &read); err != nil {
		return err
	}
	e.Turns = read.Turns
	if !read.Equal(e) {
		return cannotHold(shape, "it would be read as another row")
	}
	return nil
}

// canBeMade reports whether rows that were not read in the shape can be written in it.
func (s Shape) canBeMade() bool {
	return s != Dolly && s != OpenAIPreference && s != Contents && s != TokenIDs
}

// locate adds the name of the file and the number of the line to write.
func (w *Writer) locate(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File, e.Line, e.Column, e.Offset = w.name, w.rows+1, 0, 0
	}
	return err
}
