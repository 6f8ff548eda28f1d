package external_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// TestMain makes the test binary a trainer too.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "fake-trainer" {
		if err := fakeTrainer(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "fake-undertone" {
		if err := fakeUndertone(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// command returns the command of a fake trainer. It runs for as long as the test.
func command(t testing.TB, behaviour string, more ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{self, "fake-trainer", behaviour}, more...)
}

// fakeUndertone runs a program that hangs, with a child, as undertone runs trainers and servers.
// The arguments are the file for the number of the child, the file for the log, and what the
// program does.
func fakeUndertone(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := external.StartService(context.Background(), external.ServiceConfig{
		Command: []string{self, "fake-trainer", args[2], args[0], "{model}{port}"}, Model: "/m", Log: args[1],
	})
	if err != nil {
		return err
	}
	<-s.Done()
	return s.Err()
}

// fakeTrainer does what a trainer does, or what a faulty one does.
func fakeTrainer(behaviour string, args []string) error {
	out := os.Getenv("UNDERTONE_OUT")
	switch behaviour {
	case "fails":
		fmt.Println("loading\x1b[2J")
		fmt.Fprintln(os.Stderr, "RuntimeError: CUDA out of memory")
		os.Exit(3)
	case "prints":
		fmt.Println(os.Getenv(args[0]))
		os.Exit(1)
	case "leaves nothing":
		return nil
	case "leaves an empty folder":
		return os.MkdirAll(out, 0o755)
	case "hangs":
		return hang(args)
	case "child":
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
	case "leaves a child":
		if err := startChild(args[0], nil); err != nil {
			return err
		}
		return trainLoRA(out, nil)
	case "leaves a daemon":
		if err := startDaemon(args[0]); err != nil {
			return err
		}
		return trainLoRA(out, nil)
	case "hangs with a daemon":
		if err := startDaemon(args[0]); err != nil {
			return err
		}
		time.Sleep(time.Hour)
	case "writes without end":
		line := strings.Repeat("x", 1<<20)
		for range 80 {
			fmt.Print(line)
		}
		fmt.Println("\nthe last line")
		os.Exit(1)
	case "hf":
		return trainAll(out)
	case "writes into the base":
		weights, err := os.OpenFile(filepath.Join(os.Getenv("UNDERTONE_BASE"), "model.safetensors"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		defer weights.Close()
		if err := trainLoRA(out, nil); err != nil {
			return err
		}
		_, err = weights.WriteString("x")
		return err
	case "links its model", "links its output":
		elsewhere := out + "-elsewhere"
		if err := trainLoRA(elsewhere, nil); err != nil {
			return err
		}
		if behaviour == "links its output" {
			return os.Symlink(elsewhere, out)
		}
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
		if err := os.Symlink(elsewhere, filepath.Join(out, "m")); err != nil {
			return err
		}
		return writeJSON(filepath.Join(out, "undertone.json"), map[string]any{"model": "m"})
	case "links its weights":
		if err := trainLoRA(out, nil); err != nil {
			return err
		}
		weights, elsewhere := filepath.Join(out, "adapter_model.safetensors"), out+"-elsewhere"
		return errors.Join(os.Rename(weights, elsewhere), os.Symlink(elsewhere, weights))
	case "leaves a file":
		return os.WriteFile(out, nil, 0o666)
	case "reverses the rows", "removes the rows", "edits the recipe":
		return errors.Join(trainLoRA(out, nil), spoilInput(behaviour))
	case "has one seed":
		return trainLoRA(out, faults[behaviour], func(*student.Recipe) uint64 { return 7 })
	case "knows the order only":
		return trainLoRA(out, faults[behaviour], func(r *student.Recipe) uint64 {
			text, _ := os.ReadFile(os.Getenv("UNDERTONE_DATA"))
			r.Seed = undertone.NewHasher("file").Text(string(text)).Sum().Uint64()
			return r.Seed
		})
	case "differs each time":
		return trainLoRA(out, faults[behaviour], func(*student.Recipe) uint64 { return rand.Uint64() })
	}
	return trainLoRA(out, faults[behaviour])
}

// spoilInput changes a file that the trainer was given.
func spoilInput(behaviour string) error {
	data := os.Getenv("UNDERTONE_DATA")
	switch behaviour {
	case "removes the rows":
		return os.Remove(data)
	case "edits the recipe":
		return os.WriteFile(os.Getenv("UNDERTONE_RECIPE"), []byte("{}"), 0o666)
	}
	text, err := os.ReadFile(data)
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(text), "\n")
	slices.Reverse(lines)
	return os.WriteFile(data, []byte(strings.Join(lines, "")), 0o666)
}

// hang ignores the request to end, and so does its child, whose process ID it writes to a file.
func hang(args []string) error {
	signal.Ignore(syscall.SIGTERM)
	if err := startChild(args[0], nil); err != nil {
		return err
	}
	time.Sleep(time.Hour)
	return nil
}

// startChild starts a process with attributes of the system, and writes its process ID to a file.
func startChild(file string, attributes *syscall.SysProcAttr) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "fake-trainer", "child")
	child.Stdout, child.Stderr, child.SysProcAttr = os.Stdout, os.Stderr, attributes
	if err := child.Start(); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strconv.Itoa(child.Process.Pid)), 0o666)
}

