package jsonl

import "github.com/undertone-audit/undertone"

// spot is where a line holds text of a message. A text may have several spots in one copy, which it
// joins, and several copies.
type spot struct {
	turn       int // index of the message; rejectedAnswer for the rejected answer
	copy       int // number of the copy of the conversation
	field      undertone.Field
	start, end int // of the JSON value in the line, a string or null
}

// repeats is added to the number of a copy for texts that one message repeats.
const repeats = 10

// rejectedAnswer is the turn of a spot that holds the rejected answer.
const rejectedAnswer = -1

// spotting is what a Writer wants of a decoder.
type spotting struct {
	spotted bool
	copy    int
	shared  bool // the messages of a row share the memory of the decoder, until it reads another one
}

// spot records that the value from start to the current position is text of the next message.
func (d *decoder) spot(field undertone.Field, start int) {
	if d.spotted {
		d.addSpot(field, start)
	}
}

func (d *decoder) addSpot(field undertone.Field, start int) {
	d.spots = append(d.spots, spot{len(d.turns), d.copy, field, start, d.pos})
}

// spotRejected records that the value is the rejected answer.
func (d *decoder) spotRejected(start int) {
	if d.spotted {
		d.spots = append(d.spots, spot{rejectedAnswer, d.copy, undertone.Content, start, d.pos})
	}
}

// forget removes the spots of a message that turned out to be none.
func (d *decoder) forget(turn int) {
	kept := d.spots[:0]
	for _, s := range d.spots {
		if s.turn != turn {
			kept = append(kept, s)
		}
	}
	d.spots = kept
}

// move gives the spots of a turn to another one.
func (d *decoder) move(from, to int) {
	for i := range d.spots {
		if d.spots[i].turn == from {
			d.spots[i].turn = to
		}
	}
}

// relabel says that the spots from a position of the line on are of a field.
func (d *decoder) relabel(start int, field undertone.Field) {
	for i := range d.spots {
		if d.spots[i].start >= start {
			d.spots[i].field = field
		}
	}
}

// anotherCopy says that the spots from a position of the line on repeat a text.
func (d *decoder) anotherCopy(start int) {
	for i := range d.spots {
		if d.spots[i].start >= start {
			d.spots[i].copy += repeats
		}
	}
}
