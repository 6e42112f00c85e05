package mailsink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"strings"
	"time"
)

// Page asks a sink that is somewhere else what came: by the page that hack/mailsink has of it.
type Page struct {
	// URL of the page, without a slash at its end.
	URL string
}

// Listed is what the page's list has of a message.
type Listed struct {
	// Number counts messages from one, in the order in which they were accepted.
	Number  int       `json:"number"`
	Time    time.Time `json:"time"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
}

// Messages are the newest ones, as many as the sink keeps; the newest comes first.
func (p Page) Messages(ctx context.Context) (list []Listed, err error) {
	answer, err := p.ask(ctx, "/api/messages")
	if err == nil {
		err = json.Unmarshal(answer, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the mail sink for its messages: %w", err)
	}
	return list, nil
}

// Recipients tells how many messages each address got since the sink was started.
func (p Page) Recipients(ctx context.Context) (map[string]int, error) {
	var counts struct{ Recipients map[string]int }
	answer, err := p.ask(ctx, "/api/counts")
	if err == nil {
		err = json.Unmarshal(answer, &counts)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the mail sink who got mail: %w", err)
	}
	return counts.Recipients, nil
}

// Raw is a message that the sink still keeps, byte for byte.
func (p Page) Raw(ctx context.Context, number int) ([]byte, error) {
	raw, err := p.ask(ctx, fmt.Sprintf("/api/messages/%d/raw", number))
	if err != nil {
		return nil, fmt.Errorf("asking the mail sink for message %d: %w", number, err)
	}
	return raw, nil
}

func (p Page) ask(ctx context.Context, path string) (content []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// HTML takes the html out of a message, as a mail program does.
func HTML(raw []byte) ([]byte, error) {
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the message: %w", err)
	}
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("reading what the message has in it: %w", err)
	}
	for parts := multipart.NewReader(read.Body, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err != nil {
			return nil, fmt.Errorf("looking for html in the message: %w", err)
		}
		if !strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			return io.ReadAll(quotedprintable.NewReader(part))
		}
		return io.ReadAll(part)
	}
}

// UnsubscribeURL is where the button of a mail program posts one click (RFC 8058).
func UnsubscribeURL(raw []byte) (string, error) {
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("reading the message: %w", err)
	}
	address := strings.TrimSpace(read.Header.Get("List-Unsubscribe"))
	if read.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.HasPrefix(address, "<") || !strings.HasSuffix(address, ">") {
		return "", errors.New("the message has no link to unsubscribe by one click")
	}
	return address[1 : len(address)-1], nil
}
