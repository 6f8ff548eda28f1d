package undertone

import (
	"errors"
	"testing"
)

// unread is Text whose row 1 cannot be read.
type unread struct {
	*Dataset
	err *error
}

func (u unread) Example(i int) Example {
	if i == 1 {
		*u.err = errors.New("the disk is gone")
		return Example{}
	}
	return u.Dataset.Example(i)
}

func (u unread) Err() error { return *u.err }

func TestReadExample(t *testing.T) {
	whole := NewDataset("whole", append(numbered(1), Example{}))
	for i := range 2 { // a row without messages is no error of a Dataset
		if _, err := ReadExample(whole, i); err != nil {
			t.Errorf("row %d: %v", i, err)
		}
	}
	rows := unread{NewDataset("unread", numbered(3)), new(error)}
	if err := ReadErr(whole, nil, rows); err != nil {
		t.Errorf("before a read: %v", err)
	}
	if row, err := ReadExample(rows, 0); err != nil || row.Completion() != "a0" {
		t.Errorf("row 0: %v, %v", row, err)
	}
	if _, err := ReadExample(rows, 1); err == nil {
		t.Error("row 1 was read")
	}
	if err := ReadErr(whole, nil, rows); err == nil || err != rows.Err() {
		t.Errorf("after a failed read: %v", err)
	}
}
