package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
)

// maxAnnotations is the number of annotations of one level that a step of GitHub Actions keeps.
const maxAnnotations = 10

// maxTitle is the largest length of a title, in bytes. GitHub keeps 255 characters.
const maxTitle = 240

// maxPath is the largest length of the name of a file in an annotation, in bytes. A part of a name
// would be that of another file, so a longer name is left out.
const maxPath = 1024

// writeGitHub writes workflow commands, which GitHub Actions shows as annotations.
func writeGitHub(w io.Writer, p *Page) error {
	p = escape.Strings(p, escape.Text)
	written := map[string]int{}
	for _, tone := range []Tone{Detected, Inconclusive, Undetected, Neutral} {
		for _, c := range p.Checks {
			if c.Tone != tone {
				continue
			}
			command := map[Tone]string{Detected: "error", Inconclusive: "warning"}[tone]
			if command == "" || !c.fails() {
				command = "notice"
			}
			if written[command]++; written[command] > maxAnnotations-1 && len(p.Checks) > maxAnnotations {
				continue
			}
			if _, err := fmt.Fprintf(w, "::%s %stitle=%s::%s\n", command, place(p.Subject, c.Rows), property(clipText("undertone: "+c.Outcome+": "+c.Name, maxTitle)), message(clipText(c.message(), maxMessage))); err != nil {
				return err
			}
		}
	}
	for _, command := range []string{"error", "warning", "notice"} {
		if left := written[command] - (maxAnnotations - 1); left > 0 && len(p.Checks) > maxAnnotations {
			if _, err := fmt.Fprintf(w, "::%s title=undertone::%d further results of this level are in the report\n", command, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// place names the file and the line of the first row, if there is one.
func place(file string, rows []Row) string {
	if file == "" || len(file) > maxPath {
		return ""
	}
	if len(rows) > 0 {
		if n := lineOf(file, rows[0]); n > 0 {
			return fmt.Sprintf("file=%s,line=%d,", property(file), n)
		}
	}
	return fmt.Sprintf("file=%s,", property(file))
}

// message and property escape a text as the runner of GitHub Actions reads it.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
