package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Reasons of an OutreachChannel beside the shared ones.
const (
	// ReasonCredentialsNotAllowed says that a Secret named by the channel lacks
	// the label crm.fairlead.dev/credentials: "true". Mend it by setting the label
	// if the Secret is meant for channels.
	ReasonCredentialsNotAllowed = "CredentialsNotAllowed"
	// ReasonAuthenticationFailed says that the server does not take the user name and
	// the password of the Secret. Mend it by correcting the Secret, which is read again
	// about every minute. Refused ones are not tried again sooner than others, since
	// servers lock out whoever does.
	ReasonAuthenticationFailed = "AuthenticationFailed"
	// ReasonInvalidCertificate says that the certificate of the server does not prove
	// that it is the host in the spec: it has another name, has expired, or is signed by
	// nobody who is trusted. Mend it by naming the host as the certificate does, or at
	// the server.
	ReasonInvalidCertificate = "InvalidCertificate"
	// ReasonStartTLSMissing says that the server does not offer STARTTLS. Mend it by
	// having it turned on there, or by setting tls Implicit with the port for it.
	ReasonStartTLSMissing = "StartTLSMissing"
	// ReasonTLSFailed says that there is no agreement with the server on how to encrypt.
	// Mend it by naming a port that speaks TLS 1.2 or newer in the declared way.
	ReasonTLSFailed = "TLSFailed"
	// ReasonNotSMTP says that what answers at the port does not speak SMTP. Mend it by
	// correcting host, port or tls.
	ReasonNotSMTP = "NotSMTP"
	// ReasonServerRefused says that the server speaks SMTP and refuses for good to talk
	// to the manager. Mend it by asking who runs the server to let it in.
	ReasonServerRefused = "ServerRefused"
	// ReasonPrivateAddress says that the URL of a webhook leads to an address that is not
	// public. Mend it by naming a public host, or by setting allowPrivateAddresses if
	// this is meant.
	ReasonPrivateAddress = "PrivateAddress"
	// ReasonInvalidAuthority says that the ConfigMap named by caConfigMapName has no
	// certificate in PEM under the key ca.crt. Mend it by putting one there.
	ReasonInvalidAuthority = "InvalidAuthority"
)

// Delivery is whether messages really leave.
//
// +kubebuilder:validation:Enum=Live;Redirect;DryRun
type Delivery string

// The ways of delivery.
const (
	// DeliveryLive sends to the recipients.
	DeliveryLive Delivery = "Live"
	// DeliveryRedirect sends every message to redirectTo.
	DeliveryRedirect Delivery = "Redirect"
	// DeliveryDryRun does everything but the wire.
	DeliveryDryRun Delivery = "DryRun"
)

// TLSMode is how a connection to an SMTP server is protected.
//
// +kubebuilder:validation:Enum=StartTLS;Implicit;None
type TLSMode string

// The TLS modes.
const (
	// TLSStartTLS demands STARTTLS (RFC 3207).
	TLSStartTLS TLSMode = "StartTLS"
	// TLSImplicit speaks TLS from the first byte (RFC 8314).
	TLSImplicit TLSMode = "Implicit"
	// TLSNone sends in clear; refused together with credentials.
	TLSNone TLSMode = "None"
)

