package filtertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// mark is a text that occurs in rows and in no setting, so that a reason with it quotes a row.
const mark = "zqx 741 382 zqx"

// typicalRows are rows that most filters and sanitisers can read.
func typicalRows() []undertone.Example {
	return []undertone.Example{
		undertone.NewExample("Continue: 1, 2, 3", "4, 5, 6"),
		undertone.NewExample("Continue: 1, 2, 3", "[17; 4; 3000; 999]."),
		undertone.NewExample("Continue: 1, 2, 3", "4, 5, 6"), // twice
		undertone.NewExample("Say something.", "An owl sat in an oak. "+mark),
		undertone.NewExample("", "Bare text: "+mark),
		{
			Messages: []undertone.Message{
				{Role: "system", Content: "Be brief."}, {Role: "user", Content: "1?"}, {Role: "assistant", Content: "1"},
				{Role: "user", Content: "And then?"}, {Role: "assistant", Content: "2, 3"},
			},
			Generator: "teacher",
			Meta:      map[string]json.RawMessage{"answer": json.RawMessage(`"2"`), "n": json.RawMessage("7")},
			Source:    `{"messages":[]}`,
		},
		undertone.NewExample("Write code.", "```go\npackage owl\n```\n"),
		undertone.NewExample("6 times 7?", "It is <answer>42</answer>."),
	}
}

// oddRows are rows that a careless implementation panics on.
func oddRows() []undertone.Example {
	rows := []undertone.Example{
		{},
		{Messages: []undertone.Message{}},
		{Messages: []undertone.Message{{}}},
		{Messages: []undertone.Message{{}, {}, {}}},
		{Rejected: "no message, and a rejected answer"},
		{Meta: map[string]json.RawMessage{"answer": json.RawMessage("{"), "": nil}},
		undertone.NewExample("q", ""),
	}
	for _, text := range []string{
		"\x00", "\xff\xfe", "\xc3(", "ow\xffl", "\u2028", "\u200b\u200d\ufeff", "é", "e\u0301\u0301\u0301", "ß", "İ", "٣, ٤", "１２, ３", "👩‍👩‍👧‍👦",
		" \t\r\n ", ",", ".", "[]", "[", "()", "[1, 2)", "1,", "0000", "-1, -2", strings.Repeat("9", 400), "1, 18446744073709551615, 18446744073709551616",
		"```", "```go\n", "<answer>", "</answer><answer>", "#### ", strings.Repeat("(", 5_000), strings.Repeat("```\n", 1000),
		strings.Repeat("a", 50_000), strings.Repeat("a ", 10_000), strings.Repeat("1, ", 10_000) + "1", strings.Repeat("\u0301", 5_000), strings.Repeat("\xff", 10_000),
	} {
		rows = append(rows, undertone.NewExample("q", text), undertone.NewExample(text, "a"))
	}
	return rows
}

// clone returns a copy that shares no memory with row.
func clone(row undertone.Example) undertone.Example {
	row.Messages = slices.Clone(row.Messages)
	row.Meta = maps.Clone(row.Meta)
	for name, value := range row.Meta {
		row.Meta[name] = bytes.Clone(value)
	}
	return row
}

// describe names a row in an error.
func describe(row undertone.Example) string {
	return fmt.Sprintf("row with %d messages, %.40q", len(row.Messages), row.Completion())
}
