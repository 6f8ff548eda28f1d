package main

import (
	"fmt"
	"time"
)

// pace tells the rate of some work and its remaining time.
type pace struct {
	start time.Time
	first int64 // done at the start
}

// rate returns the work per second; 0 if it is unknown.
func (p pace) rate(done int64, now time.Time) float64 {
	took := now.Sub(p.start).Seconds()
	if took <= 0 || done <= p.first {
		return 0
	}
	return float64(done-p.first) / took
}

// text returns the rate and the remaining time of done of total units, such as ", 3.2/s, 40s left";
// "" if they are unknown. A total of 0 is unknown.
func (p pace) text(done, total int64, now time.Time, unit func(rate float64) string) string {
	rate := p.rate(done, now)
	if rate == 0 {
		return ""
	}
	text := ", " + unit(rate)
	if total > done {
		left := time.Duration(float64(total-done) / rate * float64(time.Second))
		text += ", " + shortTime(left) + " left"
	}
	return text
}

// perSecond returns the text of a rate of items.
func perSecond(rate float64) string {
	switch {
	case rate >= 10:
		return fmt.Sprintf("%.0f/s", rate)
	case rate >= 0.1:
		return fmt.Sprintf("%.1f/s", rate)
	}
	return fmt.Sprintf("%.1f/min", 60*rate)
}

// bytesPerSecond returns the text of a rate of bytes.
func bytesPerSecond(rate float64) string { return size(int64(rate)) + "/s" }

// shortTime returns a duration in two units, such as 1h5m, 2m10s or 40s.
func shortTime(d time.Duration) string {
	switch {
	case d >= time.Hour:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", (d+time.Second/2)/time.Second)
}
