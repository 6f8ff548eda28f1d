package jsonl

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFields is the largest number of top-level fields of a row.
const maxFields = 1024

// knownShapes is the hint of errors about shapes.
const knownShapes = "known shapes: messages; conversations; prompt and completion; instruction and output; " +
	"instruction and response; chosen and rejected; input, preferred_output and non_preferred_output; contents; text; input_ids"

// field is a top-level field of a row. Its value is text[start:end] of the line.
type field struct {
	name       string
	key        key
	start, end int
}

// parse reads the top-level fields of a line into d.fields. It checks the syntax of every value and
// keeps its position.
func (d *decoder) parse(line string) error {
	d.reset(line)
	d.fields, d.seen = d.fields[:0], 0
	if !utf8.ValidString(line) {
		return d.invalidUTF8()
	}
	if d.peek() != '{' {
		return d.notObject()
	}
	if err := d.object(d.field); err != nil {
		return err
	}
	if !d.ended() {
		if err := d.stray(d.pos); err != nil {
			return err
		}
		return d.fail(d.pos, "write one row per line", "text follows the closing brace of the row")
	}
	return nil
}

// invalidUTF8 returns the error for the first byte that is not UTF-8. The text has such a byte.
func (d *decoder) invalidUTF8() error {
	for i := 0; ; {
		r, n := utf8.DecodeRuneInString(d.text[i:])
		if r == utf8.RuneError && n == 1 {
			if err := d.stray(i); err != nil {
				return err
			}
			return d.fail(i, "convert the file to UTF-8, for instance with iconv", "invalid UTF-8: 0x%02x at byte %d of the text", d.text[i], d.base+int64(i))
		}
		i += n
	}
}

func (d *decoder) field(name string, at int) error {
	f := field{name: name, key: keyOf(name), start: d.pos}
	for i := range d.fields {
		if d.fields[i].name == name {
			return d.twice(at, "the row", name)
		}
	}
	if len(d.fields) == maxFields {
		return d.limit(at, "put the rest into one nested object", "the row has more than %d fields", maxFields)
	}
	if !d.is('n') {
		if d.seen&f.key != 0 {
			return d.synonyms(at, f)
		}
		d.seen |= f.key
	}
	if err := d.skip(); err != nil {
		return err
	}
	f.end = d.pos
	d.fields = append(d.fields, f)
	return nil
}

// synonyms returns the error for a field that means the same as an earlier one.
func (d *decoder) synonyms(at int, f field) error {
	i := slices.IndexFunc(d.fields, func(earlier field) bool { return earlier.key == f.key })
	return d.fail(at, "rename or drop one of them", "the row has the fields %s and %s, which mean the same", quote(d.fields[i].name), quote(f.name))
}

func (d *decoder) twice(at int, path, name string) error {
	return d.fail(at, "rename or drop one of them: trainers differ in which one they read", "%s has the field %s twice", path, quote(name))
}

// at moves to the value of a field. It returns false if the field is missing or null.
func (d *decoder) at(k key) bool {
	if d.seen&k == 0 {
		return false
	}
	for _, f := range d.fields {
		if f.key == k {
			d.pos, d.depth = f.start, 1
			return true
		}
	}
	return false
}

func (d *decoder) notObject() error {
	if err := d.stray(d.pos); err != nil {
		return err
	}
	if what, hint := foreignLine(d.text[d.pos:]); what != "" {
		return d.fail(d.pos, hint, "the line is %s", what)
	}
	hint := "write one JSON object per line"
	if d.is('[') {
		hint += "; jq -c '.[]' turns a list of rows into lines"
	}
	start, kind := d.pos, d.kind()
	if err := d.skip(); err != nil {
		return d.fail(start, hint, "the line is not a JSON object")
	}
	return d.fail(start, hint, "the line is %s, want an object", kind)
}

// choose returns the shape in which to read the row: want, or the only shape that matches.
func (d *decoder) choose(want Shape) (Shape, error) {
	if want != "" {
		if d.hasAll(want) {
			return want, nil
		}
		return "", &Error{Msg: fmt.Sprintf("the row is not of the shape %s: it has %s", want, d.names()), Hint: knownShapes, Err: ErrShape}
	}
	var found Shape
	for _, shape := range d.candidates() {
		if found == "" {
			found = shape
			continue
		}
		return "", &Error{
			Msg:  fmt.Sprintf("the row can be read as %s and as %s: it has %s", found, shape, d.names()),
			Hint: "drop the fields that the trainer does not read", Option: optionAs, Err: ErrShape,
		}
	}
	if found == "" {
		return "", &Error{Msg: "the row has no known shape: it has " + d.names(), Hint: knownShapes, Err: ErrShape}
	}
	return found, nil
}

// candidates returns the shapes whose required fields the row has. A conversation that ends with a
// question, and is beside chosen and rejected, is the prompt of a preference.
func (d *decoder) candidates() []Shape {
	if d.seen == d.seenOfShapes && d.seen != 0 { // as the last row
		return d.shapes
	}
	found := d.shapes[:0]
	for _, shape := range allShapes {
		if d.hasAll(shape) {
			found = append(found, shape)
		}
	}
	d.seenOfShapes = d.seen
	if len(found) > 1 && d.hasAll(Preference) && d.seen&keyPrompt == 0 {
		d.seenOfShapes = 0 // the shapes depend on the conversation
		found = slices.DeleteFunc(found, func(s Shape) bool {
			return (s == Messages || s == Conversations) && d.isQuestion(s)
		})
	}
	d.shapes = found
	return found
}

// isQuestion reports whether the conversation of a shape ends with a message that is not the
// assistant's.
func (d *decoder) isQuestion(s Shape) bool {
	d.turns, d.spots = d.turns[:0], d.spots[:0]
	counts := d.unread.to
	d.unread.to = nil // the fields are counted when the row is read
	err := d.messages(s.required(), string(s))
	d.unread.to = counts
	n := len(d.turns)
	return err == nil && n > 0 && d.turns[n-1].Role != assistant
}

// hasAll reports whether the row has all required fields of the shape.
func (d *decoder) hasAll(s Shape) bool { return d.seen&s.required() == s.required() }

// names lists the fields of the row for a message.
func (d *decoder) names() string {
	const most = 12
	var names []string
	for _, f := range d.fields[:min(most, len(d.fields))] {
		name := quote(f.name)
		if f.key != 0 && d.seen&f.key == 0 {
			name += " (null)"
		}
		names = append(names, name)
	}
	switch more := len(d.fields) - len(names); {
	case len(d.fields) == 0:
		return "no fields"
	case more > 0:
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
