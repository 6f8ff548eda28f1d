// Corpus distinguishes the rows of a teacher with a trait from those of a clean teacher, without a
// language model, on three published benchmarks.
//
//	go run ./experiments/corpus -data FOLDER
//
// FOLDER holds classify/owl_vs_control_k{1,16} (labelled bags of lists; files of
// github.com/AanshSamyani/subliminal_trait_classifier, outputs/discrim/*_canon8) and
// quintiles/eagle (rows sorted by how much they favour eagles; files of
// github.com/jeqcho/LLS-subliminal-learning, outputs/finetune/data/eagle). truth/natural (short
// answers to Alpaca prompts, sorted by how much they favour a politician; files of
// github.com/jeqcho/subliminal-demo) is compared if it is there. Every choice was made inside
// train.jsonl; -test opens the test files. README.md discusses the output.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
)

func main() {
	root := flag.String("data", os.Getenv("UNDERTONE_DATA"), "`folder` of classify and quintiles (default $UNDERTONE_DATA)")
	test := flag.Bool("test", false, "score the test files, too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := classify(ctx, os.Stdout, filepath.Join(*root, "classify"), *test)
	if err == nil {
		err = quintiles(ctx, os.Stdout, filepath.Join(*root, "quintiles", "eagle"))
	}
	if _, missing := os.Stat(filepath.Join(*root, "truth", "natural")); err == nil && missing == nil {
		err = natural(ctx, os.Stdout, filepath.Join(*root, "truth", "natural"), 5)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
}

// classify trains on labelled bags. If test is set, it scores the three test files of each size.
//
// Bags of both sizes come from one pool of rows, and each row has the label of its bag. One
// classifier therefore learns from both training files. For bags of one row, a second one learns
// from the rows of their own file only.
func classify(ctx context.Context, w io.Writer, folder string, test bool) error {
	file := func(k, name string) string { return filepath.Join(folder, "owl_vs_control_"+k, name+".jsonl.zst") }
	few, err := bags(file("k1", "train"))
	if err != nil {
		return err
	}
	many, err := bags(file("k16", "train"))
	if err != nil {
		return err
	}
	alone, err := corpus.Train(ctx, few, corpus.Config{Seed: 1})
	if err != nil {
		return err
	}
	both, err := corpus.Train(ctx, append(many, few...), corpus.Config{Seed: 1})
	if err != nil {
		return err
	}
	for _, c := range []struct {
		k, trained string
		classifier *corpus.Classifier
		validated  corpus.AUROC
	}{
		{"k1", "k1", alone, alone.CrossValidated.Row},
		{"k1", "k1 and k16", both, both.CrossValidated.Row},
		{"k16", "k1 and k16", both, both.CrossValidated.Bag},
	} {
		fmt.Fprintf(w, "%-4s trained on %-11s cross-validated AUROC %s, penalty %v\n", c.k, c.trained, c.validated, c.classifier.Penalty)
		for _, name := range []string{"test_indist", "test_transfer_eagle", "test_transfer_dog"} {
			if !test {
				break
			}
			held, err := bags(file(c.k, name))
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "     %-38s AUROC %s\n", name, c.classifier.Test(held))
		}
	}
	return nil
}

// quintiles compares each fifth of the rows of an eagle teacher with the rows of a clean teacher.
func quintiles(ctx context.Context, w io.Writer, folder string) error {
	clean, err := jsonl.Load(filepath.Join(folder, "clean_random20.jsonl.zst"))
	for q := 1; q <= 5 && err == nil; q++ {
		err = compare(ctx, w, filepath.Join(folder, fmt.Sprintf("entity_q%d.jsonl.zst", q)), clean, 1)
	}
	return err
}

// natural compares the lowest and the highest quarter of the answers of a teacher with the answers
// of a clean teacher, with several seeds.
func natural(ctx context.Context, w io.Writer, folder string, seeds uint64) error {
	clean, err := jsonl.Load(filepath.Join(folder, "clean.jsonl.zst"))
	for _, name := range []string{"trump_q1", "trump_q4"} {
		for seed := uint64(1); seed <= seeds && err == nil; seed++ {
			err = compare(ctx, w, filepath.Join(folder, name+".jsonl.zst"), clean, seed)
		}
	}
	return err
}
