package main

import (
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// left makes a run to two firms, of which a worker that died an hour ago left one unknown.
func left(t *testing.T, url, key string) *store.Run {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plan := &outreach.Plan{
		Topic: "service", Window: 10, Attempts: 3, Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "Dear {{ .Contact.Name }}"}},
		Channel: outreach.Channel{
			Name: "expo/mail", Medium: "Email", Delivery: crm.DeliveryDryRun, MessagesPerSecond: 100,
			SMTP: &crm.SMTP{Host: "localhost", Port: 25, MaxConnections: 1}, From: &crm.Sender{Address: "hello@airshow.example"},
		},
	}
	text, err := plan.Text()
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Freeze(t.Context(), store.Freeze{Key: key, Medium: "Email", Plan: text, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, ""); err != nil {
		t.Fatal(err)
	}
	shards, err := s.LeaseShards(t.Context(), run.ID, 1, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), []store.Settlement{{Shard: shards[0], Next: 1}}, time.Second, store.Rate{}); err != nil {
		t.Fatal(err)
	}
	return run
}

// What a dead worker left is listed, and sent again or dropped as a person says.
func TestUnknownMessages(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		imported(t, exitOK, url, write(t, "crm.yaml", parties), write(t, "crm.csv", "number,name,country,email\nA,Falcon Ltd,GB,a@firm.example\nB,Merlin AG,GB,b@firm.example\n"))
		for _, statement := range []string{`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p`} {
			if _, err := connect(t, url).ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for _, key := range []string{"resent", "dropped", "cancelled"} {
			left(t, url, key)
			must(t, exitOK, "send", "--run-key", key, "--store", url, "--idle", "10ms")
		}
		on := func(key string, args ...string) []string { return append(args, "--run-key", key, "--store", url) }
		var unknown []unknownJSON
		mustJSON(t, exitOK, &unknown, nil, on("resent", "outreach", "unknown")...)
		if len(unknown) != 1 || unknown[0].Message != 1 || unknown[0].Customer == "" || !strings.HasSuffix(unknown[0].MessageID, ".1@airshow.example") || time.Since(unknown[0].Found) > time.Hour {
			t.Errorf("unknown are %+v", unknown)
		}
		if says := must(t, exitOK, on("resent", "outreach", "unknown")...); !strings.Contains(says, "MESSAGE-ID") || !strings.Contains(says, unknown[0].MessageID) {
			t.Errorf("unknown says\n%s", says)
		}
		if says := must(t, exitOK, on("resent", "outreach", "resolve", "--unknown", "resend", "--actor", "olga")...); says != "1 unknown messages of the run resent will be sent again.\n" {
			t.Errorf("resolve says %q", says)
		}
		must(t, exitOK, on("resent", "send", "--idle", "10ms")...)
		var resolved map[string]int64
		mustJSON(t, exitOK, &resolved, nil, on("dropped", "outreach", "resolve", "--unknown", "drop", "--actor", "olga")...)
		if resolved["resolved"] != 1 {
			t.Errorf("resolve says %v", resolved)
		}
		for _, key := range []string{"resent", "dropped"} {
			if says := must(t, exitOK, on(key, "outreach", "unknown")...); says != "No message of the run "+key+" is unknown.\n" {
				t.Errorf("afterwards unknown says %q", says)
			}
		}
		s, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for key, want := range map[string]store.MessageCounts{"resent": {Sent: 2}, "dropped": {Sent: 1, Skipped: 1}, "cancelled": {Sent: 1, Unknown: 1}} {
			run, err := s.RunByKey(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			if counts, err := s.MessagesOf(t.Context(), run.ID); err != nil || counts != want {
				t.Errorf("%s: the counts are %+v, %v", key, counts, err)
			}
			if key == "cancelled" {
				if _, err := s.SetRunState(t.Context(), run.ID, []store.RunState{store.RunSending}, store.RunCancelled, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, test := range []struct {
			want string
			code int
			args []string
		}{
			{"the run cancelled is Cancelled, so nothing of it is sent any more: pass --unknown drop", exitFailed, on("cancelled", "outreach", "resolve", "--unknown", "resend", "--actor", "olga")},
			{"the store has no run under this key: nothing", exitUsage, on("nothing", "outreach", "unknown")},
			{`--unknown "guess": want resend or drop`, exitUsage, on("resent", "outreach", "resolve", "--unknown", "guess")},
			{"which run? Pass --run-key KEY", exitUsage, []string{"outreach", "unknown", "--store", url}},
		} {
			if code, _, says := runCaptured(t, test.args...); code != test.code || !strings.Contains(says, test.want) {
				t.Errorf("%v ends with %d and says %s", test.args, code, says)
			}
		}
	})
}
