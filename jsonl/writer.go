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
}

// NewWriter returns a Writer to w. It does not compress; [Save] does.
func NewWriter(w io.Writer, opts ...Option) *Writer {
	writer := &Writer{w: w}
	writer.config, writer.err = configure(opts)
	return writer
}

// Write writes a row. If Source encodes the row in the wanted shape, Write copies Source byte for
// byte. Otherwise it encodes the row again, and the fields of its messages other than role and
// content are lost.
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
			Hint: "allow more with the option MaxLine", Err: ErrLimit}
	}
	return w.encoder.line, nil
}

// unchanged copies Source if it encodes e. Otherwise it returns the shape in which e was read, or
// "" if e is new.
func (w *Writer) unchanged(e undertone.Example) (copied bool, own Shape, err error) {
	w.encoder.instruction, w.encoder.input = "", ""
	if e.Source == "" || strings.ContainsRune(e.Source, '\n') || w.decoder.parse(e.Source) != nil {
		return false, "", nil
	}
	shapes := 0
	for _, shape := range Shapes() {
		if !w.decoder.hasAll(shape) {
			continue
		}
		own = shape
		shapes++
		if w.config.shape != "" && w.config.shape != shape {
			continue
		}
		if read, err := w.decoder.example(shape); err == nil && same(read, e) {
			w.encoder.line = append(w.encoder.line[:0], e.Source...)
			return true, shape, nil
		}
		if shape == Instruction {
			w.encoder.instruction, w.encoder.input = w.decoder.instruction, w.decoder.input
		}
	}
	if shapes > 1 && w.config.shape == "" {
		return false, "", &Error{Msg: "the row was changed, and its line matches several shapes", Hint: "choose one with the option As", Err: ErrShape}
	}
	return false, own, nil
}

// same reports whether two rows are equal except for Source.
func same(a, b undertone.Example) bool {
	return undertone.EqualMessages(a.Messages, b.Messages) && a.Rejected == b.Rejected && a.Generator == b.Generator &&
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
	case own != "":
		shape = own
	default:
		shape = Messages
	}
	if e.Rejected != "" && shape != Preference {
		return cannotHold(shape, "it has a rejected answer")
	}
	if err := w.encoder.row(e, shape); err != nil {
		return err
	}
	read, _, err := w.decoder.row(string(w.encoder.line), w.config.shape)
	if err != nil {
		return err
	}
	if !undertone.EqualMessages(read.Messages, e.Messages) || read.Rejected != e.Rejected {
		return cannotHold(shape, "its roles would be read as other roles")
	}
	return nil
}

// locate adds the name of the file and the number of the line to write.
func (w *Writer) locate(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File, e.Line, e.Column, e.Offset = w.name, w.rows+1, 0, 0
	}
	return err
}
