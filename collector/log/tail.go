package log

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// When the server finds a damaged record in the newest block of a stream, it cuts the block off
// there, sound records behind it included, and says nothing. So we look first how far the block
// goes and compare that with what was recovered.

const (
	recordHead = 22 // length, sequence, time, length of subject
	recordMin  = recordHead + 8
	lengthMask = 1<<31 - 1 // the top bit marks headers
	seqMask    = 1<<62 - 1 // the top bits mark deleted records
)

// lastStored returns the highest sequence in the newest block of a stream's directory, going by the
// lengths of the records only; 0 if there is none.
func lastStored(dir string) (uint64, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "msgs"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	newest := 0
	for _, e := range entries {
		if number, ok := strings.CutSuffix(e.Name(), ".blk"); ok {
			n, _ := strconv.Atoi(number)
			newest = max(newest, n)
		}
	}
	if newest == 0 {
		return 0, nil
	}
	f, err := os.Open(filepath.Join(dir, "msgs", strconv.Itoa(newest)+".blk"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return walkRecords(f, info.Size())
}

// walkRecords stops without an error at the first record that is cut off or has no sound length.
func walkRecords(block io.ReaderAt, size int64) (last uint64, err error) {
	var head [recordHead]byte
	for at := int64(0); at+recordMin <= size; {
		if _, err := block.ReadAt(head[:], at); err != nil {
			return last, err
		}
		length := int64(binary.LittleEndian.Uint32(head[:]) & lengthMask)
		if length < recordMin || at+length > size {
			break
		}
		last = max(last, binary.LittleEndian.Uint64(head[4:])&seqMask)
		at += length
	}
	return last, nil
}