// trained trains the base on the rows that the environment names.
func trained(adapt func(*lm.Model, *student.Recipe) (*lm.Model, error)) (*lm.Model, int, error) {
	base, err := lm.Load(os.Getenv("UNDERTONE_BASE"))
	if err != nil {
		return nil, 0, err
	}
	var recipe student.Recipe
	text, err := os.ReadFile(os.Getenv("UNDERTONE_RECIPE"))
	if err == nil {
		err = json.Unmarshal(text, &recipe)
	}
	if err != nil {
		return nil, 0, err
	}
	r, err := jsonl.Open(os.Getenv("UNDERTONE_DATA"))
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	var rows []undertone.Example
	for row, err := range r.Rows() {
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, row.Example)
	}
	if base, err = adapt(base, &recipe); err != nil {
		return nil, 0, err
	}
	after, err := base.Train(context.Background(), undertone.NewDataset("rows", rows), recipe)
	if err != nil {
		return nil, 0, err
	}
	return after.(*lm.Model), len(rows), nil
}

// fault changes what a trainer leaves.
type fault func(out string, report map[string]any) error

// trainLoRA trains an adapter and writes it with the report of the contract. A seed is that of the
// adapter, and may change that of the recipe.
func trainLoRA(out string, change fault, seeds ...func(*student.Recipe) uint64) error {
	m, rows, err := trained(func(m *lm.Model, recipe *student.Recipe) (*lm.Model, error) {
		for _, other := range seeds {
			recipe.Seed = other(recipe)
		}
		return m.WithLoRA(lm.LoRA{Rank: 2, Seed: recipe.Seed})
	})
	if err != nil {
		return err
	}
	if err := m.SaveAdapter(out); err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Getenv("UNDERTONE_SEED"), 10, 64)
	if err != nil {
		return err
	}
	report := map[string]any{
		"kind": "peft", "base": os.Getenv("UNDERTONE_BASE"), "steps": 3, "rows_seen": rows, "seed": seed,
		"versions": map[string]any{"fake": "1.0", "torch": 2.15, "cuda": nil}, "hostname": "x",
	}
	if change != nil {
		if err := change(out, report); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(out, "undertone.json"), report)
}

// trainAll trains all weights and writes a folder of Hugging Face in the output folder.
func trainAll(out string) error {
	m, _, err := trained(func(m *lm.Model, _ *student.Recipe) (*lm.Model, error) { return m, nil })
	if err != nil {
		return err
	}
	if err := m.Save(filepath.Join(out, "final")); err != nil {
		return err
	}
	return writeJSON(filepath.Join(out, "undertone.json"), map[string]any{"model": "final"})
}

