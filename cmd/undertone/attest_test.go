package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/jsondoc"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

// reportOn returns a report whose suspect rows are these.
func reportOn(t *testing.T, rows string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "audit", "testdata", "detected.json"))
	if err != nil {
		t.Fatal(err)
	}
	report := new(audit.Report)
	if err := json.Unmarshal(text, report); err != nil {
		t.Fatal(err)
	}
	data, err := undertone.Collect("rows", jsonl.NewReader("rows", strings.NewReader(rows)).Stream())
	if err != nil {
		t.Fatal(err)
	}
	report.Suspect = audit.DescribeData(data)
	kind := jsondoc.Kind[audit.Report]{
		Name: "report", Schema: audit.Schema,
		Fields: func(r *audit.Report) jsondoc.Fields {
			return jsondoc.Fields{Schema: r.Schema, Version: r.Version, Digest: &r.Digest}
		},
		Forget: func(r *audit.Report) { // as package audit
			r.Suspect.Name, r.Control.Name, r.StudentName = "", "", ""
			for i := range r.Findings {
				if c := r.Findings[i].PositiveControl; c != nil {
					c.Data.Name = ""
				}
			}
		},
	}
	if err := kind.SetDigest(report); err != nil {
		t.Fatal(err)
	}
	made, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// must runs the command and fails the test unless it ends with 0.
func must(t *testing.T, dir, args string) string {
	t.Helper()
	stdout, stderr, code := execute(t, dir, "", strings.Fields(args)...)
	if code != 0 {
		t.Fatalf("undertone %s: exit code %d, %s", args, code, stderr)
	}
	return stdout
}

// signedFolder makes a folder with keys, rows, a report, an envelope of two signers and a bundle.
func signedFolder(t *testing.T) string {
	t.Helper()
	rows := petRows(20, 1)
	dir := folder(t, map[string]string{"rows.jsonl": rows, "others.jsonl": petRows(20, 2), "run.json": reportOn(t, rows), "other.json": reportOn(t, petRows(20, 2))})
	for _, c := range []string{"a ed25519", "b p256", "stranger ed25519"} {
		name, kind, _ := strings.Cut(c, " ")
		must(t, dir, "keygen --out "+name+" --type "+kind)
	}
	if err := os.MkdirAll(filepath.Join(dir, "model", "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "model/config.json", "{}")
	put(t, dir, "model/sub/weights", "0123")
	must(t, dir, "attest --key a --key b --from-report run.json --data rows.jsonl --valid-days 30 --out rows.intoto.json")
	must(t, dir, "attest --key b --folder model --out model.sig")
	return dir
}

// put writes a file in a folder.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestAttestAndVerify(t *testing.T) {
	dir := signedFolder(t)
	got := must(t, dir, "verify rows.intoto.json run.json --key a.pub --key b.pub --threshold 2 --data rows.jsonl")
	for _, want := range []string{"result FAILED", "rows.jsonl is what was signed", "run.json is what was signed", "expires on"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant %q", got, want)
		}
	}
	// The same rows in a compressed file are what was signed.
	put(t, dir, "rows.jsonl.gz", packed(t, "rows.jsonl.gz", petRows(20, 1)))
	must(t, dir, "verify rows.intoto.json --key a.pub --data rows.jsonl.gz")
	if got := must(t, dir, "verify model.sig --key b.pub --folder model"); !strings.Contains(got, "model is what was signed") {
		t.Error(got)
	}
	// A third key signs later.
	must(t, dir, "attest --key stranger --envelope rows.intoto.json --out three.intoto.json")
	must(t, dir, "verify three.intoto.json --key a.pub --key b.pub --key stranger.pub --threshold 3")

	var signed verified
	if err := json.Unmarshal([]byte(must(t, dir, "verify --json rows.intoto.json --key a.pub")), &signed); err != nil {
		t.Fatal(err)
	}
	if s := signed.Signed; s == nil || s.Result != "FAILED" || len(s.Signers) != 1 || s.Expires.Sub(*s.SignedAt) != 30*24*time.Hour {
		t.Errorf("%+v", signed.Signed)
	}
}

