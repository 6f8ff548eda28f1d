package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// limited is a student that reads rows of at most 12 bytes.
type limited struct{ fake.Student }

func (limited) CountLongRows(_ context.Context, rows undertone.Text) (undertone.LongRows, error) {
	found := undertone.LongRows{Rule: "cut", Limit: 12}
	for i := range rows.Len() {
		if e := rows.Example(i); len(e.Prompt()+e.Completion()) > found.Limit {
			found.Rows++
		}
	}
	return found, nil
}

func TestLongRowsWarning(t *testing.T) {
	cfg := fakeaudit.Dirty(audit.Transfer)
	cfg.Student = limited{cfg.Student.(fake.Student)}
	report := fakeaudit.Run(t, cfg)
	for role, data := range map[string]undertone.Data{
		"suspect": cfg.Suspect, "control": cfg.Control, "positive control of " + cfg.Traits[0].Name: cfg.Traits[0].PositiveControl,
	} {
		found, err := limited{}.CountLongRows(t.Context(), data.(undertone.Text))
		if err != nil || found.Rows == 0 {
			t.Fatal(found, err)
		}
		want := role + ": " + found.Warning()
		if !slices.Contains(report.Warnings, want) {
			t.Errorf("the warnings are %q, want one of them %q", report.Warnings, want)
		}
	}
	cfg = fakeaudit.Dirty(audit.Transfer)
	if report := fakeaudit.Run(t, cfg); strings.Contains(strings.Join(report.Warnings, "\n"), "tokens") {
		t.Errorf("a student without a limit: %q", report.Warnings)
	}
}
