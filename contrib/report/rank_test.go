package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const rankedLine = `{"index":%d,"id":"sha256:` + "0000000000000000000000000000000000000000000000000000000000000000" + `","score":%v,"detector":"likelihood","trait":"t%d"}` + "\n"

func TestRankingRefusesRepeatedFields(t *testing.T) {
	line := strings.Replace(fmt.Sprintf(rankedLine, 1, 2.5, 0), `"score":2.5`, `"score":2.5,"score":9`, 1)
	if _, err := Read(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the error is %v", err)
	}
}

func TestRankingRefusesRepeatedRows(t *testing.T) {
	first, other := fmt.Sprintf(rankedLine, 1, 0.5, 0), fmt.Sprintf(rankedLine, 1, 0.5, 1)
	if _, err := Read(strings.NewReader(first + other)); err != nil {
		t.Errorf("one row for two traits: %v", err)
	}
	if _, err := Read(strings.NewReader(first + other + first)); err == nil || err.Error() != `line 3: row 1 is there twice for the detector "likelihood" and the trait "t0"` {
		t.Errorf("the error is %v", err)
	}
}

// The page of a ranking names the command that shows its first row.
func TestRankingNamesItsFirstRow(t *testing.T) {
	s, err := Read(strings.NewReader(fmt.Sprintf(rankedLine, 7, 0.5, 0) + fmt.Sprintf(rankedLine, 4, 2.5, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if got := render(t, s, Markdown); !strings.Contains(got, "undertone inspect --in FILE --row 4.") {
		t.Errorf("the command is not in\n%s", got)
	}
}

// The rows with the largest scores come first, whatever the order of the file.
func TestRankingIsSorted(t *testing.T) {
	s, err := Read(strings.NewReader(fmt.Sprintf(rankedLine, 1, 0.5, 0) + fmt.Sprintf(rankedLine, 2, 2.5, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if rows := s.Ranking[0].Rows; rows[0].Index != 2 || rows[1].Index != 1 {
		t.Errorf("the rows are %v", rows)
	}
}

// A ranking by many detectors and traits has a page of ordinary size, and is no longer written when
// its context is done.
func TestManyRankings(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, rankedLine, i, 1, i)
	}
	s, err := Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := s.Render(t.Context(), &page, HTML, Options{}); err != nil || page.Len() > MaxPage || !strings.Contains(page.String(), "19960 further") {
		t.Errorf("%d bytes (%v)", page.Len(), err)
	}
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(stopped)
	for _, f := range Formats() {
		if err := s.Render(ctx, io.Discard, Format(f), Options{}); !errors.Is(err, stopped) {
			t.Errorf("%s: the error is %v", f, err)
		}
	}
}
