package chattemplate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ardanlabs/jinja"
)

// Limits of a rendering. A step is an operation, a passage of a loop or a visited value; a byte is
// read or written by an operation.
const (
	maxMessages  = 1024
	maxInput     = 4 << 20  // bytes of messages and tools
	maxOutput    = 16 << 20 // bytes
	maxRole      = 40       // bytes
	maxCalls     = 64       // macros within each other
	maxItems     = 100_000  // of range; the limit of Jinja's sandbox
	freeSteps    = 200_000
	messageSteps = 1000 // more steps for each message
	freeBytes    = 8 << 20
	inputBytes   = 32 // more bytes for each byte of the input
)

// ErrLimit is wrapped by the errors of renderings that exceed a limit.
var ErrLimit = errors.New("the template exceeds a limit of rendering")

// ErrRaised is wrapped by the errors of templates that refuse a conversation.
var ErrRaised = errors.New("the template refuses the conversation")

// run is the state of one rendering. Its methods record the first failure and do nothing after it.
type run struct {
	library      *library
	steps, bytes int // left
	calls        int // macros that have not returned
	err          error

	generators map[*jinja.List]bool // what Python would compute on demand
	namespaces map[*jinja.Dict]bool
	mode
}

func (r *run) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// spend takes steps and bytes from the budget.
func (r *run) spend(steps, bytes int) bool {
	if r.steps -= steps; r.steps < 0 {
		r.fail("%w: too many steps", ErrLimit)
	}
	if r.bytes -= bytes; r.bytes < 0 {
		r.fail("%w: too much text", ErrLimit)
	}
	return r.err == nil
}

// visit counts a value at a depth within other values.
func (r *run) visit(depth int) bool {
	if depth > maxDepth {
		r.fail("%w: more than %d values within each other", ErrLimit, maxDepth)
	}
	return r.spend(1, 0)
}

// fits reports whether a text of this length may be written. Callers spend the bytes when the text
// is complete.
func (r *run) fits(length int) bool {
	if length > r.bytes || length > maxOutput {
		r.fail("%w: too much text", ErrLimit)
	}
	return r.err == nil
}

// text returns a new string value.
func (r *run) text(s string) jinja.Value {
	if r.fits(len(s)) {
		r.spend(0, len(s))
	}
	return jinja.NewString(s)
}

// list returns a new list value.
func (r *run) list(items []jinja.Value) jinja.Value {
	r.spend(len(items)/8, 24*len(items))
	return jinja.NewList(items)
}

// lazy returns a list that stands for a generator of Python.
func (r *run) lazy(items []jinja.Value) jinja.Value {
	v := r.list(items)
	if r.generators == nil {
		r.generators = map[*jinja.List]bool{}
	}
	r.generators[v.AsList()] = true
	return v
}

// items returns what a loop over a value passes.
func (r *run) items(v jinja.Value) []jinja.Value {
	switch {
	case v.IsList():
		return v.AsList().Items
	case v.IsDict() && !r.namespaces[v.AsDict()]:
		return keysOf(v.AsDict())
	case v.IsString():
		r.look(v.AsString())
		if !r.spend(len(v.AsString())/8, 24*len(v.AsString())) {
			return nil
		}
		var runes []jinja.Value
		for _, c := range v.AsString() {
			runes = append(runes, jinja.NewString(string(c)))
		}
		return runes
	case v.IsUndefined():
		return nil
	}
	r.fail("a value of type %s is not iterable", kindOf(v))
	return nil
}

// truth reports whether a value is true in Python.
func (r *run) truth(v jinja.Value) bool {
	switch {
	case v.IsString():
		return r.nonempty(v.AsString())
	case v.IsList():
		return v.AsList().Len() > 0 || r.generators[v.AsList()]
	case v.IsDict():
		return v.AsDict().Len() > 0 || r.namespaces[v.AsDict()]
	}
	return v.IsTruthy()
}

func sortedStrings(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// contains reports whether "needle in v" is true in Python.
func (r *run) contains(v, needle jinja.Value) bool {
	switch {
	case v.IsString():
		if !needle.IsString() {
			r.fail("a value of type %s is not in a string", kindOf(needle))
			return false
		}
		r.spend(1, (len(v.AsString())+len(needle.AsString()))/8)
		return r.within(v.AsString(), needle.AsString())
	case v.IsDict():
		if needle.IsString() {
			r.look(needle.AsString())
		}
		return v.AsDict().Has(keyOf(needle))
	case v.IsList():
		for _, item := range v.AsList().Items {
			if r.equal(item, needle, 0) {
				return true
			}
		}
		return false
	case v.IsUndefined():
		return false
	}
	r.fail("a value of type %s contains nothing", kindOf(v))
	return false
}

// joined returns texts as one text.
func (r *run) joined(parts []string, separator string) jinja.Value {
	total := len(separator) * len(parts)
	for _, p := range parts {
		total += len(p)
	}
	if !r.fits(total) {
		return jinja.NewString("")
	}
	return r.text(strings.Join(parts, separator))
}
