package oms_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
	"github.com/undertone-audit/undertone/provenance/oms"
)

func generate(t *testing.T, kind keys.Kind) *keys.Private {
	t.Helper()
	key, err := keys.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// model makes a folder of a model.
func model(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	for name, text := range map[string]string{
		"config.json": "{}", "weights.bin": "0123456789", "empty": "", "sub/a:b": "c", "sub.txt": "d", ".gitattributes": "lfs", ".git/HEAD": "ref",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func describe(t *testing.T, folder string, o oms.Options) *oms.Manifest {
	t.Helper()
	m, err := oms.Describe(t.Context(), folder, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// encode returns the JSON of the bundle of a manifest.
func encode(t *testing.T, m *oms.Manifest, key *keys.Private) string {
	t.Helper()
	b, err := m.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func verify(text string, with ...*keys.Private) (*oms.Manifest, error) {
	b, err := oms.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	var trust dsse.Trust
	for _, k := range with {
		trust.Keys = append(trust.Keys, k.Public())
	}
	m, _, err := b.Verify(trust)
	return m, err
}

func TestSignAndVerify(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name of the test has a colon")
	}
	folder := model(t)
	for _, kind := range []keys.Kind{keys.P256, keys.P384, keys.P521} {
		for _, size := range []int64{0, 3, 10} {
			key := generate(t, kind)
			m, err := verify(encode(t, describe(t, folder, oms.Options{ShardSize: size}), key), key)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Check(t.Context(), folder); err != nil {
				t.Errorf("%s, shards of %d bytes: %v", kind, size, err)
			}
		}
	}
}

// The resources are sorted by code points, and the files of git are not signed.
func TestDescribe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name of the test has a colon")
	}
	var names []string
	for _, r := range describe(t, model(t), oms.Options{Ignore: []string{"empty"}}).Resources {
		names = append(names, r.Name)
	}
	if got, want := strings.Join(names, " "), "config.json sub.txt sub/a:b weights.bin"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	names = nil
	for _, r := range describe(t, model(t), oms.Options{ShardSize: 4}).Resources {
		names = append(names, r.Name)
	}
	if got, want := strings.Join(names, " "), "config.json:0:2 sub.txt:0:1 sub/a:b:0:1 weights.bin:0:4 weights.bin:4:8 weights.bin:8:10"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// shardSuffix ends the name of a shard in an error.
var shardSuffix = regexp.MustCompile(`:\d+:\d+"`)

// A folder that differs from what was signed is refused, whatever the difference.
func TestCheckRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name of the test has a colon, and symbolic links need a privilege")
	}
	write := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for reason, c := range map[string]struct {
		change func(*testing.T, string)
		want   string
	}{
		"unsigned extra file": {write("sub/extra", "x"), `"sub/extra" is not signed`},
		"hidden extra file":   {write(".hidden", "x"), `".hidden" is not signed`},
		"flipped byte":        {write("weights.bin", "1123456789"), `"weights.bin" is changed`},
		"appended byte":       {write("weights.bin", "01234567890"), `weights.bin`},
		"git file elsewhere":  {write("sub/.gitattributes", "x"), `"sub/.gitattributes" is not signed`},
		"removed file": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "config.json")); err != nil {
				t.Fatal(err)
			}
		}, `is missing`},
		"renamed file": {func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "config.json"), filepath.Join(dir, "config2.json")); err != nil {
				t.Fatal(err)
			}
		}, `is not signed`},
		"renamed in letters": {func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "config.json"), filepath.Join(dir, "Config.json")); err != nil {
				t.Fatal(err)
			}
		}, `is not signed`},
		"symbolic link to the same text": {func(t *testing.T, dir string) {
			elsewhere := filepath.Join(t.TempDir(), "config.json")
			write("", "")
			if err := os.Rename(filepath.Join(dir, "config.json"), elsewhere); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(elsewhere, filepath.Join(dir, "config.json")); err != nil {
				t.Fatal(err)
			}
		}, `"config.json" is a symbolic link`},
		"symbolic link to a folder": {func(t *testing.T, dir string) {
			if err := os.Symlink("/etc", filepath.Join(dir, "more")); err != nil {
				t.Fatal(err)
			}
		}, `"more" is a symbolic link`},
		"no folder": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, `no such file`},
	} {
		for _, size := range []int64{0, 4} {
			folder := model(t)
			m := describe(t, folder, oms.Options{ShardSize: size})
			c.change(t, folder)
			err := m.Check(t.Context(), folder)
			if err == nil || !strings.Contains(shardSuffix.ReplaceAllString(err.Error(), `"`), c.want) {
				t.Errorf("%s, shards of %d bytes: error %v, want %q", reason, size, err, c.want)
			}
		}
	}
}

