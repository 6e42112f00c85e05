package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

// hostile is a message that tries what it can.
const hostile = "From: \"<b>Mallory</b>\" <mallory@evil.example>\r\n" +
	"To: <victim@x.example>\r\n" +
	"Subject: =?utf-8?q?=3Cscript=3Ealert=281=29=3C=2Fscript=3E=22_onload=3D=22x?=\r\n" +
	"Message-ID: <1@evil.example>\r\n" +
	"X-Evil: </pre><script>alert(2)</script>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe </pre><img src=3Dx onerror=3Dalert(3)>\r\n" +
	"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD5hbGVydCg0KTwvc2NyaXB0Pjxw\r\nPmhlbGxvPC9wPg==\r\n" +
	"--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"<i>.png\"\r\n\r\n1234\r\n" +
	"--b--\r\n"

// page starts a sink with these messages, and the page of it.
func page(t *testing.T, messages ...string) (*mailsink.Sink, *httptest.Server) {
	t.Helper()
	sink, err := mailsink.Start(mailsink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newWeb(sink))
	t.Cleanup(func() {
		server.Close()
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, message := range messages {
		if err := smtp.SendMail(sink.Addr(), nil, "mallory@evil.example", []string{"victim@x.example"}, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	return sink, server
}

// get reads a page, whose status must be as said.
func get(t *testing.T, server *httptest.Server, path string, status int) (string, http.Header) {
	t.Helper()
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response, status)
}

func read(t *testing.T, response *http.Response, status int) (string, http.Header) {
	t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Errorf("status %d, want %d, %v: %s", response.StatusCode, status, err, content)
	}
	return string(content), response.Header
}

func TestHostileMessageIsTamed(t *testing.T) {
	_, server := page(t, hostile)
	list, header := get(t, server, "/", 200)
	shown, _ := get(t, server, "/messages/1", 200)
	for name, content := range map[string]string{"list": list, "message": shown} {
		for _, tag := range []string{"<script", "<img", "<b>", "<i>"} {
			if strings.Contains(content, tag) {
				t.Errorf("the %s holds %s", name, tag)
			}
		}
		if !strings.Contains(content, "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onload=&#34;x") {
			t.Errorf("the %s has no subject: %s", name, content)
		}
	}
	for _, want := range []string{"Grüße &lt;/pre&gt;", "&lt;i&gt;.png, image/png, 4 B", "X-Evil: &lt;/pre&gt;", `<iframe sandbox="" `} {
		if !strings.Contains(shown, want) {
			t.Errorf("the message lacks %q: %s", want, shown)
		}
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy of pages is %q", policy)
	}
	html, header := get(t, server, "/messages/1/html", 200)
	if html != "<script>alert(4)</script><p>hello</p>" || header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the HTML is %q, %s", html, header.Get("Content-Type"))
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none';") || strings.Contains(policy, "script") || strings.Contains(policy, "allow-") {
		t.Errorf("the policy of messages is %q", policy)
	}
	for _, path := range []string{"/messages/1/raw", "/api/messages/1/raw"} {
		raw, header := get(t, server, path, 200)
		if raw != hostile || header.Get("Content-Type") != "message/rfc822" || header.Get("X-Content-Type-Options") != "nosniff" ||
			header.Get("Content-Disposition") != `attachment; filename="message-1.eml"` {
			t.Errorf("%s gives %v, %q", path, header, raw)
		}
	}
}

// What is no good message is shown as far as it goes.
func TestBrokenMessages(t *testing.T) {
	deep := strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\npart\r\n", maxParts+1) + "--b--\r\n"
	_, server := page(t,
		"no header at all <here>\r\n",
		"Subject: x\r\nContent-Type: text/plain; charset=klingon\r\n\r\nnuqneH \xff\r\n",
		"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nhalf",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n"+deep,
		"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
		"\r\n",
	)
	for number, want := range []string{"no header at all &lt;here&gt;", "nuqneH \uFFFD", "could not be read", "only the first 100 parts", "could not be read", "(no subject)"} {
		shown, _ := get(t, server, fmt.Sprintf("/messages/%d", number+1), 200)
		if !strings.Contains(shown, want) {
			t.Errorf("message %d lacks %q: %s", number+1, want, shown)
		}
	}
	for _, path := range []string{"/messages/0", "/messages/7", "/messages/x", "/messages/-1/raw", "/messages/9/html", "/nosuch"} {
		get(t, server, path, 404)
	}
}

func TestListIsInPages(t *testing.T) {
	var messages []string
	for i := range shown + 5 {
		messages = append(messages, fmt.Sprintf("Subject: number %d\r\n\r\nx\r\n", i+1))
	}
	_, server := page(t, messages...)
	first, _ := get(t, server, "/", 200)
	if !strings.Contains(first, ">number 105<") || strings.Contains(first, ">number 5<") || !strings.Contains(first, `href="/?before=6"`) {
		t.Error("the first page is not of the newest messages")
	}
	second, _ := get(t, server, "/?before=6", 200)
	if !strings.Contains(second, ">number 5<") || strings.Contains(second, ">number 6<") || strings.Contains(second, "?before=") {
		t.Error("the second page is not of the rest")
	}
}

func TestFiguresForPrograms(t *testing.T) {
	_, server := page(t, hostile, hostile, "Subject: x\r\n\r\n")
	content, _ := get(t, server, "/api/counts", 200)
	var counts struct {
		Total, MessageIDs    int
		Recipients, Repeated map[string]int
	}
	if err := json.Unmarshal([]byte(content), &counts); err != nil || counts.Total != 3 || counts.MessageIDs != 1 ||
		counts.Recipients["victim@x.example"] != 3 || counts.Repeated["<1@evil.example>"] != 2 {
		t.Errorf("counts are %s, %v", content, err)
	}
	content, _ = get(t, server, "/api/messages", 200)
	var messages []struct {
		Number, Size             int
		From, Subject, MessageID string
		To                       []string
		Time                     time.Time
	}
	if err := json.Unmarshal([]byte(content), &messages); err != nil || len(messages) != 3 || messages[0].Number != 3 ||
		messages[1].MessageID != "<1@evil.example>" || messages[1].Size != len(hostile) || messages[1].To[0] != "victim@x.example" {
		t.Errorf("messages are %s, %v", content, err)
	}
}

func post(t *testing.T, server *httptest.Server, path, kind, body string, status int) string {
	t.Helper()
	response, err := server.Client().Post(server.URL+path, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	content, _ := read(t, response, status)
	return content
}

func TestFaultsOfPrograms(t *testing.T) {
	sink, server := page(t)
	set := `[{"kind": "RejectRecipient", "code": 451, "share": 0.1, "seed": 7, "times": 1}, {"kind": "Delay", "delay": "1.5s"}]`
	answer := post(t, server, "/api/faults", "application/json", set, 200)
	if faults := sink.Faults(); len(faults) != 2 || faults[1].Delay != 1500*time.Millisecond || faults[0].Seed != 7 {
		t.Errorf("faults are %v", faults)
	}
	if again := post(t, server, "/api/faults", "application/json", answer, 200); again != answer {
		t.Errorf("%s became %s", answer, again)
	}
	for _, wrong := range []string{``, `{}`, `[{"kind": "Explode"}]`, `[{"kind": "Outage", "wen": "now"}]`, `[{"kind": "Delay", "delay": "long"}]`, `[] []`, `[{"kind": "Delay", "delay": 5}]`} {
		if answer := post(t, server, "/api/faults", "application/json", wrong, 400); !strings.Contains(answer, `"error"`) {
			t.Errorf("%s gives %s", wrong, answer)
		}
	}
	if len(sink.Faults()) != 2 {
		t.Error("something wrong has changed the faults")
	}
	post(t, server, "/api/faults", "application/json", "[]", 200)
	if len(sink.Faults()) != 0 {
		t.Error("faults have not ended")
	}
}

func TestFaultsOfPeople(t *testing.T) {
	sink, server := page(t)
	form := func(status int, pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return post(t, server, "/faults", "application/x-www-form-urlencoded", values.Encode(), status)
	}
	form(200, "action", "begin", "kind", "RejectRecipient", "code", "550", "enhanced", "5.1.1", "percent", "25", "recipients", "a@x.example, b@x.example\r\nc@x.example")
	shown := form(200, "action", "begin", "kind", "Delay", "delay", "2s")
	faults := sink.Faults()
	if len(faults) != 2 || faults[0].Share != 0.25 || len(faults[0].Recipients) != 3 || faults[1].Delay != 2*time.Second {
		t.Errorf("faults are %+v", faults)
	}
	for _, want := range []string{"RejectRecipient 550 5.1.1, for a@x.example, b@x.example, c@x.example, for a share of 0.25", "Delay, by 2s"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page lacks %q: %s", want, shown)
		}
	}
	if shown := form(400, "kind", "RejectMessage", "code", "<b>"); !strings.Contains(shown, "&lt;b&gt;") || len(sink.Faults()) != 2 {
		t.Errorf("something wrong gives %s", shown)
	}
	request, _ := http.NewRequest(http.MethodPost, server.URL+"/faults", strings.NewReader("action=end"))
	request.Header.Set("Origin", "https://evil.example")
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, response, 403); len(sink.Faults()) != 2 {
		t.Error("another site has ended the faults")
	}
	form(200, "action", "end")
	if len(sink.Faults()) != 0 {
		t.Error("faults have not ended")
	}
}
