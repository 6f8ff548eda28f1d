package card

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/catalogue"
)

func TestRead(t *testing.T) {
	for reason, c := range map[string]struct {
		text string
		want catalogue.Claims
	}{
		"no front matter":  {"# Title\n---\nlicense: mit\n---\n", catalogue.Claims{}},
		"an empty card":    {"", catalogue.Claims{}},
		"an empty matter":  {"---\n---\n", catalogue.Claims{}},
		"the fields":       {"---\npretty_name: Owls\nlicense: mit\ntags: [synthetic, owls]\nbase_model: org/model\nsource_datasets:\n- original\n- extended|squad\n---\n# Owls\n", catalogue.Claims{Name: "Owls", Licenses: []string{"mit"}, Tags: []string{"synthetic", "owls"}, Models: []string{"org/model"}, Sources: []string{"extended|squad"}, Synthetic: true}},
		"Windows lines":    {"\ufeff---\r\nlicense:\r\n- mit\r\n---\r\n# Owls\r\n", catalogue.Claims{Licenses: []string{"mit"}}},
		"configurations":   {"---\nlanguage_creators:\n  a:\n  - found\n  b:\n  - machine-generated\n---\n", catalogue.Claims{Agents: []string{"language_creators: found", "language_creators: machine-generated"}, Synthetic: true}},
		"a list of models": {"---\nbase_model:\n- a\n- b\nlicense: null\n---\n", catalogue.Claims{Models: []string{"a", "b"}}},
	} {
		c.want.Format = catalogue.CardFormat
		got, err := Read([]byte(c.text))
		if err != nil || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, error %v, want %+v", reason, got, err, c.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for reason, c := range map[string]struct{ text, want string }{
		"no end":        {"---\nlicense: mit\n", "has no end"},
		"no mapping":    {"---\n- a\n---\n", "it is no mapping"},
		"a key twice":   {"---\nlicense: mit\nlicense: gpl\n---\n", `the key "license" is there twice`},
		"an alias":      {"---\na: &a [x]\nb: *a\n---\n", "an anchor or an alias"},
		"a bomb":        {"---\na: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n---\n", "an anchor or an alias"},
		"deeply nested": {"---\na: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n---\n", "more than 32 levels"},
		"no YAML":       {"---\na: [\n---\n", "front matter: yaml:"},
		"a large one":   {"---\n" + strings.Repeat("# comment\n", 200_000) + "---\n", "larger than 1048576 bytes"},
		"a large card":  {strings.Repeat("x", maxCard+1), "larger than 16777216 bytes"},
	} {
		if _, err := Read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

// TestRealCards reads all cards of a folder that UNDERTONE_CARDS names.
func TestRealCards(t *testing.T) {
	folder := os.Getenv("UNDERTONE_CARDS")
	if folder == "" {
		t.Skip("not checked: UNDERTONE_CARDS names no folder of cards")
	}
	n, claiming := 0, 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		c, err := Read(text)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		if !reflect.DeepEqual(*c, catalogue.Claims{Format: catalogue.CardFormat}) {
			claiming++
		}
		updated, err := catalogue.UpdateCard(text, "section\n")
		if err != nil || !strings.HasPrefix(string(updated), string(text)) {
			t.Errorf("%s: a section changes the card: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cards were read, %d of them with claims", n, claiming)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("---\npretty_name: Owls\ntags: [a]\n---\n# Owls\n"))
	f.Add([]byte("---\na: &a [*a]\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(text)
		if (c == nil) == (err == nil) {
			t.Fatalf("claims %+v, error %v", c, err)
		}
	})
}
