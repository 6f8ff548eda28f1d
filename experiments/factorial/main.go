// Factorial audits six data sets for six traits in a crossed design. The data sets are lists of
// numbers by six teachers of one base model, each fine-tuned to love another animal. Does each data
// set give students of that base the preference of its teacher, more than it gives them the other
// five? The program asks the same about students of another base. README.md discusses the output.
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
	log.SetPrefix("factorial: ")
	seed := flag.Uint64("seed", 1, "seed of everything random")
	replicates := flag.Int("replicates", 6, "`number` of replicates per data set, >= 2")
	rows := flag.Int("rows", 10_000, "`number` of lists that each teacher writes per replicate, before the filters")
	traits := flag.Int("traits", 6, "`number` of animals, in [2, 10]")
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
		kept, _, err := filter.Apply(ctx, written, sandbox.Filters()...)
		fatal(err)
		return kept
	}
	c.Control = lists(base.Named("base"), 0)
	for i, animal := range sandbox.Animals[:*traits] {
		teacher, err := sandbox.FineTuneTeacher(ctx, base, animal, *seed)
		fatal(err)
		c.Arms = append(c.Arms, lists(teacher.Named(animal+" lover"), i+1))
		trait := sandbox.Prefers(animal)
		trait.Name, trait.Tolerance = animal, 0.182 // nats, as in the quickstart: log 1.2, so the odds rise by a fifth
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
