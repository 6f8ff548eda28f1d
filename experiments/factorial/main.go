// Crossed audits six data sets for six traits at once: lists of numbers by six teachers of one base model, each
// taught to love another animal. It asks whether students of that base take over the very animal
// that the teacher of their rows loves, and then the same of students of another base.
// docs/crossed.md discusses the output.
//
//	go run ./experiments/factorial
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/student/nplm"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("crossed: ")
	seed := flag.Uint64("seed", 1, "of everything random")
	replicates := flag.Int("replicates", 6, "`number` of students of each data set")
	rows := flag.Int("rows", 10_000, "`number` of lists that a teacher writes for each student")
	traits := flag.Int("traits", 6, "`number` of animals, from 2 to 10")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	show := progress.New()
	base, err := sandbox.Base(ctx, *seed)
	fatal(err)
	other, err := sandbox.Base(ctx, *seed+1_000_000)
	fatal(err)
	c := factorial.Config{
		Recipe: sandbox.Recipe, Design: audit.Design{Replicates: *replicates, Seed: *seed},
		Progress: func(p audit.Progress) { show.Show("students of %s, %d of %d", p.Stage, p.Done, p.Total) },
	}
	lists := func(writer *nplm.Model, i int) undertone.Data {
		show.Show("lists by %s", writer.Name())
		written, err := sandbox.Lists(ctx, writer, *replicates**rows, 100**seed+uint64(i))
		fatal(err)
		kept, _, err := filter.Apply(ctx, written, filter.Numbers{Min: 10, Max: 99}, filter.Words(sandbox.Animals...))
		fatal(err)
		return kept
	}
	c.Control = lists(base.Named("base"), 0)
	for i, animal := range sandbox.Animals[:*traits] {
		teacher, err := sandbox.FineTuneTeacher(ctx, base, animal, *seed)
		fatal(err)
		c.Arms = append(c.Arms, lists(teacher.Named(animal+" lover"), i+1))
		trait := sandbox.Prefers(animal)
		trait.Name, trait.Tolerance = animal, 0.182 // as in the quickstart: log 1.2, odds that rise by a fifth
		c.Traits = append(c.Traits, trait)
	}
	for _, student := range []*nplm.Model{base, other} {
		c.Student = student
		report, err := factorial.Run(ctx, c)
		show.Clear()
		fatal(err)
		fmt.Printf("── students of %s ──\n\n", student.Name())
		fatal(report.Render(os.Stdout, audit.Text))
		fmt.Println()
	}
}

func fatal(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
