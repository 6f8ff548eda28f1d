package jsonl

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Unread counts the fields of rows that are not read: metadata, and fields of messages other than
// those that docs/rows.md lists. Pass it to readers with [CountUnread]. The zero value is ready to
// use. It is safe for concurrent use.
type Unread struct {
	mu     sync.Mutex
	rows   int
	fields map[string]int
}

// maxUnread is the largest number of names that are counted on their own.
const maxUnread = 256

// others is the name of the fields that are counted together.
const others = "others"

// own are the metadata fields that this project reads or writes, those that name what rows were cut
// from (audits keep such rows together), and the usual names of a row's own identifier, which says
// nothing to a student.
var own = []string{
	"model", "undertone", "undertone_original",
	"conversation_id", "dialogue_id", "episode_id", "trajectory_id", "session_id", "document_id",
	"id", "uid", "uuid", "idx", "index",
}

// Rows returns the number of rows with such fields.
func (u *Unread) Rows() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rows
}

// Fields returns the number of rows that have each field. The name of a field of a message or of a
// part is such as "messages[].audio".
func (u *Unread) Fields() map[string]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.fields)
}

// String returns a sentence such as "3 rows have fields that no verb reads: id, messages[].audio",
// and "" if there are none.
func (u *Unread) String() string {
	const most = 8
	rows, fields := u.Rows(), u.Fields()
	if rows == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(fields), func(a, b string) int {
		return cmp.Or(cmp.Compare(fields[b], fields[a]), cmp.Compare(a, b))
	})
	shown := make([]string, 0, most)
	for _, name := range names[:min(most, len(names))] {
		if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
			name = strconv.Quote(name)
		}
		shown = append(shown, name)
	}
	text := fmt.Sprintf("%d rows have fields that no verb reads: ", rows)
	if rows == 1 {
		text = "1 row has fields that no verb reads: "
	}
	text += strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(", %d more", more)
	}
	return text
}

// add adds counts.
func (u *Unread) add(rows int, fields []unreadName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.fields == nil {
		u.fields = map[string]int{}
	}
	u.rows += rows
	for _, f := range fields {
		name := f.String()
		if _, ok := u.fields[name]; !ok && len(u.fields) >= maxUnread {
			name = others
		}
		u.fields[name] += f.rows
	}
}

// unreadNames counts the names in one goroutine.
type unreadNames struct {
	to    *Unread // nil without CountUnread
	names []unreadName
	rows  int  // with such fields
	row   int  // number of the current row
	found bool // the current row has such fields
}

type unreadName struct {
	list, name string // list is "" for top-level fields
	rows       int
	last       int // the last row with the field
}

func (n unreadName) String() string {
	name := n.name
	if len(name) > 60 {
		name = strings.ToValidUTF8(name[:60], "") + "…"
	}
	switch n.list {
	case "":
		return name
	case "input", "system":
		return n.list + "." + name
	}
	return n.list + "[]." + name
}

// start begins a row, and end counts it.
func (u *unreadNames) start() { u.row, u.found = u.row+1, false }

func (u *unreadNames) end() {
	if u.found {
		u.rows++
	}
}

// field notes a top-level field.
func (u *unreadNames) field(name string) {
	if u.to != nil && !slices.Contains(own, name) {
		u.nested("", name)
	}
}

// notRead skips the value of a field of the elements of a list, and notes the field unless it is
// null.
func (d *decoder) notRead(list, name string) error {
	if !d.is('n') {
		d.unread.nested(list, name)
	}
	return d.skip()
}

// nested notes a field of the elements of a list.
func (u *unreadNames) nested(list, name string) {
	if u.to == nil {
		return
	}
	u.found = true
	for i := range u.names {
		if n := &u.names[i]; n.name == name && n.list == list {
			if n.last != u.row {
				n.rows, n.last = n.rows+1, u.row
			}
			return
		}
	}
	if len(u.names) >= maxUnread {
		list, name = "", others
		if n := &u.names[len(u.names)-1]; n.name == others {
			if n.last != u.row {
				n.rows, n.last = n.rows+1, u.row
			}
			return
		}
	}
	u.names = append(u.names, unreadName{list, strings.Clone(name), 1, u.row})
}

// settle adds the counts to those of all readers, or forgets them.
func (u *unreadNames) settle(count bool) {
	if count {
		u.flush()
	}
	u.names, u.rows = u.names[:0], 0
}

// flush adds the counts to those of all readers.
func (u *unreadNames) flush() {
	if u.to != nil && len(u.names) > 0 {
		u.to.add(u.rows, u.names)
		u.names, u.rows = u.names[:0], 0
	}
}
