package model

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrNoDay is the answer of ReadExpiry to what is no day.
var ErrNoDay = errors.New("neither a date nor a number of days, weeks, months or years")

// ReadExpiry understands the day a credential ends as people write it: a date
// (2027-11-21), or how long from today it lives, as 90d, 12w, 6m or 1y. A month or
// a year from a day that the target month does not have is its last day. Nothing
// at all is the zero time, a credential without a known end. Days are UTC days.
func ReadExpiry(text string, now time.Time) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := parseDate(text); err == nil {
		return day, nil
	}
	number, unit := strings.TrimSpace(text[:len(text)-1]), text[len(text)-1:]
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 || n > 4000 {
		return time.Time{}, ErrNoDay
	}
	today := now.UTC().Truncate(24 * time.Hour)
	switch unit {
	case "d":
		return today.AddDate(0, 0, int(n)), nil
	case "w":
		return today.AddDate(0, 0, 7*int(n)), nil
	case "m":
		return addMonths(today, int(n)), nil
	case "y":
		if n > 100 {
			return time.Time{}, ErrNoDay
		}
		return addMonths(today, 12*int(n)), nil
	}
	return time.Time{}, ErrNoDay
}

// addMonths goes months ahead and stays within the month it comes to.
func addMonths(day time.Time, months int) time.Time {
	there := day.AddDate(0, months, 0)
	if there.Day() != day.Day() {
		there = there.AddDate(0, 0, -there.Day())
	}
	return there
}
