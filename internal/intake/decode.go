package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// longestRecord is the longest record, or line, in bytes after decoding.
const longestRecord = 1 << 20

// readAhead is the size of a buffer in bytes.
const readAhead = 1 << 16

// errTooLong is a line of more than longestRecord bytes. It was read to its end.
var errTooLong = errors.New("longer than 1 MiB")

// counter counts the bytes that went through; another goroutine may ask.
type counter struct {
	from  io.Reader
	count atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(buffer []byte) (int, error) {
	n, err := c.from.Read(buffer)
	c.count.Add(int64(n))
	return n, err
}

// decode unpacks a compressed file and decodes its text. A byte order mark has
// the last word on the encoding, as in browsers. decoded is false for UTF-8,
// which is handed on as it is.
func decode(from io.Reader, name string) (text *bufio.Reader, decoded bool, err error) {
	text = bufio.NewReaderSize(from, readAhead)
	if magic, _ := text.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(text)
		if err != nil {
			return nil, false, fmt.Errorf("unpacking the file: %w", err)
		}
		text = bufio.NewReaderSize(unpacked, readAhead)
	}
	mark, err := text.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("reading the file: %w", err)
	}
	var from16 encoding.Encoding
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		return text, false, skip(text, 3)
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}):
		from16 = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		from16 = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	if from16 == nil {
		if name == "" || isUTF8(name) {
			return text, false, nil
		}
		if from16, err = htmlindex.Get(name); err != nil {
			return nil, false, fmt.Errorf("finding the encoding %q: %w", name, err)
		}
	}
	text = bufio.NewReaderSize(transform.NewReader(text, from16.NewDecoder()), readAhead)
	if mark, _ := text.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		return text, true, skip(text, 3)
	}
	return text, true, nil
}

func skip(text *bufio.Reader, count int) error {
	if _, err := text.Discard(count); err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	return nil
}

// isUTF8 tells whether a name that htmlindex knows is one of UTF-8.
func isUTF8(name string) bool {
	found, err := htmlindex.Get(name)
	if err != nil {
		return false
	}
	canonical, err := htmlindex.Name(found)
	return err == nil && strings.EqualFold(canonical, "utf-8")
}

// lineReader reads a text line by line.
type lineReader struct {
	from *bufio.Reader
	// number of the last line, from 1.
	number int64
	long   []byte
}

// next gives a line with its end, until the call after; io.EOF when there is
// none. Only the last line of a file may lack an end.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.from.ReadSlice('\n')
	if err == nil {
		l.number++
		return line, nil
	}
	l.long = l.long[:0]
	tooLong := false
	for ; errors.Is(err, bufio.ErrBufferFull); line, err = l.from.ReadSlice('\n') {
		if tooLong = tooLong || len(l.long)+len(line) > longestRecord; !tooLong {
			l.long = append(l.long, line...)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading line %d: %w", l.number+1, err)
	}
	if tooLong = tooLong || len(l.long)+len(line) > longestRecord; tooLong {
		l.number++
		return nil, errTooLong
	}
	l.long = append(l.long, line...)
	if len(l.long) == 0 {
		return nil, io.EOF
	}
	l.number++
	return l.long, nil
}

// content of a line is what stands before its end: \n, \r\n, or a \r that is the
// last of the file. A \r elsewhere is content.
func content(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}
