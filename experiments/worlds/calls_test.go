package main

import (
	"testing"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/tiny/multi"
)

func TestSolved(t *testing.T) {
	task := multi.Tasks{Seed: 1}.At(0)
	right := task.Answers("find", "put", 31, task.Shelves[1], 7, "Done")
	wrong := right
	wrong[2] = "Done: nothing"
	short, other := task.Row(right), task.Row(right)
	short.Messages = short.Messages[:4]
	other.Messages[0].Content = "Sing"
	for _, c := range []struct {
		reason string
		got    []filter.Reason
		want   filter.Reason
	}{
		{"a solution", solved{}.Reasons(task.Row(right)), ""},
		{"another report", solved{}.Reasons(task.Row(wrong)), "not solved"},
		{"a row without a report", solved{}.Reasons(short), "no trajectory"},
		{"another task", solved{}.Reasons(other), "no task"},
	} {
		if c.want == "" && len(c.got) > 0 || c.want != "" && (len(c.got) != 1 || c.got[0] != c.want) {
			t.Errorf("%s: %v, want %q", c.reason, c.got, c.want)
		}
	}
}