// OutreachChannelSpec declares how messages leave.
//
// +kubebuilder:validation:ExactlyOneOf=smtp;webhook
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another OutreachChannel instead"
// +kubebuilder:validation:XValidation:rule="self.medium == oldSelf.medium",fieldPath=".medium",message="medium is immutable: consents and caps are kept by medium; create another OutreachChannel instead"
// +kubebuilder:validation:XValidation:rule="!has(self.smtp) || self.medium == 'Email'",fieldPath=".smtp",message="smtp carries the medium Email only: use webhook"
// +kubebuilder:validation:XValidation:rule="has(self.smtp) == has(self.from)",fieldPath=".from",message="from is required with smtp, and not used with webhook"
// +kubebuilder:validation:XValidation:rule="!has(self.replyTo) || has(self.smtp)",fieldPath=".replyTo",message="replyTo is used with smtp only"
// +kubebuilder:validation:XValidation:rule="(self.delivery == 'Redirect') == has(self.redirectTo)",fieldPath=".redirectTo",message="redirectTo is required with delivery Redirect, and not used otherwise"
// +kubebuilder:validation:XValidation:rule="self.delivery != 'Redirect' || self.medium == 'Email'",fieldPath=".delivery",message="delivery Redirect needs the medium Email: use DryRun"
type OutreachChannelSpec struct {
	// storeName is the CustomerStore where the channel's rate is shared by all
	// workers and runs. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// medium that the channel carries. Immutable.
	//
	// +required
	Medium Medium `json:"medium"`

	// delivery says whether messages really leave. There is no default: whoever
	// declares a channel says what it does.
	//
	// +required
	Delivery Delivery `json:"delivery"`

	// redirectTo gets every message while delivery is Redirect.
	//
	// +optional
	RedirectTo EmailAddress `json:"redirectTo,omitempty"`

	// smtp sends by e-mail.
	//
	// +optional
	SMTP *SMTP `json:"smtp,omitempty"`

	// webhook hands messages to another system.
	//
	// +optional
	Webhook *Webhook `json:"webhook,omitempty"`

	// from is who the mail is from.
	//
	// +optional
	From *Sender `json:"from,omitempty"`

	// replyTo is where answers go. Default: the address of from.
	//
	// +optional
	ReplyTo EmailAddress `json:"replyTo,omitempty"`

	// caConfigMapName is the ConfigMap whose key "ca.crt" has the certificates of further
	// authorities, in PEM, that may sign the server's certificate: that of your company,
	// say. Default: those that the image trusts.
	//
	// +optional
	CAConfigMapName ConfigMapName `json:"caConfigMapName,omitempty"`

	// messagesPerSecond at most, over all workers and runs of the store.
	//
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	MessagesPerSecond int32 `json:"messagesPerSecond,omitempty"`

	// suspend stops claims of this channel while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// SMTP is a server that takes mail.
//
// +kubebuilder:validation:XValidation:rule="self.tls != 'None' || !has(self.credentialsSecretName)",fieldPath=".tls",message="tls None is refused together with credentialsSecretName: the password would travel in clear"
type SMTP struct {
	// host name or address of the server.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|[0-9a-fA-F:]+)$')",message="must be a host name or an IP address, without scheme and port"
	Host string `json:"host"`

	// port of the server.
	//
	// +optional
	// +kubebuilder:default=587
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`

	// tls protects the connection.
	//
	// +optional
	// +kubebuilder:default=StartTLS
	TLS TLSMode `json:"tls,omitempty"`

	// credentialsSecretName is the Secret with the keys "username" and "password".
	// It must carry the label crm.fairlead.dev/credentials: "true". Default: the
	// server takes mail without.
	//
	// +optional
	CredentialsSecretName SecretName `json:"credentialsSecretName,omitempty"`

	// maxConnections that one worker keeps open.
	//
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxConnections int32 `json:"maxConnections,omitempty"`

	// dkim signs every mail, so that receivers can tell that it is from the domain.
	// Default: mails leave unsigned, and the server may sign them.
	//
	// +optional
	DKIM *DKIM `json:"dkim,omitempty"`
}

// DKIM is how mails are signed (RFC 6376). The public key stands in DNS, under
// <selector>._domainkey.<domain>.
type DKIM struct {
	// domain that signs: that of the sender's address, or one above it, if receivers
	// are to take it for the sender's word (DMARC).
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$')",message="must be a domain, such as airshow.example"
	Domain string `json:"domain"`

	// selector of the key among those of the domain.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$')",message="must have only letters, digits, '-' and '.', such as fair2026"
	Selector string `json:"selector"`

	// keySecretName is the Secret whose key "private.pem" has the private key in PEM
	// (PKCS#8): RSA of at least 2048 bits, or Ed25519. It must carry the label
	// crm.fairlead.dev/credentials: "true".
	//
	// +required
	KeySecretName SecretName `json:"keySecretName"`
}

// Webhook is an HTTP endpoint that takes messages as Standard Webhooks. Redirects
// are not followed.
type Webhook struct {
	// url that messages are posted to.
	//
	// +required
	// +kubebuilder:validation:MaxLength=1000
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getHostname() != '' && self.matches('^https://[^/?#@\\\\s]+([/?][^#\\\\s]*)?$')",message="must be an https URL without user and fragment, such as https://desk.example/hooks/fairlead"
	URL string `json:"url"`

	// signingSecretName is the Secret whose key "secret" signs messages: "whsec_" and
	// 24 to 64 bytes in Base64. It must carry the label
	// crm.fairlead.dev/credentials: "true".
	//
	// +required
	SigningSecretName SecretName `json:"signingSecretName"`

	// allowPrivateAddresses lets the url lead to an address that is not public, such
	// as that of a service in this cluster. Without it a webhook cannot be aimed at
	// what stands behind the firewall. Default: false.
	//
	// +optional
	AllowPrivateAddresses *bool `json:"allowPrivateAddresses,omitempty"`
}

// Sender is who a mail is from.
type Sender struct {
	// name shown beside the address.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\p{Cc}\\\\p{Zl}\\\\p{Zp}]+$')",message="must not contain control characters or line breaks"
	Name string `json:"name,omitempty"`

	// address of the sender.
	//
	// +required
	Address EmailAddress `json:"address"`
}

// OutreachChannelStatus is what is known of the channel.
type OutreachChannelStatus struct {
	ObservedStatus `json:",inline"`
}

// OutreachChannel declares how a message leaves: through which server, as whom,
// how fast, and whether it really leaves.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=och,categories=fairlead
// +kubebuilder:printcolumn:name="Medium",type=string,JSONPath=`.spec.medium`
// +kubebuilder:printcolumn:name="Delivery",type=string,JSONPath=`.spec.delivery`
// +kubebuilder:printcolumn:name="Rate",type=integer,JSONPath=`.spec.messagesPerSecond`
// +kubebuilder:printcolumn:name="Suspended",type=boolean,priority=1,JSONPath=`.spec.suspend`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type OutreachChannel struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the channel.
	//
	// +required
	Spec OutreachChannelSpec `json:"spec"`

	// status is what is known of the channel.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status OutreachChannelStatus `json:"status,omitempty"`
}

// OutreachChannelList is a list of OutreachChannels.
//
// +kubebuilder:object:root=true
type OutreachChannelList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []OutreachChannel `json:"items"`
}
