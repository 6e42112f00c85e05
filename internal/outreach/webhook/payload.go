package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// PayloadType is the type of every payload.
const PayloadType = "outreach.message"

// Payload is what is posted, as docs/reference/webhooks.md tells whoever takes it. Fields
// may be added to it.
type Payload struct {
	// Type is PayloadType.
	Type string `json:"type"`
	// Timestamp is when the run was planned. It is the same whenever a message is posted
	// again: endpoints may compare bodies that have one Idempotency-Key.
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is one message to one recipient.
type Data struct {
	// RunKey is that of the run (spec.runKey of its Outreach).
	RunKey string `json:"runKey"`
	// MessageID is the message's own within the endpoint, as in the header webhook-id.
	MessageID string `json:"messageId"`
	// Medium that carries the message, and Topic that it is about.
	Medium string `json:"medium"`
	Topic  string `json:"topic"`
	// Recipient is who is to get the message, and Customer whom the recipient belongs to.
	Recipient Recipient `json:"recipient"`
	Customer  Customer  `json:"customer"`
	// Subject, Text and HTML as the templates of the message make them; one of the bodies
	// may be absent.
	Subject string `json:"subject"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"`
	// UnsubscribeURL ends messages of the topic, if there is such a link.
	UnsubscribeURL string `json:"unsubscribeUrl,omitempty"`
}

// Recipient is who is to get a message.
type Recipient struct {
	// Address of the contact point of the medium.
	Address string `json:"address"`
	Name    string `json:"name,omitempty"`
	// Locale as the store has it, a BCP 47 tag.
	Locale string `json:"locale,omitempty"`
}

// Customer is whom a recipient belongs to.
type Customer struct {
	Code string `json:"code"`
}

// Append appends the JSON of the payload to a buffer.
func (p *Payload) Append(buffer []byte) ([]byte, error) {
	out := bytes.NewBuffer(buffer)
	encoder := json.NewEncoder(out)
	// It is nobody's web page, and shorter without.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		return buffer, fmt.Errorf("writing the payload: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
