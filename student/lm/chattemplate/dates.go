package chattemplate

import (
	"fmt"
	"strings"
	"time"
)

// date is the day that a template gets from strftime_now.
type date struct{ time.Time }

// Today is the day that a template gets from strftime_now: a rendering does not depend on the day
// on which it is made. It is the day that Llama 3.1 to 3.3 write if there is no strftime_now.
var today = date{time.Date(2024, time.July, 26, 0, 0, 0, 0, time.UTC)}

// Today is the text of the day that templates get from strftime_now.
const Today = "26 Jul 2024"

// strftime formats a date as C's strftime does in the locale "C".
func (d date) strftime(format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		plain := format[i] == '-' && i+1 < len(format) // without zeros in front
		if plain {
			i++
		}
		text, ok := d.directive(format[i])
		if !ok {
			b.WriteString("%")
			b.WriteString(strings.Repeat("-", map[bool]int{true: 1}[plain]))
			b.WriteByte(format[i])
			continue
		}
		if plain {
			if text = strings.TrimLeft(text, "0 "); text == "" {
				text = "0"
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

func (d date) directive(c byte) (string, bool) {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06",
		'R': "15:04", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	}
	if layout, ok := layouts[c]; ok {
		return d.Format(layout), true
	}
	switch c {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'j':
		return fmt.Sprintf("%03d", d.YearDay()), true
	case 'w':
		return fmt.Sprint(int(d.Weekday())), true
	case 'Z', 'z':
		return "", true
	}
	return "", false
}
