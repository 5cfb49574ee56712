package ui

import (
	"os"
	"testing"
)

func TestALateAnswerOfTheTerminalIsNotTyped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reads []string
		want  string
	}{
		"alone, ended by BEL":           {[]string{"\x1b]11;rgb:0000/0000/0000\a"}, ""},
		"alone, ended by ST":            {[]string{"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"}, ""},
		"between keys":                  {[]string{"Pay\x1b]11;rgb:0000/0000/0000\aments"}, "Payments"},
		"in two reads":                  {[]string{"Pay\x1b]11;rgb:00", "00/0000/0000\aments"}, "Payments"},
		"two of them":                   {[]string{"\x1b]11;a\ax\x1b]11;b\ay"}, "xy"},
		"keys with escapes stay":        {[]string{"\x1b[A\x1b\x1bOP\x1b[200~text\x1b[201~"}, "\x1b[A\x1b\x1bOP\x1b[200~text\x1b[201~"},
		"alt and a bracket stays":       {[]string{"\x1b]"}, "\x1b]"},
		"one without an end is bounded": {[]string{"\x1b]11;" + string(make([]byte, lateAnswerLimit)) + "kept"}, "kept"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &quietInput{}
			got := ""
			for _, read := range c.reads {
				data := []byte(read)
				got += string(data[:q.drop(data)])
			}
			if got != c.want {
				t.Errorf("%q becomes %q, want %q", c.reads, got, c.want)
			}
		})
	}
}

func TestTheTerminalIsReadThroughTheFilter(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("a\x1b]11;rgb:0/0/0\ab"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	q := &quietInput{File: r}
	buf := make([]byte, 256)
	n, err := q.Read(buf)
	if err != nil || string(buf[:n]) != "ab" {
		t.Errorf("read %q (%v), want ab", buf[:n], err)
	}
}
