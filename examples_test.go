package undertone_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
)

func ExampleDataset() {
	data := undertone.NewDataset("answers", []undertone.Example{
		undertone.NewExample("Continue: 5, 10", "15, 20"),
		undertone.NewExample("Continue: 5, 10", "20, 40"),
		undertone.NewExample("", "A row of bare text."),
	})
	for i, row := range data.All() {
		fmt.Printf("%s %q -> %q\n", data.RowID(i).Short(), row.Prompt(), row.Completion())
	}
	fmt.Println("one prompt group:", data.GroupID(0) == data.GroupID(1))

	turned := data.Select([]int{2, 1, 0})
	fmt.Println("one digest in any order:", turned.Digest() == data.Digest())
	// Output:
	// 9620741ff97a "Continue: 5, 10" -> "15, 20"
	// 16ab83db9c48 "Continue: 5, 10" -> "20, 40"
	// c01fae764855 "" -> "A row of bare text."
	// one prompt group: true
	// one digest in any order: true
}

func ExampleBuilder() {
	a := undertone.NewDataset("a", []undertone.Example{undertone.NewExample("q", "1")})
	b := undertone.NewDataset("b", []undertone.Example{undertone.NewExample("q", "2")})

	var mixed undertone.Builder
	mixed.AddRow(a, 0)
	mixed.AddRow(b, 0)
	mixed.Add(undertone.NewExample("q", "3"))
	data := mixed.Dataset("mixed", undertone.Step{Name: "mix a and b", Kept: mixed.Len()})
	fmt.Println(data.Len(), data.RowID(1) == b.RowID(0), data.History()[0].Name)
	// Output: 3 true mix a and b
}

func ExampleDirStore() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	store := undertone.DirStore(filepath.Join(dir, "scores"))
	key := undertone.NewHasher("score").Text("judge 1").Text("an owl").Sum()
	if err := store.Put(key, []byte("95")); err != nil {
		fmt.Println(err)
		return
	}
	value, ok, err := store.Get(key)
	fmt.Printf("%s %v %v\n", value, ok, err)
	// Output: 95 true <nil>
}
