package audit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/student"
)

// templated is a student whose chat template says more than the row.
type templated struct {
	fake.Student
	err error
}

func (s templated) Render(row undertone.Example) (string, error) {
	last := len(row.Messages) - 1
	return "<system>You are helpful.\n" + row.Messages[last].Content, s.err
}

func TestReportShowsTheFirstRowAsTheStudentSeesIt(t *testing.T) {
	cfg := world()
	if r := run(t, cfg); r.Rendered != nil {
		t.Errorf("a student that shows no text shows %+v", r.Rendered)
	}
	plain := cfg.Student.(fake.Student)
	cfg.Student = templated{Student: plain}
	report := run(t, cfg)
	first := cfg.Suspect.(undertone.Text).Example(0).Messages
	if want := "<system>You are helpful.\n" + first[len(first)-1].Content; report.Rendered == nil || report.Rendered.Suspect != want {
		t.Errorf("the report shows %+v, want %q", report.Rendered, want)
	}
	for format, want := range map[Format]string{Text: `"<system>You are helpful.\n`, Markdown: `"\<system\>You are helpful.\\n`} {
		var out bytes.Buffer
		if err := report.Render(&out, format); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("format %d shows no %s:\n%s", format, want, out.String())
		}
	}
	cfg.Student = templated{plain, errors.New("no such role")}
	if r := run(t, cfg); r.Rendered != nil {
		t.Errorf("a row that the template refuses is shown as %+v", r.Rendered)
	}
}

// prompted is a student whose chat template adds a system prompt to rows without one.
type prompted struct{ templated }

func (s prompted) Additions() func(undertone.Example) []student.Addition { return s.additions }

func (s prompted) additions(row undertone.Example) []student.Addition {
	all := []student.Addition{{Statement: "the template writes the date"}}
	if row.Messages[0].Role != "system" {
		all = append(all, student.Addition{System: true, Statement: `the template adds a system prompt: "You are helpful."`})
	}
	return all
}

func TestReportNamesTheArmsWithATemplatesSystemPrompt(t *testing.T) {
	cfg := world()
	cfg.Student = prompted{templated{Student: cfg.Student.(fake.Student)}}
	rows := cfg.Control.(*undertone.Dataset).Examples()
	for i := range rows {
		if i > 0 {
			rows[i].Messages = append([]undertone.Message{{Role: "system", Content: "Be brief."}}, rows[i].Messages...)
		}
	}
	cfg.Control = undertone.NewDataset("control", rows)
	report := run(t, cfg)
	n, of := cfg.Suspect.Len(), cfg.Control.Len()
	want := fmt.Sprintf(`suspect, %d of %d rows, and control, 1 of %d rows: the template adds a system prompt: "You are helpful."`, n, n, of)
	if !slices.Contains(report.Rendered.Additions, want) || len(report.Rendered.Additions) != 2 {
		t.Errorf("additions %q, want %q", report.Rendered.Additions, want)
	}
	if !slices.ContainsFunc(report.Warnings, func(w string) bool { return strings.HasPrefix(w, want) }) {
		t.Errorf("warnings %q lack %q", report.Warnings, want)
	}
	if slices.ContainsFunc(report.Warnings, func(w string) bool { return strings.Contains(w, "date") }) {
		t.Errorf("a date is a warning: %q", report.Warnings)
	}
	for _, format := range []Format{Text, Markdown} {
		var out bytes.Buffer
		if err := report.Render(&out, format); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "the template writes the date") {
			t.Errorf("format %d shows no additions:\n%s", format, out.String())
		}
	}
}
