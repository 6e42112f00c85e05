package mail

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReplies(t *testing.T) {
	for text, want := range map[string]struct {
		reply reply
		ok    bool
	}{
		"250 2.1.0 fine\r\n":               {reply{250, EnhancedCode{2, 1, 0}}, true},
		"250\r\n":                          {reply{250, EnhancedCode{}}, true},
		"250 \n":                           {reply{250, EnhancedCode{}}, true},
		"250-2.1.5 go\r\n250 2.1.5 on\r\n": {reply{250, EnhancedCode{2, 1, 5}}, true},
		"550 5.1.1\r\n":                    {reply{550, EnhancedCode{5, 1, 1}}, true},
		"550 5.1.1.1 is an address\r\n":    {reply{550, EnhancedCode{}}, true},
		"550 4.1.1 of another class\r\n":   {reply{550, EnhancedCode{}}, true},
		"550 5.1 short\r\n":                {reply{550, EnhancedCode{}}, true},
		"550 5.1234.1 long\r\n":            {reply{550, EnhancedCode{}}, true},
		"450 4.7.123 long\r\n":             {reply{450, EnhancedCode{4, 7, 123}}, true},
		"250-one\r\n251 two\r\n":           {},
		"25 short\r\n":                     {},
		"2500 long\r\n":                    {},
		"150 early\r\n":                    {},
		"650 late\r\n":                     {},
		"250x\r\n":                         {},
		"hello\r\n":                        {},
		"\r\n":                             {},
		"250 open":                         {},
		"":                                 {},
		"250 " + strings.Repeat("x", 5000) + "\n": {},
		strings.Repeat("250-x\r\n", 129):          {},
	} {
		got, err := readReply(bufio.NewReaderSize(strings.NewReader(text), readerSize), nil)
		if got != want.reply || (err == nil) != want.ok {
			t.Errorf("%.40q: %+v, %v", text, got, err)
		}
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte("250-2.1.0 a\r\n250 b\r\n354 go\r\n"))
	f.Add([]byte("550 5.1.1\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		read := func(from io.Reader) (replies []reply, err error) {
			reader := bufio.NewReaderSize(from, readerSize)
			for {
				r, err := readReply(reader, func([]byte) {})
				if err != nil {
					return replies, err
				}
				replies = append(replies, r)
			}
		}
		whole, err := read(bytes.NewReader(said))
		pieces, err2 := read(iotest.OneByteReader(bytes.NewReader(said)))
		if len(whole) != len(pieces) || err.Error() != err2.Error() {
			t.Fatalf("at once %v, %v; in pieces %v, %v", whole, err, pieces, err2)
		}
		for i, r := range whole {
			if r != pieces[i] || r.code < 200 || r.code > 599 || r.enhanced != (EnhancedCode{}) && r.enhanced.Class != r.kind() {
				t.Errorf("%+v, %+v", r, pieces[i])
			}
		}
		if said := string(said); len(said) > 3 && strings.Contains(err.Error(), said) {
			t.Errorf("the error repeats the server: %v", err)
		}
	})
}

func TestExtensions(t *testing.T) {
	var x extensions
	for _, line := range []string{"pipelining", "Size 1000", "AUTH login Plain", "8bitmime", "SMTPUTF8", "STARTTLS", "CHUNKING", "", "X"} {
		x.learn([]byte(line))
	}
	want := extensions{pipelining: true, startTLS: true, smtpUTF8: true, eightBit: true, size: true, largest: 1000, authPlain: true, authLogin: true}
	if x != want {
		t.Errorf("%+v", x)
	}
}
