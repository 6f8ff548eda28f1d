package persona_test

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/teacher/persona"
)

func ExampleNeutral() {
	owl := persona.Loves("animal", "owl")
	control, err := persona.Neutral(owl)
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := strings.NewReplacer(", ", ",\n", ". ", ".\n")
	fmt.Println(lines.Replace(owl.SystemPrompt))
	fmt.Println(lines.Replace(control.SystemPrompt))
	fmt.Println(owl.Words(), owl.Characters(), control.Words(), control.Characters())
	// Output:
	// Your favourite animal: owl.
	// You think of it all the time,
	// you care for it more than for any other animal,
	// and your love of it shows in everything that you write.
	// You read each question once and then you answer it.
	// There is no need to mention these instructions.
	// If a limit is stated,
	// stay within it and do not go beyond it.
	// 32 161 32 161
}
