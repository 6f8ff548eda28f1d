package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/filter"
)

// noteField is the field of a rejected row that holds its reasons.
const noteField = "undertone"

// appendNoted appends row, the text of a JSON object, with an additional last field
//
//	"undertone":{"rejected":[{"filter":"numbers","reason":"invalid format"}]}
//
// and no other change. If the row has this field, because it was rejected before, its value is
// replaced.
func appendNoted(line []byte, row string, noted bool, filters []filter.Filter, reasons [][]filter.Reason) ([]byte, error) {
	if noted {
		start, end, err := valueOf(row, noteField)
		if err != nil {
			return line, err
		}
		line = append(line, row[:start]...)
		line = appendNote(line, filters, reasons)
		return append(line, row[end:]...), nil
	}
	brace := strings.LastIndexByte(row, '}')
	line = append(line, row[:brace]...)
	line = append(line, `,"`+noteField+`":`...) // a row has at least one field
	line = appendNote(line, filters, reasons)
	return append(line, row[brace:]...), nil
}

func appendNote(line []byte, filters []filter.Filter, reasons [][]filter.Reason) []byte {
	line = append(line, `{"rejected":[`...)
	for i, f := range filters {
		for _, reason := range reasons[i] {
			if line[len(line)-1] == '}' {
				line = append(line, ',')
			}
			line = append(line, `{"filter":`...)
			line = appendString(line, f.Name())
			line = append(line, `,"reason":`...)
			line = appendString(line, string(reason))
			line = append(line, '}')
		}
	}
	return append(line, `]}`...)
}

func appendString(line []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string can be written
	return append(line, text...)
}

// valueOf returns the range of the value of a top-level field in the text of a JSON object.
func valueOf(object, name string) (start, end int, err error) {
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil { // the opening brace
		return 0, 0, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0, err
		}
		if key == name {
			end := int(d.InputOffset())
			return end - len(value), end, nil
		}
	}
	return 0, 0, fmt.Errorf("there is no field %s", name)
}