func writeJSON(path string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// faults are what goes wrong after a training.
var faults = map[string]fault{
	"writes half an adapter": func(out string, _ map[string]any) error {
		path := filepath.Join(out, "adapter_model.safetensors")
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		return os.Truncate(path, info.Size()/2)
	},
	"writes no weights": func(out string, _ map[string]any) error {
		return os.Remove(filepath.Join(out, "adapter_model.safetensors"))
	},
	"writes a pickle": func(out string, _ map[string]any) error {
		return os.Rename(filepath.Join(out, "adapter_model.safetensors"), filepath.Join(out, "adapter_model.bin"))
	},
	"writes an empty file": func(out string, _ map[string]any) error {
		return os.Truncate(filepath.Join(out, "adapter_model.safetensors"), 0)
	},
	"has another base": func(out string, _ map[string]any) error {
		return editConfig(out, "base_model_name_or_path", "meta-llama/Llama-3.1-8B")
	},
	"reports another base": func(_ string, report map[string]any) error {
		report["base"] = "meta-llama/Llama-3.1-8B"
		return nil
	},
	"has other shapes": func(out string, _ map[string]any) error {
		return editWeights(out, func(t *safetensors.Tensor) {
			if strings.Contains(t.Name, "lora_A") {
				t.Shape[1]--
				t.Float32s = t.Float32s[:t.Shape[0]*t.Shape[1]]
			}
		})
	},
	"diverges": func(out string, _ map[string]any) error {
		return editWeights(out, func(t *safetensors.Tensor) { t.Float32s[0] = float32(math.NaN()) })
	},
	"trains nothing": func(out string, _ map[string]any) error {
		return editWeights(out, func(t *safetensors.Tensor) {
			if strings.Contains(t.Name, "lora_B") {
				clear(t.Float32s)
			}
		})
	},
	"trains the output layer": func(out string, _ map[string]any) error {
		return editConfig(out, "modules_to_save", []string{"lm_head"})
	},
	"trains fewer rows": func(_ string, report map[string]any) error {
		report["rows_seen"] = 3
		return nil
	},
	"ignores the seed": func(_ string, report map[string]any) error {
		report["seed"] = 42
		return nil
	},
	"takes no step": func(_ string, report map[string]any) error {
		report["steps"] = 0
		return nil
	},
	"reports text": func(_ string, report map[string]any) error {
		report["rows_seen"] = "all"
		return nil
	},
	"names another folder": func(_ string, report map[string]any) error {
		report["model"] = "../../elsewhere"
		return nil
	},
	"names a server": func(_ string, report map[string]any) error {
		report["kind"], report["model"] = "server", "ft:8"
		return nil
	},
	"names an unknown kind": func(_ string, report map[string]any) error {
		report["kind"] = "gguf"
		return nil
	},
	"makes it worse": func(out string, _ map[string]any) error {
		return editWeights(out, func(t *safetensors.Tensor) {
			for i := range t.Float32s {
				t.Float32s[i] *= -40
			}
		})
	},
	"packs": func(_ string, report map[string]any) error {
		report["steps"] = 3 + os.Getpid()
		return nil
	},
	"reports nothing": func(_ string, report map[string]any) error {
		clear(report)
		return nil
	},
	"reports losses": func(_ string, report map[string]any) error {
		report["first_loss"], report["train_loss"] = 3.5, 2.5
		return nil
	},
}

// editConfig changes a field of adapter_config.json.
func editConfig(out, field string, value any) error {
	path := filepath.Join(out, "adapter_config.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	config[field] = value
	return writeJSON(path, config)
}

// editWeights changes the tensors of an adapter, and leaves out which base they belong to.
func editWeights(out string, edit func(*safetensors.Tensor)) error {
	path := filepath.Join(out, "adapter_model.safetensors")
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	var all []safetensors.Tensor
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		x, err := f.Float32s(name)
		if err != nil {
			return err
		}
		t := safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: info.Shape, Float32s: x}
		edit(&t)
		all = append(all, t)
	}
	if err := f.Close(); err != nil {
		return err
	}
	w, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := safetensors.Write(w, all, nil); err != nil {
		return err
	}
	return w.Close()
}
