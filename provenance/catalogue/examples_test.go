package catalogue_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/undertone-audit/undertone/provenance/catalogue"
)

// datasetType marks a document as a data set.
var datasetType = regexp.MustCompile(`"@type": *\[?\s*"(sc:|schema:|https?://schema.org/)?Dataset"`)

// TestExamples reads the files of testdata/examples and, if UNDERTONE_CROISSANT names a checkout of
// github.com/mlcommons/croissant, all data sets in it.
func TestExamples(t *testing.T) {
	folders := []string{filepath.Join("testdata", "examples")}
	if more := os.Getenv("UNDERTONE_CROISSANT"); more != "" {
		folders = append(folders, more)
	}
	for _, folder := range folders {
		n, named := 0, 0
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil || !datasetType.Match(text) {
				return err
			}
			n++
			c, err := catalogue.ReadCroissant(text)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			if c.Name != "" {
				named++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Errorf("%s holds no data sets", folder)
		}
		t.Logf("%s: %d data sets were read, %d of them with a name", folder, n, named)
	}
}
