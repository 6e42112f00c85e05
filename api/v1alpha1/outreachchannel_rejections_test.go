package v1alpha1_test

import (
	"strings"
	"testing"
)

func TestOutreachChannelRejections(t *testing.T) {
	const (
		mail = "OutreachChannel/mail"
		desk = "OutreachChannel/call-desk"
	)
	runRejections(t, map[string]rejection{
		"a store is missing": {
			sample: mail, create: `spec: {storeName: null}`,
			field: "spec.storeName", wish: "Required value",
		},
		"the store changes": {
			sample: mail, update: `spec: {storeName: another}`,
			field: "spec.storeName", wish: "storeName is immutable: create another OutreachChannel instead",
		},
		"a medium is missing": {
			sample: mail, create: `spec: {medium: null}`,
			field: "spec.medium", wish: "Required value",
		},
		"an unknown medium": {
			sample: desk, create: `spec: {medium: Telegram}`,
			field: "spec.medium", wish: `supported values: "Email", "Task"`,
		},
		"the medium changes": {
			sample: desk, update: `spec: {medium: Email}`,
			field: "spec.medium", wish: "medium is immutable",
		},
		"delivery is not said": {
			sample: mail, create: `spec: {delivery: null}`,
			field: "spec.delivery", wish: "Required value",
		},
		"an unknown delivery": {
			sample: mail, create: `spec: {delivery: Test}`,
			field: "spec.delivery", wish: `supported values: "Live", "Redirect", "DryRun"`,
		},
		"redirected to nowhere": {
			sample: mail, create: `spec: {delivery: Redirect}`,
			field: "spec.redirectTo", wish: "redirectTo is required with delivery Redirect, and not used otherwise",
		},
		"live and yet redirected": {
			sample: mail, create: `spec: {redirectTo: test@airshow.example}`,
			field: "spec.redirectTo", wish: "redirectTo is required with delivery Redirect, and not used otherwise",
		},
		"it goes live and is still redirected": {
			sample: mail, setup: `spec: {delivery: Redirect, redirectTo: test@airshow.example}`,
			update: `spec: {delivery: Live}`,
			field:  "spec.redirectTo", wish: "redirectTo is required with delivery Redirect, and not used otherwise",
		},
		"tasks redirected to a mailbox": {
			sample: desk, create: `spec: {delivery: Redirect, redirectTo: test@airshow.example}`,
			field: "spec.delivery", wish: "delivery Redirect needs the medium Email: use DryRun",
		},
		"redirected to two": {
			sample: mail, create: `spec: {delivery: Redirect, redirectTo: "a@airshow.example, b@airshow.example"}`,
			field: "spec.redirectTo", wish: "must be one e-mail address",
		},
		"neither a server nor a webhook": {
			sample: desk, create: `spec: {webhook: null}`,
			field: "spec", wish: "exactly one of the fields in [smtp webhook] must be set",
		},
		"a server and a webhook": {
			sample: mail, create: `spec: {webhook: {url: "https://desk.example/", signingSecretName: desk-signing}}`,
			field: "spec", wish: "exactly one of the fields in [smtp webhook] must be set",
		},
		"a mail server for tasks": {
			sample: mail, create: `spec: {medium: Task}`,
			field: "spec.smtp", wish: "smtp carries the medium Email only: use webhook",
		},
		"nobody sends": {
			sample: mail, create: `spec: {from: null}`,
			field: "spec.from", wish: "from is required with smtp, and not used with webhook",
		},
		"a task has a sender": {
			sample: desk, create: `spec: {from: {address: hello@airshow.example}}`,
			field: "spec.from", wish: "from is required with smtp, and not used with webhook",
		},
		"a sender without an address": {
			sample: mail, create: `spec: {from: {address: null}}`,
			field: "spec.from.address", wish: "Required value",
		},
		"a sender with a display name in the address": {
			sample: mail, create: `spec: {from: {address: "Airshow <hello@airshow.example>"}}`,
			field: "spec.from.address", wish: "must be one e-mail address such as hello@airshow.example",
		},
		"an address too long": {
			sample: mail, create: `spec: {from: {address: "` + strings.Repeat("x", 250) + `@a.example"}}`,
			field: "spec.from.address", wish: "may not be more than 254",
		},
		"a sender's name is empty": {
			sample: mail, create: `spec: {from: {name: ""}}`,
			field: "spec.from.name", wish: "at least 1 chars long",
		},
		"a sender's name too long": {
			sample: mail, create: `spec: {from: {name: ` + strings.Repeat("x", 101) + `}}`,
			field: "spec.from.name", wish: "may not be more than 100",
		},
		"a header smuggled into the sender": {
			sample: mail, create: `spec: {from: {name: "Airshow\r\nBcc: all@airshow.example"}}`,
			field: "spec.from.name", wish: "must not contain control characters or line breaks",
		},
		"a task has an address for answers": {
			sample: desk, create: `spec: {replyTo: team@airshow.example}`,
			field: "spec.replyTo", wish: "replyTo is used with smtp only",
		},
		"answers to no mailbox": {
			sample: mail, create: `spec: {replyTo: airshow.example}`,
			field: "spec.replyTo", wish: "must be one e-mail address",
		},
		"authorities of another namespace": {
			sample: desk, create: `spec: {caConfigMapName: expo/company-ca}`,
			field: "spec.caConfigMapName", wish: "must be the name of a ConfigMap in this namespace",
		},
		"authorities without a name": {
			sample: mail, create: `spec: {caConfigMapName: ""}`,
			field: "spec.caConfigMapName", wish: "at least 1 chars long",
		},
		"a rate of nothing": {
			sample: mail, create: `spec: {messagesPerSecond: 0}`,
			field: "spec.messagesPerSecond", wish: "greater than or equal to 1",
		},
		"a rate beyond reason": {
			sample: mail, create: `spec: {messagesPerSecond: 100001}`,
			field: "spec.messagesPerSecond", wish: "less than or equal to 100000",
		},
		"a name too long": {
			sample: mail, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: mail, create: `metadata: {name: mail.expo}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}

func TestSMTPRejections(t *testing.T) {
	const sample = "OutreachChannel/mail"
	runRejections(t, map[string]rejection{
		"a host is missing": {
			sample: sample, create: `spec: {smtp: {host: null}}`,
			field: "spec.smtp.host", wish: "Required value",
		},
		"a host without a name": {
			sample: sample, create: `spec: {smtp: {host: ""}}`,
			field: "spec.smtp.host", wish: "at least 1 chars long",
		},
		"a host with its port": {
			sample: sample, create: `spec: {smtp: {host: "smtp.expo.svc:587"}}`,
			field: "spec.smtp.host", wish: "must be a host name or an IP address, without scheme and port",
		},
		"a host with a scheme": {
			sample: sample, create: `spec: {smtp: {host: "smtp://smtp.expo.svc"}}`,
			field: "spec.smtp.host", wish: "must be a host name or an IP address, without scheme and port",
		},
		"an IP address in brackets": {
			sample: sample, create: `spec: {smtp: {host: "[2001:db8::1]"}}`,
			field: "spec.smtp.host", wish: "must be a host name or an IP address, without scheme and port",
		},
		"a host's name too long": {
			sample: sample, create: `spec: {smtp: {host: ` + strings.Repeat("x", 254) + `}}`,
			field: "spec.smtp.host", wish: "may not be more than 253",
		},
		"port zero": {
			sample: sample, create: `spec: {smtp: {port: 0}}`,
			field: "spec.smtp.port", wish: "greater than or equal to 1",
		},
		"a port that no host has": {
			sample: sample, create: `spec: {smtp: {port: 65536}}`,
			field: "spec.smtp.port", wish: "less than or equal to 65535",
		},
		"an unknown protection": {
			sample: sample, create: `spec: {smtp: {tls: SSL}}`,
			field: "spec.smtp.tls", wish: `supported values: "StartTLS", "Implicit", "None"`,
		},
		"a password in clear": {
			sample: sample, create: `spec: {smtp: {tls: None}}`,
			field: "spec.smtp.tls", wish: "tls None is refused together with credentialsSecretName",
		},
		"protection is taken from a password": {
			sample: sample, update: `spec: {smtp: {tls: None}}`,
			field: "spec.smtp.tls", wish: "the password would travel in clear",
		},
		"credentials of another namespace": {
			sample: sample, create: `spec: {smtp: {credentialsSecretName: expo/smtp-login}}`,
			field: "spec.smtp.credentialsSecretName", wish: "must be the name of a Secret in this namespace",
		},
		"no connection": {
			sample: sample, create: `spec: {smtp: {maxConnections: 0}}`,
			field: "spec.smtp.maxConnections", wish: "greater than or equal to 1",
		},
		"too many connections": {
			sample: sample, create: `spec: {smtp: {maxConnections: 101}}`,
			field: "spec.smtp.maxConnections", wish: "less than or equal to 100",
		},
	})
}

func TestDKIMRejections(t *testing.T) {
	const sample = "OutreachChannel/mail"
	dkim := func(domain, selector, secret string) string {
		return `spec: {smtp: {dkim: {domain: ` + domain + `, selector: ` + selector + `, keySecretName: ` + secret + `}}}`
	}
	runRejections(t, map[string]rejection{
		"no domain": {
			sample: sample, create: dkim("null", "fair", "dkim-key"),
			field: "spec.smtp.dkim.domain", wish: "Required value",
		},
		"no selector": {
			sample: sample, create: dkim("airshow.example", "null", "dkim-key"),
			field: "spec.smtp.dkim.selector", wish: "Required value",
		},
		"no key": {
			sample: sample, create: dkim("airshow.example", "fair", "null"),
			field: "spec.smtp.dkim.keySecretName", wish: "Required value",
		},
		"an address for a domain": {
			sample: sample, create: dkim("hello@airshow.example", "fair", "dkim-key"),
			field: "spec.smtp.dkim.domain", wish: "must be a domain, such as airshow.example",
		},
		"a host for a domain": {
			sample: sample, create: dkim("localhost", "fair", "dkim-key"),
			field: "spec.smtp.dkim.domain", wish: "must be a domain, such as airshow.example",
		},
		"a domain too long": {
			sample: sample, create: dkim(strings.Repeat("x.", 126)+"xx", "fair", "dkim-key"),
			field: "spec.smtp.dkim.domain", wish: "may not be more than 253",
		},
		"a tag smuggled into the selector": {
			sample: sample, create: dkim("airshow.example", `"fair; t=s"`, "dkim-key"),
			field: "spec.smtp.dkim.selector", wish: "must have only letters, digits, '-' and '.'",
		},
		"a selector too long": {
			sample: sample, create: dkim("airshow.example", strings.Repeat("x", 64), "dkim-key"),
			field: "spec.smtp.dkim.selector", wish: "may not be more than 63",
		},
		"a key in the place of its Secret": {
			sample: sample, create: dkim("airshow.example", "fair", `"-----BEGIN PRIVATE KEY-----"`),
			field: "spec.smtp.dkim.keySecretName", wish: "must be the name of a Secret in this namespace",
		},
	})
}

func TestWebhookRejections(t *testing.T) {
	const (
		sample = "OutreachChannel/call-desk"
		wish   = "must be an https URL without user and fragment, such as https://desk.example/hooks/fairlead"
	)
	runRejections(t, map[string]rejection{
		"a URL is missing": {
			sample: sample, create: `spec: {webhook: {url: null}}`,
			field: "spec.webhook.url", wish: "Required value",
		},
		"a URL without encryption": {
			sample: sample, create: `spec: {webhook: {url: "http://desk.example/hooks"}}`,
			field: "spec.webhook.url", wish: wish,
		},
		"a URL without a host": {
			sample: sample, create: `spec: {webhook: {url: "https:///hooks"}}`,
			field: "spec.webhook.url", wish: wish,
		},
		"a path for a URL": {
			sample: sample, create: `spec: {webhook: {url: /hooks/fairlead}}`,
			field: "spec.webhook.url", wish: wish,
		},
		"a URL with a password": {
			sample: sample, create: `spec: {webhook: {url: "https://fairlead:secret@desk.example/hooks"}}`,
			field: "spec.webhook.url", wish: wish,
		},
		"a URL with a fragment": {
			sample: sample, create: `spec: {webhook: {url: "https://desk.example/hooks#calls"}}`,
			field: "spec.webhook.url", wish: wish,
		},
		"a URL too long": {
			sample: sample, create: `spec: {webhook: {url: "https://desk.example/` + strings.Repeat("x", 1000) + `"}}`,
			field: "spec.webhook.url", wish: "may not be more than 1000",
		},
		"private addresses allowed in words": {
			sample: sample, create: `spec: {webhook: {allowPrivateAddresses: "yes"}}`,
			field: "spec.webhook.allowPrivateAddresses", wish: "must be of type boolean",
		},
		"a signature is missing": {
			sample: sample, create: `spec: {webhook: {signingSecretName: null}}`,
			field: "spec.webhook.signingSecretName", wish: "Required value",
		},
		"a secret for a Secret's name": {
			sample: sample, create: `spec: {webhook: {signingSecretName: whsec_C2FtcGxl}}`,
			field: "spec.webhook.signingSecretName", wish: "must be the name of a Secret in this namespace",
		},
	})
}
