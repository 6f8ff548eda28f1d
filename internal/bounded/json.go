package bounded

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Limits of the memory that a decoded JSON text may take, in bytes. Usual documents take 1 to 3
// bytes for a byte of text.
const (
	expansion    = 8         // for a byte of text
	anyExpansion = 32        // for a byte of text of any shape: objects are maps
	freeSpace    = 1 << 20   // for a text of any size
	mostSpace    = 512 << 20 // for a text of any size, at most
)

// MaxDepth is the largest number of objects and lists around a JSON value.
const MaxDepth = 100

// CheckJSON returns an error if the value that encoding/json decodes from text into *into would
// take much more memory than the text, or has more than [MaxDepth] levels. An empty object of two
// bytes is a struct of hundreds, so a small file of many would fill the memory. The estimate covers
// lists, maps, pointers and texts, and allocates nothing of their size. Text that is no JSON is no
// error: the decoder says what is wrong with it.
func CheckJSON(text []byte, into any) error {
	if !json.Valid(text) {
		return nil
	}
	t, each := reflect.TypeOf(into).Elem(), int64(expansion)
	if t == anyType || t.Kind() == reflect.Map && t.Elem() == anyType {
		each = anyExpansion
	}
	m := meter{text: text, most: min(mostSpace, freeSpace+each*int64(len(text))), fields: map[reflect.Type]map[string]reflect.Type{}}
	return m.value(t, 0)
}

// meter reads a valid JSON text and adds up the memory of the values.
type meter struct {
	text   []byte // that is not read yet
	used   int64
	most   int64
	fields map[reflect.Type]map[string]reflect.Type // of struct types, by their names in JSON
}

// Estimates for values, in bytes.
const (
	listHead = 24
	mapHead  = 128
	textHead = 16
)

var anyType = reflect.TypeFor[any]()

// add counts bytes of memory.
func (m *meter) add(bytes int64) error {
	if m.used += bytes; m.used > m.most {
		return fmt.Errorf("it has so many small values that it would take more than %d bytes of memory", m.most)
	}
	return nil
}

// value reads one value, which is decoded into the type t.
func (m *meter) value(t reflect.Type, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("it has more than %d levels of objects and lists", MaxDepth)
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
		if err := m.add(int64(t.Size())); err != nil {
			return err
		}
	}
	switch m.peek() {
	case '{':
		return m.object(t, depth)
	case '[':
		return m.list(t, depth)
	case '"':
		return m.add(textHead + int64(len(m.quoted())))
	}
	m.literal()
	if t.Kind() == reflect.Interface {
		return m.add(textHead)
	}
	return nil
}

func (m *meter) list(t reflect.Type, depth int) error {
	each := t
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		each = t.Elem()
	} else if t.Kind() != reflect.Interface {
		return m.opaque()
	}
	if isRaw(t) {
		return m.opaque()
	}
	if err := m.add(listHead); err != nil {
		return err
	}
	m.accept('[')
	for !m.accept(']') {
		if err := m.add(2 * int64(each.Size())); err != nil { // a list grows by doubling
			return err
		}
		if err := m.value(each, depth+1); err != nil {
			return err
		}
		m.accept(',')
	}
	return nil
}

func (m *meter) object(t reflect.Type, depth int) error {
	entry := int64(0)
	switch t.Kind() {
	case reflect.Struct:
	case reflect.Map:
		entry = 4 * int64(t.Key().Size()+t.Elem().Size())
	case reflect.Interface:
		entry = 4 * int64(anyType.Size()+reflect.TypeFor[string]().Size())
	default:
		return m.opaque()
	}
	if entry > 0 {
		if err := m.add(mapHead); err != nil {
			return err
		}
	}
	m.accept('{')
	for !m.accept('}') {
		m.peek()
		name := m.quoted()
		m.accept(':')
		if entry > 0 {
			if err := m.add(entry + int64(len(name))); err != nil {
				return err
			}
		}
		if err := m.value(m.member(t, name), depth+1); err != nil {
			return err
		}
		m.accept(',')
	}
	return nil
}

// member returns the type of the value of a name in an object.
func (m *meter) member(t reflect.Type, quoted []byte) reflect.Type {
	switch t.Kind() {
	case reflect.Interface:
		return anyType
	case reflect.Map:
		return t.Elem()
	}
	all, known := m.fields[t]
	if !known {
		all = fieldsOf(t)
		m.fields[t] = all
	}
	name := string(quoted[1 : len(quoted)-1])
	if plain, err := strconv.Unquote(string(quoted)); err == nil {
		name = plain
	}
	if field, ok := all[name]; ok {
		return field
	}
	if field, ok := all[strings.ToLower(name)]; ok { // encoding/json takes names in other letters
		return field
	}
	return reflect.TypeFor[json.RawMessage]()
}

// fieldsOf returns the types of the fields of a struct by their names in JSON, as they are and in
// small letters.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		all[name] = f.Type
		all[strings.ToLower(name)] = f.Type
	}
	return all
}

// isRaw reports whether a list of the type holds bytes, such as [json.RawMessage].
func isRaw(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// opaque reads a value that is kept as text, or is an error of the decoder.
func (m *meter) opaque() error {
	left := len(m.text)
	depth := 0
	for {
		switch m.peek() {
		case '{', '[':
			depth++
			m.text = m.text[1:]
		case '}', ']':
			depth--
			m.text = m.text[1:]
		case ',', ':':
			m.text = m.text[1:]
		case '"':
			m.quoted()
		default:
			m.literal()
		}
		if depth == 0 {
			return m.add(int64(left - len(m.text)))
		}
	}
}

// peek skips spaces and returns the next byte.
func (m *meter) peek() byte {
	for m.text[0] == ' ' || m.text[0] == '\t' || m.text[0] == '\r' || m.text[0] == '\n' {
		m.text = m.text[1:]
	}
	return m.text[0]
}

// accept skips the next byte if it is b.
func (m *meter) accept(b byte) bool {
	if m.peek() != b {
		return false
	}
	m.text = m.text[1:]
	return true
}

// quoted reads a string with its quotes.
func (m *meter) quoted() []byte {
	n := 1
	for ; m.text[n] != '"'; n++ {
		if m.text[n] == '\\' {
			n++
		}
	}
	q := m.text[:n+1]
	m.text = m.text[n+1:]
	return q
}

// literal reads a number, true, false or null.
func (m *meter) literal() {
	n := 0
	for n < len(m.text) && !strings.ContainsRune(",]}: \t\r\n", rune(m.text[n])) {
		n++
	}
	m.text = m.text[n:]
}
