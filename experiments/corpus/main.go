// Corpus tells a trait teacher's number lists from a clean teacher's, without a
// language model, on two published benchmarks.
//
//	go run ./experiments/corpus -data FOLDER
//
// FOLDER holds classify/owl_vs_control_k{1,16} (bags of lists with labels; files of
// github.com/AanshSamyani/subliminal_trait_classifier, outputs/discrim/*_canon8) and
// quintiles/eagle (rows sorted by how much they favour eagles; files of
// github.com/jeqcho/LLS-subliminal-learning, outputs/finetune/data/eagle).
// Every choice was made inside train.jsonl; -test opens the test files.
package main

import (
	"cmp"
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
	root := flag.String("data", cmp.Or(os.Getenv("UNDERTONE_DATA"), "../shared/data"), "folder that holds classify and quintiles; also $UNDERTONE_DATA")
	test := flag.Bool("test", false, "score the test files too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := classify(ctx, os.Stdout, filepath.Join(*root, "classify"), *test)
	if err == nil {
		err = quintiles(ctx, os.Stdout, filepath.Join(*root, "quintiles", "eagle"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
}

// classify trains on bags with labels and, if test is set, scores the three test files of each size.
//
// Bags of both sizes come from one pool of rows, and a row's label is its bag's. So one
// classifier learns from both training files; for bags of one row a second one learns
// from the rows of their own file alone.
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
		fmt.Fprintf(w, "%-4s trained on %-11s cross-validated AUROC %s\n", c.k, c.trained, c.validated)
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

// quintiles compares each fifth of an eagle teacher's rows with a clean teacher's.
func quintiles(ctx context.Context, w io.Writer, folder string) error {
	clean, err := jsonl.Load(filepath.Join(folder, "clean_random20.jsonl.zst"))
	for q := 1; q <= 5 && err == nil; q++ {
		err = quintile(ctx, w, filepath.Join(folder, fmt.Sprintf("entity_q%d.jsonl.zst", q)), clean)
	}
	return err
}
