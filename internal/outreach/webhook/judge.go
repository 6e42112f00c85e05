package webhook

import (
	"net/http"
	"strconv"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/mail"
)

// longestWait bounds what a Retry-After is taken for.
const longestWait = 10 * time.Minute

// judge says what an answer makes of a message.
//
// A channel has one URL and one secret for all messages. So what speaks of who asks (401,
// 403), of where (404, 410 and every redirect) or of how (405, 415) would have met every
// recipient: it is trouble of the channel and nobody's failure, however long it takes to
// mend. What speaks of the request as it is (400, 413, 422) is the message's own failure,
// and so is any other 4xx: taken for the channel's it would be repeated for ever. An endpoint
// that cannot take one message answers 422, and never 404.
func judge(status int, retryAfter string, now time.Time) mail.Outcome {
	o := mail.Outcome{State: mail.StateFailed, Code: status}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		o.State, o.Channel, o.Wait = mail.StateDeferred, true, waitOf(retryAfter, now)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		// Of 409: an earlier request with the same Idempotency-Key is still being worked on.
		o.State = mail.StateDeferred
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusNotFound, http.StatusGone, http.StatusMisdirectedRequest,
		http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusLengthRequired, http.StatusUnsupportedMediaType, http.StatusUpgradeRequired:
		o.Channel = true
	default:
		switch {
		case status >= 500:
			o.State = mail.StateDeferred
		case status < 200 || status >= 300 && status < 400:
			o.Channel = true
		case status < 300:
			o.State = mail.StateSent
		}
	}
	return o
}

// waitOf reads a Retry-After: seconds, or a moment. 0 is for none that can be read.
func waitOf(retryAfter string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(retryAfter, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	if moment, err := http.ParseTime(retryAfter); err == nil {
		return max(0, min(moment.Sub(now), longestWait))
	}
	return 0
}