// How a file was made is signed from its manifest.
func TestAttestManifest(t *testing.T) {
	dir := folder(t, map[string]string{"rows.jsonl": petRows(3, 1)})
	must(t, dir, "keygen --out a")
	bytes, err := fileDigest(filepath.Join(dir, "rows.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows := provenance.NewRowHasher().Sum()
	m, err := provenance.NewManifest(provenance.Record{
		Path: "rows.jsonl", Content: provenance.Content{Kind: provenance.RowsKind, Bytes: bytes, Rows: &rows},
		Made: &provenance.Made{By: "filter", Version: undertone.Version, Steps: []provenance.Step{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := provenance.Write(filepath.Join(dir, "rows.jsonl"), m); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "attest --key a --data rows.jsonl --out made.intoto.json")
	if got := must(t, dir, "verify made.intoto.json --key a.pub --data rows.jsonl"); !strings.Contains(got, "https://slsa.dev/provenance/v1 about rows.jsonl") {
		t.Error(got)
	}
	put(t, dir, "rows.jsonl", petRows(3, 2))
	if _, stderr, code := execute(t, dir, "", "attest", "--key", "a", "--data", "rows.jsonl", "--out", "again"); code != 2 || !strings.Contains(stderr, "the file differs from its manifest") {
		t.Errorf("a changed file: exit code %d, %q", code, stderr)
	}
	if _, stderr, code := execute(t, dir, "", "verify", "made.intoto.json", "--key", "a.pub", "--data", "rows.jsonl"); code != 2 || !strings.Contains(stderr, "none of its subjects") {
		t.Errorf("a changed file: exit code %d, %q", code, stderr)
	}
}

// A policy that demands a signer accepts rows with an envelope of that signer on their manifest, or
// with a bundle of that signer that holds the manifest, and with no other.
func TestPolicySigners(t *testing.T) {
	dir := folder(t, map[string]string{"raw.jsonl": petRows(20, 1), "others.jsonl": petRows(20, 2)})
	must(t, dir, "filter --in raw.jsonl --out rows.jsonl --filters duplicates")
	must(t, dir, "filter --in others.jsonl --out other-rows.jsonl --filters duplicates")
	var signer madeKey
	if err := json.Unmarshal([]byte(must(t, dir, "keygen --json --out a")), &signer); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "keygen --out b")
	must(t, dir, "attest --key a --data rows.jsonl --out rows.intoto.json")
	must(t, dir, "attest --key b --data rows.jsonl --out b.intoto.json")
	must(t, dir, "attest --key a --data other-rows.jsonl --out other.intoto.json")
	var folderSigner madeKey
	if err := json.Unmarshal([]byte(must(t, dir, "keygen --json --out e --type p256")), &folderSigner); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o777); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, provenance.Path("rows.jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "data/copy.json", string(text))
	must(t, dir, "attest --key e --folder data --out data.sig")
	put(t, dir, "policy.json", `{"schema":"undertone.policy/1","generators":{"unknown_generator":"allow"},"manifest":{"required":true,"signers":["`+signer.ID.String()+`","`+folderSigner.ID.String()+`"]}}`)
	for args, want := range map[string]int{
		"rows.intoto.json --key a.pub":               0,
		"":                                           1,
		"b.intoto.json --key b.pub":                  1,
		"data.sig --key e.pub --folder data":         0, // the folder holds the manifest
		"other.intoto.json --key a.pub":              1,
		"rows.intoto.json --key b.pub":               2, // its signature does not verify
		"rows.intoto.json b.intoto.json --key b.pub": 2,
		"rows.intoto.json b.intoto.json --key a.pub --key b.pub": 0,
	} {
		command := append(append([]string{"verify"}, strings.Fields(args)...), "--data", "rows.jsonl", "--policy", "policy.json", "--student", "tiny")
		if stdout, stderr, code := execute(t, dir, "", command...); code != want || want == 1 && !strings.Contains(stdout, "manifest.signers") {
			t.Errorf("verify %s: exit code %d, %s%s, want %d", args, code, stdout, stderr, want)
		}
	}
}

// Each case changes one thing of a signed folder. The command refuses it with the reason.
func TestTampered(t *testing.T) {
	const envelope, bundle = "verify rows.intoto.json run.json --key a.pub --data rows.jsonl", "verify model.sig --key b.pub --folder model"
	replace := func(name, old, with string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || !strings.Contains(string(text), old) {
				t.Fatalf("%s has no %q: %v", name, old, err)
			}
			put(t, dir, name, strings.Replace(string(text), old, with, 1))
		}
	}
	write := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { put(t, dir, name, text) }
	}
	rename := func(from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
				t.Fatal(err)
			}
		}
	}
	payload := func(old, with string) func(*testing.T, string) { // of the envelope
		return func(t *testing.T, dir string) {
			changeEnvelope(t, dir, func(e *dsse.Envelope) {
				if !bytes.Contains(e.Payload, []byte(old)) {
					t.Fatalf("the payload has no %q", old)
				}
				e.Payload = bytes.Replace(e.Payload, []byte(old), []byte(with), 1)
			})
		}
	}
	revoke := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, name+".pub"))
			if err != nil {
				t.Fatal(err)
			}
			key, err := keys.ParsePublic(text)
			if err != nil {
				t.Fatal(err)
			}
			put(t, dir, "revoked", key.ID().String()+" stolen\n")
		}
	}
	original := signedFolder(t)
	for reason, c := range map[string]struct {
		change        func(*testing.T, string)
		command, want string
	}{
		"flipped byte in the payload": {payload("FAILED", "PASSED"), envelope, "none of the trusted keys has signed"},
		"flipped byte in a signature": {func(t *testing.T, dir string) {
			changeEnvelope(t, dir, func(e *dsse.Envelope) { e.Signatures[0].Sig[8] ^= 1 })
		}, envelope, "none of the trusted keys has signed"},
		"flipped byte in the report":        {replace("run.json", `"detected"`, `"undetected"`), envelope, "its digest is not that of its content"},
		"flipped byte in the rows":          {replace("rows.jsonl", "a", "b"), envelope, "none of its subjects is the artifact"},
		"report of other rows":              {rename("other.json", "run.json"), envelope, "none of the envelopes that are given has signed this report"},
		"other rows":                        {rename("others.jsonl", "rows.jsonl"), envelope, "none of its subjects is the artifact"},
		"a row less":                        {func(t *testing.T, dir string) { put(t, dir, "rows.jsonl", petRows(19, 1)) }, envelope, "none of its subjects is the artifact"},
		"no rows":                           {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "rows.jsonl")) }, envelope, "no such file"},
		"payload type":                      {replace("rows.intoto.json", "application/vnd.in-toto+json", "application/json"), envelope, "the payload type is"},
		"payload twice":                     {replace("rows.intoto.json", `"payload":`, `"payload":"aGk=","payload":`), envelope, `the field "payload" is there twice`},
		"no signatures":                     {func(t *testing.T, dir string) { changeEnvelope(t, dir, func(e *dsse.Envelope) { e.Signatures = nil }) }, envelope, "it has no signatures"},
		"truncated envelope":                {cut("rows.intoto.json"), envelope, "it is not JSON"},
		"bytes behind the envelope":         {replace("rows.intoto.json", "}\n", "}{}\n"), envelope, "bytes behind the JSON value"},
		"nested envelope":                   {replace("rows.intoto.json", `"payload":`, `"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`,"payload":`), envelope, "more than 100 levels"},
		"unknown key":                       {nil, strings.Replace(envelope, "a.pub", "stranger.pub", 1), "none of the trusted keys has signed"},
		"one key twice for two":             {nil, "verify rows.intoto.json --key a.pub --key a.pub --threshold 2", "1 of the trusted keys have signed this payload, want 2"},
		"threshold above the signatures":    {nil, "verify rows.intoto.json --key a.pub --key b.pub --key stranger.pub --threshold 3", "2 of the trusted keys have signed this payload, want 3"},
		"revoked key":                       {revoke("a"), envelope + " --revoked revoked", "is revoked: stolen"},
		"revoked key of a bundle":           {revoke("b"), bundle + " --revoked revoked", "is revoked: stolen"},
		"list of revoked keys that is none": {write("revoked", "a.pub\n"), envelope + " --revoked revoked", "want a key ID"},
		"expired":                           {nil, envelope + " --at 2036-01-01T00:00:00Z", "it expired on"},
		"signed in the future":              {nil, envelope + " --at 2016-01-01T00:00:00Z", "which is in the future"},
		"RSA key":                           {weakKey(1024), envelope + " --key weak.pub", "an RSA key of 1024 bits"},
		"P-224 key":                         {weakKey(224), envelope + " --key weak.pub", "the curve P-224"},
		"private key as public":             {nil, strings.Replace(envelope, "a.pub", "a", 1), `the PEM block is a "PRIVATE KEY"`},
		"no key":                            {nil, "verify rows.intoto.json", "give the public key of the signer with --key"},
		"unsigned report":                   {nil, "verify run.json --key a.pub", "none of the envelopes that are given has signed this report"},
		"envelope as a bundle":              {nil, "verify rows.intoto.json --key a.pub --folder model", "--folder was not compared with anything"},
		"bundle without a folder":           {nil, "verify model.sig --key b.pub", "name the folder with --folder"},
		"bundle of another key":             {nil, "verify model.sig --key a.pub --folder model", "none of the trusted keys is an ECDSA key"},
		"hint of another key":               {func(t *testing.T, dir string) { changeHint(t, dir) }, bundle, "it names another public key"},
		"unsigned extra file":               {write("model/extra", "x"), bundle, `"extra" is not signed`},
		"renamed file":                      {rename("model/config.json", "model/config2.json"), bundle, `"config.json" is missing`},
		"changed file":                      {write("model/sub/weights", "0124"), bundle, `"sub/weights" is changed`},
		"truncated bundle":                  {cut("model.sig"), bundle, "it is not JSON"},
		"bundle with an empty list":         {replace("model.sig", `"signatures":[`, `"signatures":[],"x":[`), bundle, "it has no signatures"},
		"symbolic link": {func(t *testing.T, dir string) {
			if err := os.Symlink(filepath.Join(dir, "rows.jsonl"), filepath.Join(dir, "model", "link")); err != nil {
				t.Skip("no symbolic links:", err)
			}
		}, bundle, `"link" is a symbolic link`},
	} {
		t.Run(reason, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(original)); err != nil {
				t.Fatal(err)
			}
			if c.change != nil {
				c.change(t, dir)
			}
			stdout, stderr, code := execute(t, dir, "", strings.Fields(c.command)...)
			if code != 2 || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q, %q, want 2 and %q", code, stdout, stderr, c.want)
			}
		})
	}
}

// cut removes the second half of a file.
func cut(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, name, string(text[:len(text)/2]))
	}
}

// changeEnvelope changes the envelope of a signed folder.
func changeEnvelope(t *testing.T, dir string, change func(*dsse.Envelope)) {
	t.Helper()
	path := filepath.Join(dir, "rows.intoto.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := dsse.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	change(e)
	if text, err = json.Marshal(e); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "rows.intoto.json", string(text))
}

// changeHint makes the bundle of a signed folder name another key.
func changeHint(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "model.sig"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "model.sig", regexp.MustCompile(`"hint":"[0-9a-f]{4}`).ReplaceAllString(string(text), `"hint":"zzzz`))
}

// weakKey writes weak.pub: an RSA key of that many bits, or a key on P-224.
func weakKey(bits int) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Setenv("GODEBUG", "rsa1024min=0") // so that the test can make the key
		var public any
		if bits == 224 {
			key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			public = key.Public()
		} else {
			key, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				t.Fatal(err)
			}
			public = key.Public()
		}
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, "weak.pub", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	}
}

func TestAttestRefuses(t *testing.T) {
	dir := signedFolder(t)
	put(t, dir, "public", "no key")
	for args, want := range map[string]string{
		"--key a --out x": "nothing to sign",
		"--key a --from-report run.json --folder model --out x":           "more than one thing to sign",
		"--key a --data rows.jsonl --data others.jsonl --out x":           "--data names 2 files",
		"--key a --from-report run.json --data others.jsonl --out x":      "are not the suspect rows of the report",
		"--key a --from-report rows.jsonl --out x":                        "--from-report rows.jsonl:",
		"--key a --data rows.jsonl --out x":                               "rows.jsonl: it has no manifest rows.jsonl.undertone.json",
		"--key a.pub --from-report run.json --out x":                      "it is a public key",
		"--key public --from-report run.json --out x":                     "--key public: keys: private key: it is not PEM",
		"--key absent --from-report run.json --out x":                     "--key absent: no such file",
		"--key a --key a --from-report run.json --out x":                  "has signed already",
		"--key a --folder model --out x":                                  "OpenSSF Model Signing has ECDSA keys alone",
		"--key a --key b --folder model --out x":                          "--folder needs exactly one --key",
		"--key b --folder model --ignore ../x --out x":                    "the path leaves the folder",
		"--key b --folder model --out model/x":                            "which lies in the folder model",
		"--key a --from-report run.json --ignore x --out x":               "--ignore and --shard-size need --folder",
		"--key b --folder model --valid-days 3 --out x":                   "--valid-days needs --from-report or --data",
		"--key a --envelope run.json --out x":                             "--envelope run.json: dsse: envelope:",
		"--key a --envelope rows.intoto.json --out x":                     "has signed already",
		"--key a --from-report run.json --data rows.jsonl --out run.json": "which is also --from-report",
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"attest"}, strings.Fields(args)...)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("attest %s: exit code %d, %q, %q, want 2 and %q", args, code, stdout, stderr, want)
		}
		if _, err := os.Lstat(filepath.Join(dir, "x")); err == nil {
			t.Errorf("attest %s writes a file", args)
		}
	}
}

func TestKeygen(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range keys.Kinds() {
		name := string(kind)
		var made madeKey
		stdout := must(t, dir, "keygen --json --out "+name+" --type "+name)
		if err := json.Unmarshal([]byte(stdout), &made); err != nil {
			t.Fatal(err)
		}
		private, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		key, err := keys.ParsePrivate(private)
		if err != nil {
			t.Fatal(err)
		}
		if key.ID() != made.ID || made.Type != kind || made.Public != name+".pub" {
			t.Errorf("%+v, want the key %s", made, key.ID())
		}
		if info, err := os.Stat(filepath.Join(dir, name)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
			t.Errorf("mode %v, error %v", info.Mode(), err)
		}
		block, _ := pem.Decode(private)
		if strings.Contains(stdout, base64.StdEncoding.EncodeToString(block.Bytes)[20:40]) {
			t.Error("keygen prints the private key")
		}
	}
	for args, want := range map[string]string{
		"--out p256":         "p256: the file exists; a key is not overwritten",
		"--out -":            "a private key is not printed",
		"--out x --type rsa": `must be one of "ed25519","p256","p384","p521"`,
		"--out absent/key":   "absent/key: cannot write: no such file",
	} {
		if _, stderr, code := execute(t, dir, "", append([]string{"keygen"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("keygen %s: exit code %d, %q, want %q", args, code, stderr, want)
		}
	}
}

// A private key that others can read is used, with a warning.
func TestOpenPrivateKey(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes of files")
	}
	dir := folder(t, map[string]string{"run.json": reportOn(t, petRows(3, 1))})
	must(t, dir, "keygen --out a")
	if err := os.Chmod(filepath.Join(dir, "a"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := execute(t, dir, "", "attest", "--key", "a", "--from-report", "run.json", "--out", "x")
	if code != 0 || !strings.Contains(stderr, "a: other users can read or write this private key (mode 0644)") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
