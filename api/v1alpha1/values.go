package v1alpha1

// Decimal is an exact decimal number written as a string: up to twelve digits
// before the point and six after it, optionally negative, such as "-0.3".
//
// +kubebuilder:validation:MaxLength=20
// +kubebuilder:validation:XValidation:rule="self.matches('^-?(0|[1-9][0-9]{0,11})([.][0-9]{1,6})?$')",message="must be a decimal number such as \"12.50\": at most 12 digits before the point and 6 after it"
type Decimal string

// Ratio is a share between 0 and 1 written as a decimal string with up to six
// digits after the point, such as "0.60".
//
// +kubebuilder:validation:MaxLength=8
// +kubebuilder:validation:XValidation:rule="self.matches('^(0([.][0-9]{1,6})?|1([.]0{1,6})?)$')",message="must be a ratio between 0 and 1 such as \"0.60\", with at most 6 digits after the point"
type Ratio string

// CurrencyCode is an ISO 4217 currency code in capitals, such as GBP.
//
// +kubebuilder:validation:MaxLength=3
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{3}$')",message="must be an ISO 4217 currency code of three capitals, such as GBP"
type CurrencyCode string

// Money is an exact amount of a currency.
type Money struct {
	// amount in units of the currency (not in cents), never negative.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('-')",message="must not be negative"
	Amount Decimal `json:"amount"`

	// currency of the amount.
	//
	// +required
	Currency CurrencyCode `json:"currency"`
}

// Date is a calendar day written as YYYY-MM-DD, without a time of day or zone.
//
// +kubebuilder:validation:Format=date
// +kubebuilder:validation:MaxLength=10
type Date string

// TimeOfDay is a wall-clock time written as HH:MM, from 00:00 to 23:59.
//
// +kubebuilder:validation:MaxLength=5
// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="must be a time of day as HH:MM, from 00:00 to 23:59"
type TimeOfDay string

// TimeZone is the name of a zone of the IANA time zone database, such as
// Europe/London. That the zone exists is checked by the controller.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$')",message="must be the name of an IANA time zone, such as Europe/London"
type TimeZone string

// Locale is a BCP 47 language tag, such as en, zh or pt-BR.
//
// +kubebuilder:validation:MaxLength=35
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')",message="must be a BCP 47 language tag, such as en, zh or pt-BR"
type Locale string

// ObjectName is the name of a Fairlead resource in the same namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a resource in this namespace: lower-case letters, digits and '-', at most 63 characters"
type ObjectName string

// SecretName is the name of a Secret in the same namespace. Secrets are read
// by name when needed, never listed or watched.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of a Secret in this namespace: lower-case letters, digits, '-' and '.'"
type SecretName string

// ConfigMapName is the name of a ConfigMap in the same namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of a ConfigMap in this namespace: lower-case letters, digits, '-' and '.'"
type ConfigMapName string

// EntryName names an entry of a list within a resource, such as a class, a
// tier or a milestone, in letters, digits, '-' and '_', beginning with a letter.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9_-]*$')",message="must begin with a letter and have only letters, digits, '-' and '_'"
type EntryName string

// SeriesName is the name of a series of exhibitions as customers know it and
// as the store records it, such as Farnborough.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=100
// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\s\\\\p{C}]([^\\\\p{C}]*[^\\\\s\\\\p{C}])?$')",message="must be the name of a series, without control characters and without spaces around it"
type SeriesName string

// EditionName names one edition within its series, such as 2026.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=40
// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\s\\\\p{C}]([^\\\\p{C}]*[^\\\\s\\\\p{C}])?$')",message="must be the name of an edition such as \"2026\", without control characters and without spaces around it"
type EditionName string

// Expression is an expression in the Common Expression Language. Its names,
// types and cost are checked by the controller.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=4096
type Expression string

// EmailAddress is a mailbox of the organiser, such as hello@airshow.example.
// Never that of a customer: those live in the store.
//
// +kubebuilder:validation:MaxLength=254
// +kubebuilder:validation:XValidation:rule="self.matches('^[^@\\\\s\\\\p{C}<>,;:]+@[^@\\\\s\\\\p{C}<>,;:]+$')",message="must be one e-mail address such as hello@airshow.example, without a display name"
type EmailAddress string

// PartyRole is what a customer is to the exhibitions of a store (map rows A1,
// A2, A8). One customer may have several roles.
//
// +kubebuilder:validation:Enum=Exhibitor;Visitor;Sponsor;Vendor;Media;Government;Venue;Agent;Partner;Staff
type PartyRole string

// The roles of a customer.
const (
	RoleExhibitor  PartyRole = "Exhibitor"
	RoleVisitor    PartyRole = "Visitor"
	RoleSponsor    PartyRole = "Sponsor"
	RoleVendor     PartyRole = "Vendor"
	RoleMedia      PartyRole = "Media"
	RoleGovernment PartyRole = "Government"
	RoleVenue      PartyRole = "Venue"
	RoleAgent      PartyRole = "Agent"
	RolePartner    PartyRole = "Partner"
	RoleStaff      PartyRole = "Staff"
)

// ContactRole is what a person does for the organization they belong to.
//
// +kubebuilder:validation:Enum=Decision;Marketing;Logistics;Invoicing;OnSite
type ContactRole string

// The roles of a contact person.
const (
	ContactDecision  ContactRole = "Decision"
	ContactMarketing ContactRole = "Marketing"
	ContactLogistics ContactRole = "Logistics"
	ContactInvoicing ContactRole = "Invoicing"
	ContactOnSite    ContactRole = "OnSite"
)

// Medium is how a message reaches a person. Task is whatever stands behind a
// webhook: a call, a letter, a visit.
//
// +kubebuilder:validation:Enum=Email;Task
type Medium string

// The media.
const (
	MediumEmail Medium = "Email"
	MediumTask  Medium = "Task"
)
