package main

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// interval is the range of a number, as the tag range of a flag or a setting states it: ">= 1",
// "> 0", "[0, 1]" or "(0, 0.5)". Infinity and NaN are in no interval.
type interval struct {
	text                string
	least, most         float64
	openLeast, openMost bool
}

// intervalOf returns the range that a tag states; ok is false if it states none.
func intervalOf(text string) (i interval, ok bool) {
	if text == "" {
		return interval{}, false
	}
	i = interval{text: text, most: math.MaxFloat64}
	switch {
	case strings.HasPrefix(text, ">= "):
		i.least = bound(text[3:])
	case strings.HasPrefix(text, "> "):
		i.least, i.openLeast = bound(text[2:]), true
	default:
		least, most, _ := strings.Cut(text[1:len(text)-1], ", ")
		i.least, i.openLeast = bound(least), text[0] == '('
		i.most, i.openMost = bound(most), text[len(text)-1] == ')'
	}
	return i, true
}

func bound(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("the tag range has the bound %q", text))
	}
	return n
}

// want returns what an error demands, such as ">= 1" or "a number in (0, 0.5)".
func (i interval) want() string {
	if strings.HasPrefix(i.text, ">") {
		return i.text
	}
	return "a number in " + i.text
}

func (i interval) has(n float64) bool {
	return (n > i.least || n == i.least && !i.openLeast) && (n < i.most || n == i.most && !i.openMost)
}

// check returns an error if a number is outside, such as "0, want >= 1". A list must have all its
// numbers inside. A nil pointer is no number.
func (i interval) check(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return i.check(v.Elem())
	case reflect.Slice:
		for k := range v.Len() {
			if err := i.check(v.Index(k)); err != nil {
				return err
			}
		}
		return nil
	}
	var n float64
	switch {
	case v.CanInt(): // also a duration
		n = float64(v.Int())
	case v.CanUint():
		n = float64(v.Uint())
	default:
		n = v.Float()
	}
	if !i.has(n) {
		return fmt.Errorf("%v, want %s", v, i.want())
	}
	return nil
}

// isNumber reports whether a flag or a setting holds a number or numbers, and no name for one.
func isNumber(t reflect.Type) bool {
	if isText(t) {
		return false
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 && t.Kind() != reflect.Uintptr
}
