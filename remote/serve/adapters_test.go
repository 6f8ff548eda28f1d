package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// names returns the models that a server lists.
func names(t *testing.T, s *Server) (all []string) {
	t.Helper()
	var list cards
	if err := json.Unmarshal(send(s, "/v1/models", "").Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Data {
		all = append(all, c.ID)
	}
	return all
}

func loadBody(name, path string) string {
	return fmt.Sprintf(`{"lora_name":%q,"lora_path":%q}`, name, path)
}

// Adapters are loaded by absolute and by relative paths, replaced, and unloaded.
func TestLoadAdapters(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{AdapterRoot: root})
	score := `{"model":"a","prompt":[1,2,1393],"max_tokens":1,"temperature":0,"prompt_logprobs":0}`
	for _, step := range []struct {
		path, body string
		status     int
		says       string
		models     []string
	}{
		{"/v1/completions", score, 404, "does not exist", []string{"tiny"}},
		{"/v1/load_lora_adapter", loadBody("a", "owl"), 200, "Success: LoRA adapter 'a' added successfully.", []string{"tiny", "a"}},
		{"/v1/completions", score, 200, `"model":"a"`, []string{"tiny", "a"}},
		{"/v1/load_lora_adapter", loadBody("b", filepath.Join(root, "cat")), 200, "Success", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", loadBody("a", "cat"), 400, "already been loaded", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", `{"lora_name":"a","lora_path":"cat","load_inplace":true}`, 200, "Success", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", loadBody("tiny", "owl"), 400, "conflicts", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", loadBody("", "owl"), 400, "must be provided", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", loadBody("c", ""), 400, "must be provided", []string{"tiny", "a", "b"}},
		{"/v1/load_lora_adapter", loadBody("c\n", "owl"), 400, "not printable", []string{"tiny", "a", "b"}},
		{"/v1/unload_lora_adapter", `{"lora_name":"a"}`, 200, "Success: LoRA adapter 'a' removed successfully.", []string{"tiny", "b"}},
		{"/v1/unload_lora_adapter", `{"lora_name":"a"}`, 404, "cannot be found", []string{"tiny", "b"}},
		{"/v1/unload_lora_adapter", `{"lora_name":"tiny"}`, 404, "cannot be found", []string{"tiny", "b"}},
		{"/v1/unload_lora_adapter", `{}`, 400, "needs to be provided", []string{"tiny", "b"}},
		{"/v1/completions", score, 404, "does not exist", []string{"tiny", "b"}},
	} {
		w := send(s, step.path, step.body)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.says) {
			t.Errorf("%s %s: status %d, %s; want %d, %q", step.path, step.body, w.Code, w.Body, step.status, step.says)
		}
		if got := names(t, s); !slices.Equal(got, step.models) {
			t.Errorf("%s %s: the models are %q, want %q", step.path, step.body, got, step.models)
		}
	}
}

// A server without a folder of adapters neither loads nor unloads them.
func TestAdaptersAreFixed(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{Adapters: []Adapter{{"owl", filepath.Join(root, "owl")}}})
	for path, body := range map[string]string{"/v1/load_lora_adapter": loadBody("a", filepath.Join(root, "cat")), "/v1/unload_lora_adapter": `{"lora_name":"owl"}`} {
		if w := send(s, path, body); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "--adapter-root") {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
	if got := names(t, s); !slices.Equal(got, []string{"tiny", "owl"}) {
		t.Errorf("the models are %q", got)
	}
}

func TestAdapterLimit(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{AdapterRoot: root, Limits: Limits{Adapters: 1}})
	if w := send(s, "/v1/load_lora_adapter", loadBody("a", "owl")); w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	if w := send(s, "/v1/load_lora_adapter", loadBody("b", "cat")); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "limit") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

// No path leads out of the folder of adapters, and the answer does not tell what exists there.
func TestAdaptersOutsideTheRoot(t *testing.T) {
	outside := adapted(t)
	root := t.TempDir()
	link := func(target, name string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skipf("not checked: links out of the folder of adapters: %v", err)
		}
	}
	link(filepath.Join(outside, "owl"), "linked")
	link(outside, "parent")
	link(filepath.Join(outside, "owl", "adapter_config.json"), "files/adapter_config.json")
	link(filepath.Join(outside, "owl", "adapter_model.safetensors"), "files/adapter_model.safetensors")
	link("nowhere", "broken")
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, Config{AdapterRoot: root})
	up, err := filepath.Rel(root, filepath.Join(outside, "owl"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, path := range []string{
		filepath.Join(outside, "owl"), up, "linked", "parent/owl", "files", "broken", "file", "absent", ".", "..", root, "/", "/etc",
		"x\x00y", root + "x", "linked/../../" + filepath.Base(outside) + "/owl",
	} {
		w := send(s, "/v1/load_lora_adapter", loadBody("a", path))
		if w.Code != http.StatusBadRequest {
			t.Errorf("%q: status %d, %s", path, w.Code, w.Body)
		}
		said[w.Body.String()] = true
	}
	delete(said, `{"error":{"message":"the request is not valid JSON: invalid character 'x' in string escape code","type":"BadRequestError","param":null,"code":400}}`+"\n")
	if len(said) != 1 {
		t.Errorf("the answers differ: %v", said)
	}
	if got := names(t, s); !slices.Equal(got, []string{"tiny"}) {
		t.Errorf("the models are %q", got)
	}
}

// A folder that is no adapter is an error that says so, and adds nothing.
func TestDamagedAdapter(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, Config{AdapterRoot: root})
	w := send(s, "/v1/load_lora_adapter", loadBody("a", "empty"))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "adapter_config.json") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	if _, err := New(Config{Model: base(), Adapters: []Adapter{{"a", filepath.Join(root, "empty")}}}); err == nil {
		t.Error("New: no error")
	}
}
