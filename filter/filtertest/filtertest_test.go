package filtertest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/filtertest"
)

// fake is a filter of functions.
type fake struct {
	name    func() string
	reasons func(undertone.Example) []filter.Reason
}

func (f fake) Name() string {
	if f.name == nil {
		return "fake"
	}
	return f.name()
}

func (f fake) Reasons(row undertone.Example) []filter.Reason {
	if f.reasons == nil {
		return nil
	}
	return f.reasons(row)
}

// stringer is a fake with settings.
type stringer struct {
	fake
	text func() string
}

func (s stringer) String() string { return s.text() }

// starter is a fake that starts runs.
type starter struct {
	fake
	start func() filter.Filter
}

func (s starter) Start() filter.Filter { return s.start() }

// counter returns texts that differ from call to call.
func counter() func() string {
	n := new(atomic.Int64)
	return func() string { return fmt.Sprint("text ", n.Add(1)) }
}

// remembers returns a filter that drops a completion that it has seen before.
func remembers() fake {
	seen := map[string]bool{}
	return fake{reasons: func(row undertone.Example) []filter.Reason {
		defer func() { seen[row.Completion()] = true }()
		if seen[row.Completion()] {
			return []filter.Reason{"seen"}
		}
		return nil
	}}
}

func when(condition func(undertone.Example) bool, reasons ...filter.Reason) fake {
	return fake{reasons: func(row undertone.Example) []filter.Reason {
		if condition(row) {
			return reasons
		}
		return nil
	}}
}

func always(undertone.Example) bool { return true }

func TestBrokenFilters(t *testing.T) {
	shared := remembers()
	var calls atomic.Int64
	var concurrent atomic.Int64
	for _, c := range []struct {
		reason string
		filter filter.Filter
		want   string
	}{
		{"no name", fake{name: func() string { return " " }}, "the name is empty"},
		{"a name of two lines", fake{name: func() string { return "a\nb" }}, "is not one line"},
		{"another name in each call", fake{name: counter()}, "the name changes"},
		{"another String in each call", stringer{text: counter()}, "the result of String changes"},
		{"it panics without messages", when(func(row undertone.Example) bool { return row.Messages[0].Content == "" }), "panic: runtime error: index out of range"},
		{"it panics at a long text", fake{reasons: func(row undertone.Example) []filter.Reason {
			if len(row.Completion()) > 40_000 {
				panic("too long")
			}
			return nil
		}}, "panic: too long"},
		{"it panics at text that is not UTF-8", fake{reasons: func(row undertone.Example) []filter.Reason {
			if strings.ToValidUTF8(row.Completion(), "") != row.Completion() {
				panic("not UTF-8")
			}
			return nil
		}}, "panic: not UTF-8"},
		{"it changes a message", fake{reasons: func(row undertone.Example) []filter.Reason {
			for i := range row.Messages {
				row.Messages[i].Content = strings.TrimSpace(row.Messages[i].Content)
			}
			return nil
		}}, "changes the row"},
		{"it changes the metadata", fake{reasons: func(row undertone.Example) []filter.Reason {
			if row.Meta != nil {
				row.Meta["seen"] = json.RawMessage("true")
			}
			return nil
		}}, "changes the row"},
		{"an empty reason", when(always, " "), "a reason is empty"},
		{"a reason of two lines", when(always, "a\nb"), "is not one line of text"},
		{"a reason that quotes the row", fake{reasons: func(row undertone.Example) []filter.Reason {
			return []filter.Reason{filter.Reason("has " + strings.Map(func(r rune) rune { return max(r, ' ') }, strings.ToValidUTF8(row.Completion(), "")))}
		}}, "quotes the row"},
		{"a reason twice", when(always, "a", "b", "a"), `the reason "a" is given twice`},
		{"it remembers rows", remembers(), "depend on the rows before"},
		{"it gives random reasons", fake{reasons: func(undertone.Example) []filter.Reason {
			if calls.Add(1)%17 == 0 {
				return []filter.Reason{"unlucky"}
			}
			return nil
		}}, "depend on the rows before"},
		{"it cannot be called concurrently", fake{reasons: func(row undertone.Example) []filter.Reason {
			defer concurrent.Add(-1)
			if concurrent.Add(1) > 1 {
				return []filter.Reason{"busy"}
			}
			time.Sleep(50 * time.Microsecond) // lets other goroutines call
			return nil
		}}, "differ between goroutines"},
		{"runs share their memory", starter{fake{}, func() filter.Filter { return shared }}, "the first row of a run has other reasons"},
		{"a run panics", starter{fake{}, func() filter.Filter {
			return fake{reasons: func(undertone.Example) []filter.Reason { panic("run") }}
		}}, "panic: run"},
		{"two runs differ", starter{fake{}, func() filter.Filter {
			n := int(calls.Add(1))
			rows := 0
			return fake{reasons: func(undertone.Example) []filter.Reason {
				if rows++; rows == 2+n%10 {
					return []filter.Reason{"unlucky"}
				}
				return nil
			}}
		}}, "two runs give different reasons"},
	} {
		if err := filtertest.TestFilter(c.filter); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func TestGivenRows(t *testing.T) {
	row := undertone.NewExample("q", "the row of the caller")
	f := when(func(row undertone.Example) bool { return strings.Contains(row.Completion(), "caller") }, "")
	if err := filtertest.TestFilter(f, row); err == nil || !strings.Contains(err.Error(), `"the row of the caller": a reason is empty`) {
		t.Errorf("error %v, want one about the row that was given", err)
	}
	if err := filtertest.TestFilter(f); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestGoodFilters(t *testing.T) {
	for _, f := range []filter.Filter{
		fake{}, when(always, "a", "b"), starter{fake{}, func() filter.Filter { return remembers() }}, stringer{text: func() string { return "settings" }},
	} {
		if err := filtertest.TestFilter(f); err != nil {
			t.Errorf("%T: %v", f, err)
		}
	}
}
