package v1alpha1_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestCustomerStoreRejections(t *testing.T) {
	const (
		sample = "CustomerStore/crm"
		sqlite = `spec: {postgres: null, sqlite: {fileName: crm.db}}`
	)
	runRejections(t, map[string]rejection{
		"no database": {
			sample: sample, create: `spec: {postgres: null}`,
			field: "spec", wish: "exactly one of the fields in [postgres sqlite] must be set",
		},
		"two databases": {
			sample: sample, create: `spec: {sqlite: {fileName: crm.db}}`,
			field: "spec", wish: "exactly one of the fields in [postgres sqlite] must be set",
		},
		"the manager has no connection": {
			sample: sample, create: `spec: {postgres: {connectionSecretName: null}}`,
			field: "spec.postgres.connectionSecretName", wish: "Required value",
		},
		"workers have no connection": {
			sample: sample, create: `spec: {postgres: {workerConnectionSecretName: null}}`,
			field: "spec.postgres.workerConnectionSecretName", wish: "Required value",
		},
		"workers connect as the manager": {
			sample: sample, create: `spec: {postgres: {workerConnectionSecretName: crm-database}}`,
			field: "spec.postgres.workerConnectionSecretName",
			wish:  "workerConnectionSecretName must be another Secret than connectionSecretName",
		},
		"the gateway as the owner": {
			sample: sample, create: `spec: {postgres: {gatewayConnectionSecretName: crm-database}}`,
			field: "spec.postgres.gatewayConnectionSecretName",
			wish:  "gatewayConnectionSecretName must be another Secret than those of the manager and of workers",
		},
		"the gateway as a worker": {
			sample: sample, create: `spec: {postgres: {gatewayConnectionSecretName: crm-database-worker}}`,
			field: "spec.postgres.gatewayConnectionSecretName",
			wish:  "gatewayConnectionSecretName must be another Secret than those of the manager and of workers",
		},
		"a Secret's name is no name": {
			sample: sample, create: `spec: {postgres: {connectionSecretName: CRM_DATABASE}}`,
			field: "spec.postgres.connectionSecretName", wish: "must be the name of a Secret in this namespace",
		},
		"a Secret's name is empty": {
			sample: sample, create: `spec: {postgres: {connectionSecretName: ""}}`,
			field: "spec.postgres.connectionSecretName", wish: "at least 1 chars long",
		},
		"a Secret's name too long": {
			sample: sample, create: `spec: {postgres: {connectionSecretName: ` + strings.Repeat("x", 254) + `}}`,
			field: "spec.postgres.connectionSecretName", wish: "may not be more than 253",
		},
		"too few connections": {
			sample: sample, create: `spec: {postgres: {maxConnections: 1}}`,
			field: "spec.postgres.maxConnections", wish: "greater than or equal to 2",
		},
		"too many connections": {
			sample: sample, create: `spec: {postgres: {maxConnections: 201}}`,
			field: "spec.postgres.maxConnections", wish: "less than or equal to 200",
		},
		"a file without a name": {
			sample: sample, setup: sqlite, create: `spec: {sqlite: {fileName: null}}`,
			field: "spec.sqlite.fileName", wish: "Required value",
		},
		"a file in a folder": {
			sample: sample, setup: sqlite, create: `spec: {sqlite: {fileName: ../crm.db}}`,
			field: "spec.sqlite.fileName", wish: "must be a file name ending in .db",
		},
		"a file of another kind": {
			sample: sample, setup: sqlite, create: `spec: {sqlite: {fileName: crm.sqlite3}}`,
			field: "spec.sqlite.fileName", wish: "must be a file name ending in .db",
		},
		"a file's name too long": {
			sample: sample, setup: sqlite, create: `spec: {sqlite: {fileName: ` + strings.Repeat("x", 98) + `.db}}`,
			field: "spec.sqlite.fileName", wish: "may not be more than 100",
		},
		"a currency is missing": {
			sample: sample, create: `spec: {reportingCurrency: null}`,
			field: "spec.reportingCurrency", wish: "Required value",
		},
		"a currency in small letters": {
			sample: sample, create: `spec: {reportingCurrency: gbp}`,
			field: "spec.reportingCurrency", wish: "must be an ISO 4217 currency code",
		},
		"a currency by its name": {
			sample: sample, create: `spec: {reportingCurrency: POUND}`,
			field: "spec.reportingCurrency", wish: "may not be more than 3",
		},
		"the currency changes": {
			sample: sample, update: `spec: {reportingCurrency: EUR}`,
			field: "spec.reportingCurrency", wish: "reportingCurrency is immutable",
		},
		"an offset for a time zone": {
			sample: sample, create: `spec: {defaultTimeZone: "+01:00"}`,
			field: "spec.defaultTimeZone", wish: "must be the name of an IANA time zone",
		},
		"a time zone without a name": {
			sample: sample, create: `spec: {defaultTimeZone: ""}`,
			field: "spec.defaultTimeZone", wish: "at least 1 chars long",
		},
		"a time zone too long": {
			sample: sample, create: `spec: {defaultTimeZone: ` + strings.Repeat("x", 65) + `}`,
			field: "spec.defaultTimeZone", wish: "may not be more than 64",
		},
		"keys in a file": {
			sample: sample, create: `spec: {encryptionKeySecretName: /etc/keys}`,
			field: "spec.encryptionKeySecretName", wish: "must be the name of a Secret in this namespace",
		},
		"a sensitive field of two words": {
			sample: sample, create: `spec: {sensitiveFields: [bank account]}`,
			field: "spec.sensitiveFields[0]", wish: "must begin with a letter and have only letters",
		},
		"a sensitive field twice": {
			sample: sample, create: `spec: {sensitiveFields: [bankAccount, bankAccount]}`,
			field: "spec.sensitiveFields[1]", wish: "Duplicate value",
		},
		"too many sensitive fields": {
			sample: sample, create: `spec: {sensitiveFields: ` + entries(33, "field%d") + `}`,
			field: "spec.sensitiveFields", wish: "must have at most 32 items",
		},
		"a policy of another namespace": {
			sample: sample, create: `spec: {contactPolicyNames: [legal/fair-use]}`,
			field: "spec.contactPolicyNames[0]", wish: "must be the name of a resource in this namespace",
		},
		"a policy twice": {
			sample: sample, create: `spec: {contactPolicyNames: [fair-use, fair-use]}`,
			field: "spec.contactPolicyNames[1]", wish: "Duplicate value",
		},
		"too many policies": {
			sample: sample, create: `spec: {contactPolicyNames: ` + entries(17, "policy%d") + `}`,
			field: "spec.contactPolicyNames", wish: "must have at most 16 items",
		},
		"approval from fewer than none": {
			sample: sample, create: `spec: {maxRecipientsWithoutApproval: -1}`,
			field: "spec.maxRecipientsWithoutApproval", wish: "greater than or equal to 0",
		},
		"approval from more than mankind reads mail": {
			sample: sample, create: `spec: {maxRecipientsWithoutApproval: 100000001}`,
			field: "spec.maxRecipientsWithoutApproval", wish: "less than or equal to 100000000",
		},
		"a relationship without a month": {
			sample: sample, create: `spec: {expectedRelationshipMonths: 0}`,
			field: "spec.expectedRelationshipMonths", wish: "greater than or equal to 1",
		},
		"a relationship of more than a century": {
			sample: sample, create: `spec: {expectedRelationshipMonths: 1201}`,
			field: "spec.expectedRelationshipMonths", wish: "less than or equal to 1200",
		},
		"a relationship in parts of months": {
			sample: sample, create: `spec: {expectedRelationshipMonths: 1.5}`,
			field: "spec.expectedRelationshipMonths", wish: "must be of type int32",
		},
		"migrations by an unknown way": {
			sample: sample, create: `spec: {migrations: Never}`,
			field: "spec.migrations", wish: `supported values: "Automatic", "Manual"`,
		},
		"an id that is none": {
			sample: sample, create: `spec: {adoptStoreID: crm}`,
			field: "spec.adoptStoreID", wish: "must be the store id that the condition's message shows",
		},
		"an id too long": {
			sample: sample, create: `spec: {adoptStoreID: 1f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7f}`,
			field: "spec.adoptStoreID", wish: "may not be more than 36",
		},
		"a name too long": {
			sample: sample, create: `metadata: {name: ` + strings.Repeat("x", 64) + `}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
		"a name with dots": {
			sample: sample, create: `metadata: {name: crm.expo}`,
			wish: "metadata.name must have at most 63 characters and no dots",
		},
	})
}

func TestGatewayRejections(t *testing.T) {
	const (
		sample = "CustomerStore/crm"
		wish   = "must be an https URL without user, query and fragment, and without a trailing slash"
	)
	runRejections(t, map[string]rejection{
		"a URL is missing": {
			sample: sample, create: `spec: {gateway: {publicURL: null}}`,
			field: "spec.gateway.publicURL", wish: "Required value",
		},
		"a URL without its scheme": {
			sample: sample, create: `spec: {gateway: {publicURL: hello.airshow.example}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL without encryption": {
			sample: sample, create: `spec: {gateway: {publicURL: "http://hello.airshow.example"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL without a host": {
			sample: sample, create: `spec: {gateway: {publicURL: "https:///hello"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL with a trailing slash": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://hello.airshow.example/"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL with a query": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://hello.airshow.example?from=mail"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL with an empty query": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://hello.airshow.example?"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL with a fragment": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://hello.airshow.example/mail#top"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL with a password": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://us:secret@hello.airshow.example"}}`,
			field: "spec.gateway.publicURL", wish: wish,
		},
		"a URL too long": {
			sample: sample, create: `spec: {gateway: {publicURL: "https://hello.example/` + strings.Repeat("x", 500) + `"}}`,
			field: "spec.gateway.publicURL", wish: "may not be more than 500",
		},
		"keys of links are missing": {
			sample: sample, create: `spec: {gateway: {linkKeySecretName: null}}`,
			field: "spec.gateway.linkKeySecretName", wish: "Required value",
		},
		"keys of links of another namespace": {
			sample: sample, create: `spec: {gateway: {linkKeySecretName: expo/crm-links}}`,
			field: "spec.gateway.linkKeySecretName", wish: "must be the name of a Secret in this namespace",
		},
	})
}

// TestURLsThatAreAccepted: what is refused above must leave these alone.
func TestURLsThatAreAccepted(t *testing.T) {
	for name, c := range map[string]struct{ sample, patch string }{
		"a gateway on a port":        {"CustomerStore/crm", `spec: {gateway: {publicURL: "https://hello.airshow.example:8443"}}`},
		"a gateway below a path":     {"CustomerStore/crm", `spec: {gateway: {publicURL: "https://airshow.example/a/b"}}`},
		"a gateway by its address":   {"CustomerStore/crm", `spec: {gateway: {publicURL: "https://[2001:db8::1]"}}`},
		"a webhook with a query":     {"OutreachChannel/call-desk", `spec: {webhook: {url: "https://desk.example/hooks?queue=calls"}}`},
		"a webhook without a path":   {"OutreachChannel/call-desk", `spec: {webhook: {url: "https://desk.example"}}`},
		"a webhook with an at sign":  {"OutreachChannel/call-desk", `spec: {webhook: {url: "https://desk.example/@fairlead/"}}`},
		"a webhook in the namespace": {"OutreachChannel/call-desk", `spec: {webhook: {url: "https://desk:8443/hooks"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			object := patched(t, samples(t)[c.sample], c.patch)
			object.SetNamespace(metav1.NamespaceDefault)
			if err := server.Client.Create(t.Context(), object, client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
}