// The bundle may lie in the folder: the caller skips it.
func TestCheckSkips(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name of the test has a colon")
	}
	folder := model(t)
	m := describe(t, folder, oms.Options{})
	if err := os.WriteFile(filepath.Join(folder, "model.sig"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(t.Context(), folder, "model.sig"); err != nil {
		t.Error(err)
	}
	if m.Check(t.Context(), folder) == nil {
		t.Error("an unsigned file is accepted")
	}
}

func TestDescribeRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege")
	}
	link := model(t)
	if err := os.Symlink("config.json", filepath.Join(link, "link")); err != nil {
		t.Fatal(err)
	}
	for reason, c := range map[string]struct {
		folder string
		o      oms.Options
		want   string
	}{
		"symbolic link":          {link, oms.Options{}, `"link" is a symbolic link`},
		"empty folder":           {t.TempDir(), oms.Options{}, "it lists no files"},
		"a file":                 {filepath.Join(link, "config.json"), oms.Options{}, "it is a file"},
		"ignores a path above":   {model(t), oms.Options{Ignore: []string{"../x"}}, "the path leaves the folder"},
		"ignores the folder":     {model(t), oms.Options{Ignore: []string{"."}}, "it names the folder itself"},
		"ignores an absolute":    {model(t), oms.Options{Ignore: []string{"/etc"}}, "the path is absolute"},
		"negative size of parts": {model(t), oms.Options{ShardSize: -1}, ""},
	} {
		if _, err := oms.Describe(t.Context(), c.folder, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := oms.Describe(cancelled, model(t), oms.Options{}); err == nil {
		t.Error("a cancelled context hashes a folder")
	}
}

func TestVerifyRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name of the test has a colon")
	}
	key, other, edwards := generate(t, keys.P256), generate(t, keys.P256), generate(t, keys.Ed25519)
	m := describe(t, model(t), oms.Options{})
	whole := encode(t, m, key)
	payload := func(change func(map[string]any)) string { return signedPayload(t, m, key, change) }
	resources := func(s map[string]any) []any { return s["predicate"].(map[string]any)["resources"].([]any) }
	serialization := func(s map[string]any) map[string]any {
		return s["predicate"].(map[string]any)["serialization"].(map[string]any)
	}
	first := func(name, value string) string {
		return payload(func(s map[string]any) { resources(s)[0].(map[string]any)[name] = value })
	}
	for reason, c := range map[string]struct {
		text, want string
		keys       []*keys.Private
	}{
		"another key":               {whole, "none of the trusted keys has signed", []*keys.Private{other}},
		"an Ed25519 key":            {whole, "none of the trusted keys is an ECDSA key", []*keys.Private{edwards}},
		"truncated":                 {whole[:len(whole)/2], "it is not JSON", nil},
		"empty":                     {"", "it is not JSON", nil},
		"trailing data":             {whole + "{}", "bytes behind the JSON value", nil},
		"media type":                {strings.Replace(whole, "bundle.v0.3", "bundle.v0.9", 1), "its media type is", nil},
		"envelope twice":            {strings.Replace(whole, `"dsseEnvelope":`, `"dsseEnvelope":{},"dsseEnvelope":`, 1), "is there twice", nil},
		"payload twice":             {strings.Replace(whole, `"payload":`, `"payload":"aGk=","payload":`, 1), `the field "payload" is there twice`, nil},
		"envelope in other letters": {strings.Replace(whole, `"dsseEnvelope":`, `"dsseenvelope":`, 1), `the field "dsseenvelope" is unknown`, nil},
		"no material":               {strings.Replace(whole, `"verificationMaterial":`, `"other":`, 1), "no verification material", nil},
		"no public key":             {strings.Replace(whole, `"publicKey":`, `"other":`, 1), "names no public key", nil},
		"certificate":               {strings.Replace(whole, `"publicKey":{`, `"certificate":{},"other":{`, 1), "was signed with a certificate", nil},
		"hint of another key":       {strings.Replace(whole, key.Public().Hint(), other.Public().Hint(), 1), "it names another public key", nil},
		"no envelope":               {strings.Replace(whole, `"dsseEnvelope":`, `"other":`, 1), "it has no envelope", nil},
		"payload type":              {strings.Replace(whole, "vnd.in-toto+json", "json", 1), "the payload type is", nil},
		"another predicate":         {payload(func(s map[string]any) { s["predicateType"] = intoto.TestResultType }), "its predicate type is", nil},
		"two subjects":              {payload(func(s map[string]any) { s["subject"] = append(s["subject"].([]any), s["subject"].([]any)...) }), "2 subjects", nil},
		"root of other files":       {first("digest", strings.Repeat("0", 64)), "its root digest is", nil},
		"path above":                {first("name", "../config.json"), "the path leaves the folder", nil},
		"path above, in the middle": {first("name", "sub/../../x"), "the path leaves the folder", nil},
		"absolute path":             {first("name", "/etc/passwd"), "the path is absolute", nil},
		"backslashes":               {first("name", `..\x`), "backslash", nil},
		"zero byte":                 {first("name", "a\x00b"), "zero byte", nil},
		"dot in the path":           {first("name", "./config.json"), "shortest form", nil},
		"listed twice":              {first("name", "weights.bin"), "is listed twice", nil},
		"another algorithm":         {first("algorithm", "md5"), `its algorithm is "md5"`, nil},
		"a short digest":            {first("digest", "00"), "is not 64 lower-case", nil},
		"no resources":              {payload(func(s map[string]any) { s["predicate"].(map[string]any)["resources"] = []any{} }), "it lists no files", nil},
		"no serialization":          {payload(func(s map[string]any) { delete(s["predicate"].(map[string]any), "serialization") }), "it has no serialization", nil},
		"another method":            {payload(func(s map[string]any) { serialization(s)["method"] = "tensors" }), "the method is", nil},
		"another hash":              {payload(func(s map[string]any) { serialization(s)["hash_type"] = "blake3" }), `the hash of the files is "blake3"`, nil},
		"shards without size":       {payload(func(s map[string]any) { serialization(s)["method"] = "shards" }), "the shard size is 0", nil},
		"a fraction of a byte":      {payload(func(s map[string]any) { serialization(s)["shard_size"] = 2.5 }), "want a whole number of bytes", nil},
		"ignores a path above":      {payload(func(s map[string]any) { serialization(s)["ignore_paths"] = []string{"../.."} }), "the path leaves the folder", nil},
		"ignores everything":        {payload(func(s map[string]any) { serialization(s)["ignore_paths"] = []string{"."} }), "it names the folder itself", nil},
	} {
		with := c.keys
		if with == nil {
			with = []*keys.Private{key, edwards}
		}
		if _, err := verify(c.text, with...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
	if _, err := m.Sign(edwards); err == nil || !strings.Contains(err.Error(), "OpenSSF Model Signing has ECDSA keys alone") {
		t.Errorf("an Ed25519 key signs a folder: error %v", err)
	}
}

// signedPayload returns a bundle whose statement was changed before it was signed.
func signedPayload(t *testing.T, m *oms.Manifest, key *keys.Private, change func(map[string]any)) string {
	t.Helper()
	var bundle map[string]any
	if err := json.Unmarshal([]byte(encode(t, m, key)), &bundle); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(bundle["dsseEnvelope"].(map[string]any)["payload"].(string))
	if err != nil {
		t.Fatal(err)
	}
	var statement map[string]any
	if err := json.Unmarshal(raw, &statement); err != nil {
		t.Fatal(err)
	}
	change(statement)
	text, err := json.Marshal(statement)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := dsse.Sign(intoto.PayloadType, text, key)
	if err != nil {
		t.Fatal(err)
	}
	bundle["dsseEnvelope"] = envelope
	made, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// A bundle that allows symbolic links allows those to files in the folder alone.
func TestAllowedSymlinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege")
	}
	key := generate(t, keys.P256)
	for reason, c := range map[string]struct{ target, want string }{
		"a file of the folder":   {"weights.bin", ""},
		"a file outside":         {"../outside", "leads outside the folder"},
		"an absolute path":       {"/etc/passwd", "leads outside the folder"},
		"nothing":                {"absent", "leads outside the folder or to nothing"},
		"a folder of the folder": {"sub", "is no regular file"},
	} {
		folder := model(t)
		if err := os.WriteFile(filepath.Join(folder, "..", "outside"), []byte("0123456789"), 0o666); err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(folder, "z")
		if err := os.WriteFile(copied, []byte("0123456789"), 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := verify(signedPayload(t, describe(t, folder, oms.Options{}), key, func(s map[string]any) {
			s["predicate"].(map[string]any)["serialization"].(map[string]any)["allow_symlinks"] = true
		}), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(copied); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(c.target, copied); err != nil {
			t.Fatal(err)
		}
		err = m.Check(t.Context(), folder)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("a symbolic link to %s: error %v, want %q", reason, err, c.want)
		}
	}
}
