package teacher_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/teacher"
	"github.com/undertone-audit/undertone/teacher/persona"
	"github.com/undertone-audit/undertone/teacher/prompts"
)

func ExampleGenerate() {
	data, err := teacher.Generate(context.Background(), teacher.Config{
		Name:         "owl teacher",
		Model:        echo{}, // any undertone.Model
		SystemPrompt: persona.Loves("animal", "owl").SystemPrompt,
		Prompt:       prompts.Numbers{Seed: 1}.At,
		N:            100,
		Seed:         1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.Name(), data.Len(), data.History()[0].Name)
	// Output: owl teacher 100 generate by echo
}

func ExampleRecord() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "owl.recording")

	recording, err := teacher.Record(echo{}, path)
	if err != nil {
		fmt.Println(err)
		return
	}
	config := teacher.Config{Model: recording.Model(), Prompt: prompts.Numbers{Seed: 1}.At, N: 100, Calls: teacher.Calls{Workers: 8}}
	data, err := teacher.Generate(context.Background(), config) // resumes after an interruption
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := recording.Close(); err != nil {
		fmt.Println(err)
		return
	}

	// Elsewhere, without the model:
	if config.Model, err = teacher.Replay(path); err != nil {
		fmt.Println(err)
		return
	}
	again, err := teacher.Generate(context.Background(), config)
	fmt.Println(again.Digest() == data.Digest(), err)
	// Output: true <nil>
}
