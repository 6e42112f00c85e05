// Command mails looks at what came to the mail sink of the demo.
//
//	go run ./hack/demo/mails -subject 'Happy birthday'               # the addresses it went to
//	go run ./hack/demo/mails -subject 'Happy birthday' -unsubscribe  # one click in the newest one
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

// patience with the sink and the gateway.
const patience = 20 * time.Second

func main() {
	sink := flag.String("sink", "http://10.217.0.1:30025", "page of the mail sink")
	subject := flag.String("subject", "", "how the subject begins")
	since := flag.String("since", "", "look only at mails that came since this moment (RFC 3339)")
	unsubscribe := flag.Bool("unsubscribe", false, "follow the link to unsubscribe of the newest mail, as the button of a mail program does, and print whom it went to")
	flag.Parse()
	if err := run(mailsink.Page{URL: *sink}, *subject, *since, *unsubscribe); err != nil {
		fmt.Fprintln(os.Stderr, "mails:", err)
		os.Exit(1)
	}
}

func run(sink mailsink.Page, subject, since string, unsubscribe bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begin, err := time.Parse(time.RFC3339, cmp.Or(since, "0001-01-01T00:00:00Z"))
	if err != nil {
		return fmt.Errorf("-since: %w", err)
	}
	list, err := sink.Messages(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m mailsink.Listed) bool {
		return !strings.HasPrefix(m.Subject, subject) || m.Time.Before(begin)
	})
	if unsubscribe {
		if len(list) == 0 {
			return fmt.Errorf("no mail whose subject begins with %q is among the newest", subject)
		}
		return oneClick(ctx, sink, list[0])
	}
	var addresses []string
	for _, m := range list {
		addresses = append(addresses, m.To...)
	}
	slices.Sort(addresses)
	for _, address := range addresses {
		fmt.Println(address)
	}
	return nil
}

// oneClick posts what the button of a mail program does (RFC 8058).
func oneClick(ctx context.Context, sink mailsink.Page, m mailsink.Listed) error {
	raw, err := sink.Raw(ctx, m.Number)
	if err != nil {
		return err
	}
	link, err := mailsink.UnsubscribeURL(raw)
	if err != nil {
		return err
	}
	// A gateway that has just come is known to all a moment later: mail programs try again as well.
	for {
		status, err := press(ctx, link)
		if err != nil {
			return err
		}
		if status < http.StatusInternalServerError {
			if status != http.StatusOK {
				return fmt.Errorf("the gateway answers %d", status)
			}
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the gateway answers %d: %w", status, context.Cause(ctx))
		case <-time.After(200 * time.Millisecond):
		}
	}
	fmt.Println(strings.Join(m.To, " "))
	return nil
}

// press posts what RFC 8058 says, and gives the status of the answer.
func press(ctx context.Context, link string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()))
	if err != nil {
		return 0, fmt.Errorf("the link of the mail: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// The certificate of hack/demo/door is nobody's but its own.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("posting one click: %w", err)
	}
	return answer.StatusCode, answer.Body.Close()
}
