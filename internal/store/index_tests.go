package store

import (
	"bytes"
	"os"
	"strings"
	"time"

	"bbconnect/model"
)

// knownTests are the last tests by connector, and how much of tests.jsonl they
// come from.
type knownTests struct {
	mark fileMark
	// edge are the last bytes of the part that was read, to know it by: a file that
	// was written anew may have the number of an older one.
	edge string
	all  map[string]*model.TestRecord
	// worth says that the index knows so little of them that it should be written
	// anew.
	worth bool
}

// testsOf takes the last tests from the index, and from tests.jsonl what was
// added since. They are state: what cannot be read counts as never tested.
func (s *Store) testsOf(known *index) knownTests {
	mark, there := markOf(s.testsPath())
	if !there {
		return knownTests{}
	}
	old := known.tests
	if old.mark.number == mark.number && old.mark.size <= mark.size && old.mark.size > 0 && mark.number != 0 {
		if tests, ok := readTests(old.body); ok {
			if old.mark == mark && known.settled(mark) {
				return knownTests{mark: mark, edge: old.edge, all: tests}
			}
			if added, ok := tail(s.testsPath(), old, mark.size); ok {
				applyTests(tests, added)
				return knownTests{mark: mark, edge: edgeOf(old.edge, added), all: tests, worth: mark.size-old.mark.size > compactEvery}
			}
		}
	}
	data, err := read(s.testsPath(), maxList)
	if err != nil {
		return knownTests{}
	}
	tests, _, _ := parseTests(data)
	mark.size = int64(len(data)) // it may have grown since it was looked at
	return knownTests{mark: mark, edge: edgeOf("", data), all: tests, worth: mark.size > compactEvery}
}

// edgeSize is how much of what was read is remembered to know it by.
const edgeSize = 128

func edgeOf(before string, added []byte) string {
	if len(added) >= edgeSize {
		return string(added[len(added)-edgeSize:])
	}
	whole := before + string(added)
	return whole[max(0, len(whole)-edgeSize):]
}

// tail reads what was added behind the part that is known, when that part still
// ends as it did, with the end of a line.
func tail(path string, old indexedTests, to int64) ([]byte, bool) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	data := make([]byte, to-old.mark.size+int64(len(old.edge)))
	if n, err := file.ReadAt(data, old.mark.size-int64(len(old.edge))); err != nil || n != len(data) {
		return nil, false
	}
	if string(data[:len(old.edge)]) != old.edge || !strings.HasSuffix(old.edge, "\n") {
		return nil, false
	}
	return data[len(old.edge):], true
}

// applyTests adds lines of tests.jsonl.
func applyTests(tests map[string]*model.TestRecord, lines []byte) {
	for line := range bytes.Lines(lines) {
		applyTest(tests, line)
	}
}

// indexed is what the index keeps of them.
func (k knownTests) indexed() indexedTests {
	w := indexWriter{}
	w.number(uint64(len(k.all)))
	for key, t := range k.all {
		w.text(key)
		w.text(string(t.Verdict))
		w.signed(t.At.UnixNano())
		w.text(t.Code)
		w.text(t.What)
	}
	return indexedTests{mark: k.mark, edge: k.edge, body: string(w.data)}
}

func readTests(body string) (map[string]*model.TestRecord, bool) {
	r := indexReader{rest: body}
	n := r.count()
	tests, records := make(map[string]*model.TestRecord, n), make([]model.TestRecord, n)
	for i := range n {
		key := r.text()
		records[i] = model.TestRecord{Verdict: model.Verdict(r.text()), At: time.Unix(0, r.signed()).UTC(), Code: r.text(), What: r.text()}
		tests[key] = &records[i]
	}
	return tests, r.err == nil && r.rest == ""
}
