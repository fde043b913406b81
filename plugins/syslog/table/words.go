package table

import (
	"cmp"
	"errors"
	"slices"
)

// words finds any of many words in a text in one pass over it (Aho and Corasick). Octets that are in no word share a class, so
// that the whole machine stays in the processor's cache.
type words struct {
	class [256]uint8
	width int
	next  []uint16  // state × width + class
	finds [][]int32 // by state: the words that end there, longest first
}

var errTooManyWords = errors.New("the words of all messages have more than 65,000 letters or 255 different ones")

func newWords(all []string) (*words, error) {
	w := &words{width: 1}
	for _, word := range all {
		for i := range len(word) {
			if w.class[word[i]] == 0 {
				if w.width == 256 {
					return nil, errTooManyWords
				}
				w.class[word[i]] = uint8(w.width)
				w.width++
			}
		}
	}
	w.state()
	for i, word := range all {
		if err := w.add(word, int32(i)); err != nil {
			return nil, err
		}
	}
	w.connect(all)
	return w, nil
}

func (w *words) state() uint16 {
	w.next = append(w.next, make([]uint16, w.width)...)
	w.finds = append(w.finds, nil)
	return uint16(len(w.finds) - 1)
}

func (w *words) add(word string, n int32) error {
	at := uint16(0)
	for i := range len(word) {
		if len(w.finds) > 65000 {
			return errTooManyWords
		}
		cell := int(at)*w.width + int(w.class[word[i]])
		if w.next[cell] == 0 {
			w.next[cell] = w.state()
		}
		at = w.next[cell]
	}
	w.finds[at] = append(w.finds[at], n)
	return nil
}

// connect completes the tree to a machine: where it has no branch, it goes on from the longest ending that is in it.
func (w *words) connect(all []string) {
	back := make([]uint16, len(w.finds))
	queue := []uint16{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		w.finds[at] = append(w.finds[at], w.finds[back[at]]...)
		if at == 0 {
			w.finds[at] = nil
		}
		slices.SortStableFunc(w.finds[at], func(a, b int32) int { return cmp.Compare(len(all[b]), len(all[a])) })
		w.finds[at] = slices.Compact(w.finds[at])
		for c := range w.width {
			to, fall := w.next[int(at)*w.width+c], w.next[int(back[at])*w.width+c]
			if to == 0 {
				w.next[int(at)*w.width+c] = fall
				continue
			}
			if at != 0 {
				back[to] = fall
			}
			queue = append(queue, to)
		}
	}
}

// find calls yield with every word in the text, in the order of their ends, until it returns false.
func (w *words) find(text []byte, yield func(word int32, end int) bool) {
	state := 0
	for i, b := range text {
		state = int(w.next[state*w.width+int(w.class[b])])
		for _, n := range w.finds[state] {
			if !yield(n, i+1) {
				return
			}
		}
	}
}
