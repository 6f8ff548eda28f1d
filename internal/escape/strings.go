package escape

import (
	"reflect"
	"strings"
)

// Strings returns a copy of a report in which change was applied to every text: in exported fields,
// lists, maps and what pointers point to. Fields that are not part of the JSON (`json:"-"`), fields
// that are not exported, keys of maps, and values of interfaces are as in the report. The report is
// not changed.
func Strings[R any](report *R, change func(string) string) *R {
	return copied(reflect.ValueOf(report), change).Interface().(*R)
}

func copied(v reflect.Value, change func(string) string) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.String:
		c.SetString(change(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(copied(v.Elem(), change))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "-" {
				c.Field(i).Set(copied(v.Field(i), change))
			}
		}
	case reflect.Slice:
		if !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8 {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				c.Index(i).Set(copied(v.Index(i), change))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			c.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
			for key, value := range v.Seq2() {
				c.SetMapIndex(key, copied(value, change))
			}
		}
	}
	return c
}
