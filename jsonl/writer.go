package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Writer writes rows, one JSON object a line, each with one call of the
// underlying writer. It is not safe for concurrent use.
type Writer struct {
	name   string // of the file, for errors
	w      io.Writer
	config config
	rows   int
	err    error // what every call of Write returns, once there is one
	failed error // of the underlying writer; a line may be half written

	decoder decoder
	encoder encoder
}

// NewWriter returns a Writer to w. Nothing is compressed; [Save] does that.
func NewWriter(w io.Writer, opts ...Option) *Writer {
	writer := &Writer{w: w}
	writer.config, writer.err = configure(opts)
	return writer
}

// Write writes a row. If the row's Source still says what the row says, in the
// wanted shape, Source is written, byte for byte; otherwise the row is laid out
// anew and fields inside its messages, other than role and content, are lost.
//
// What a [Reader] with the same options would refuse, or would read as another
// row, is an error, and nothing is written of it. The one exception is a copied
// row of several shapes: it was read with [As] and must be read so again.
func (w *Writer) Write(e undertone.Example) error {
	if w.err != nil {
		return w.err
	}
	line, err := w.layout(e)
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

// layout returns the line for e, in the encoder's memory.
func (w *Writer) layout(e undertone.Example) ([]byte, error) {
	copied, own, err := w.unchanged(e)
	if err != nil {
		return nil, err
	}
	if !copied {
		if err := w.anew(e, own); err != nil {
			return nil, err
		}
	}
	if len(w.encoder.line) > w.config.maxLine {
		return nil, &Error{Msg: fmt.Sprintf("the row takes %d bytes, more than %d", len(w.encoder.line), w.config.maxLine),
			Hint: "allow more with the option MaxLine", Err: ErrLimit}
	}
	return w.encoder.line, nil
}

// unchanged copies e's Source if that reads as e. If it does not, own is the
// shape that e was read in, "" if it was not read.
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
		return false, "", &Error{Msg: "the row was changed, and it was read from a line of several shapes", Hint: "choose one with the option As", Err: ErrShape}
	}
	return false, own, nil
}

// same reports whether two rows are equal but for their Source.
func same(a, b undertone.Example) bool {
	return slices.Equal(a.Messages, b.Messages) && a.Rejected == b.Rejected && a.Generator == b.Generator &&
		maps.EqualFunc(a.Meta, b.Meta, func(x, y json.RawMessage) bool { return bytes.Equal(x, y) })
}

// anew lays out e in the wanted shape, else its own, else one that can hold
// it, and makes sure that it will be read back.
func (w *Writer) anew(e undertone.Example, own Shape) error {
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
	if !slices.Equal(read.Messages, e.Messages) || read.Rejected != e.Rejected {
		return cannotHold(shape, "its roles would be read back as others")
	}
	return nil
}

// locate adds the name of the file and the number of the line that the row would be.
func (w *Writer) locate(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File, e.Line, e.Column, e.Offset = w.name, w.rows+1, 0, 0
	}
	return err
}
