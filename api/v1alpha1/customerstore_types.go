package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Reasons of a CustomerStore beside the shared ones.
const (
	// ReasonOwnedByAnother says that the database is marked as belonging to
	// another CustomerStore. Mend it by naming the right database, or by setting
	// spec.adoptStoreID to the id in the message if this is meant.
	ReasonOwnedByAnother = "OwnedByAnother"
	// ReasonStoreRestored says that the database is not the one that status knows:
	// it was restored from an older backup, swapped or emptied. Nothing is migrated
	// or claimed until spec.adoptStoreID names its id.
	ReasonStoreRestored = "StoreRestored"
	// ReasonSchemaTooNew says that the database was migrated by a newer release.
	// Mend it by running that release or a newer one.
	ReasonSchemaTooNew = "SchemaTooNew"
	// ReasonMigrationRequired says that spec.migrations is Manual and the database
	// has an older schema. Mend it by migrating.
	ReasonMigrationRequired = "MigrationRequired"
	// ReasonSQLiteNamespace says that an SQLite store is declared outside the
	// manager's own namespace. Mend it by moving it there or by using PostgreSQL.
	ReasonSQLiteNamespace = "SQLiteNamespace"
	// ReasonSQLiteVolume says that the manager was started without a volume for
	// SQLite. Mend it by giving it one, or by using PostgreSQL.
	ReasonSQLiteVolume = "SQLiteVolume"
	// ReasonDatabaseTooOld says that the server is older than PostgreSQL 14.
	ReasonDatabaseTooOld = "DatabaseTooOld"
	// ReasonMissingRight says that the role of the connection may not do what is
	// needed in the database, or that the file of SQLite cannot be written. Mend
	// it by making the role the owner of its database or schema.
	ReasonMissingRight = "MissingRight"
	// ReasonMigrated says that the schema of the database was brought to a newer
	// version. It stands in an event only.
	ReasonMigrated = "Migrated"
)

// MigrationPolicy is who migrates the schema of the database.
//
// +kubebuilder:validation:Enum=Automatic;Manual
type MigrationPolicy string

// The migration policies.
const (
	// MigrationsAutomatic lets the controller migrate.
	MigrationsAutomatic MigrationPolicy = "Automatic"
	// MigrationsManual waits for a person to migrate.
	MigrationsManual MigrationPolicy = "Manual"
)

// CustomerStoreSpec declares where customers live and which policies bind every
// message to them.
//
// +kubebuilder:validation:ExactlyOneOf=postgres;sqlite
// +kubebuilder:validation:XValidation:rule="self.reportingCurrency == oldSelf.reportingCurrency",fieldPath=".reportingCurrency",message="reportingCurrency is immutable: recorded sums are in it"
type CustomerStoreSpec struct {
	// postgres keeps customers in PostgreSQL 14 or newer.
	//
	// +optional
	Postgres *PostgresStore `json:"postgres,omitempty"`

	// sqlite keeps customers in a file on the volume the manager was started with:
	// one node, the manager's own namespace, one worker at a time.
	//
	// +optional
	SQLite *SQLiteStore `json:"sqlite,omitempty"`

	// reportingCurrency is what sums are stated in. Immutable.
	//
	// +required
	ReportingCurrency CurrencyCode `json:"reportingCurrency"`

	// defaultTimeZone of customers whose own is unknown.
	//
	// +optional
	// +kubebuilder:default=UTC
	DefaultTimeZone TimeZone `json:"defaultTimeZone,omitempty"`

	// encryptionKeySecretName is the Secret with the Tink keyset under the key
	// "keyset". Without it sensitive fields are refused, never stored in clear.
	//
	// +optional
	EncryptionKeySecretName SecretName `json:"encryptionKeySecretName,omitempty"`

	// sensitiveFields are stored encrypted, shown masked and never reach
	// templates, expressions or metrics (map rows B1, B10).
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	SensitiveFields []EntryName `json:"sensitiveFields,omitempty"`

	// contactPolicyNames are the policies that bind every message; of several the
	// strictest wins. While one of them is missing, nothing is sent.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	ContactPolicyNames []ObjectName `json:"contactPolicyNames,omitempty"`

	// maxRecipientsWithoutApproval is the largest run that needs no
	// OutreachApproval, whatever its own limits say.
	//
	// +optional
	// +kubebuilder:default=1000
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000000
	MaxRecipientsWithoutApproval *int64 `json:"maxRecipientsWithoutApproval,omitempty"`

	// expectedRelationshipMonths is for how long a customer is expected to stay:
	// expected customer profit is net profit per month times these (map row F1).
	// Default: four years, the mean where a quarter leaves every year (map row F8).
	//
	// +optional
	// +kubebuilder:default=48
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1200
	ExpectedRelationshipMonths int32 `json:"expectedRelationshipMonths,omitempty"`

	// migrations says who migrates the schema.
	//
	// +optional
	// +kubebuilder:default=Automatic
	Migrations MigrationPolicy `json:"migrations,omitempty"`

	// gateway is how persons reach the store from outside, such as to unsubscribe.
	//
	// +optional
	Gateway *Gateway `json:"gateway,omitempty"`

	// adoptStoreID accepts the database with this id although it is marked as
	// another's or was restored. Take the id from the condition's message, and take
	// it out again when the store is ready: it accepts the next restore as well.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=36
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')",message="must be the store id that the condition's message shows, such as 1f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7"
	AdoptStoreID string `json:"adoptStoreID,omitempty"`

	// suspend stops migrations, refreshes and claims while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// PostgresStore is a database or schema of PostgreSQL that the store owns.
//
// +kubebuilder:validation:XValidation:rule="!has(self.gatewayConnectionSecretName) || self.gatewayConnectionSecretName != self.connectionSecretName && self.gatewayConnectionSecretName != self.workerConnectionSecretName",fieldPath=".gatewayConnectionSecretName",message="gatewayConnectionSecretName must be another Secret than those of the manager and of workers: the gateway gets a role of its own"
// +kubebuilder:validation:XValidation:rule="self.workerConnectionSecretName != self.connectionSecretName",fieldPath=".workerConnectionSecretName",message="workerConnectionSecretName must be another Secret than connectionSecretName: workers get a role of their own, without DDL"
type PostgresStore struct {
	// connectionSecretName is the Secret whose key "uri" connects the manager as
	// the owner of the database or schema. Like every Secret of a store it carries
	// the label crm.fairlead.dev/credentials: "true".
	//
	// +required
	ConnectionSecretName SecretName `json:"connectionSecretName"`

	// workerConnectionSecretName is the Secret whose key "uri" connects workers
	// with a role that reads, claims and settles, and has no DDL. Worker pods
	// mount it.
	//
	// +required
	WorkerConnectionSecretName SecretName `json:"workerConnectionSecretName"`

	// gatewayConnectionSecretName is the Secret whose key "uri" connects the gateway,
	// with a role that reads whose link it is and takes down what is said, and no
	// more. The gateway's pods mount it; the manager gives the role its rights.
	//
	// +optional
	GatewayConnectionSecretName SecretName `json:"gatewayConnectionSecretName,omitempty"`

	// maxConnections of the manager to the database.
	//
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=200
	MaxConnections int32 `json:"maxConnections,omitempty"`
}

// SQLiteStore is a file on the volume the manager was started with.
type SQLiteStore struct {
	// fileName within the volume.
	//
	// +required
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9][a-z0-9_-]*[.]db$')",message="must be a file name ending in .db, of lower-case letters, digits, '-' and '_', without folders"
	FileName string `json:"fileName"`
}

// Gateway is how persons reach the store from outside.
type Gateway struct {
	// publicURL under which the gateway is reached, without a trailing slash.
	//
	// +required
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getHostname() != '' && self.matches('^https://[^/?#@\\\\s]+(/[^?#\\\\s]*[^/?#\\\\s])?$')",message="must be an https URL without user, query and fragment, and without a trailing slash, such as https://hello.airshow.example"
	PublicURL string `json:"publicURL"`

	// linkKeySecretName is the Secret whose key "keyset" has the keys that sign
	// links.
	//
	// +required
	LinkKeySecretName SecretName `json:"linkKeySecretName"`
}

// CustomerStoreStatus is what is known of the store.
type CustomerStoreStatus struct {
	ObservedStatus `json:",inline"`

	// storeID that the database is marked with.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=36
	StoreID string `json:"storeID,omitempty"`

	// schemaVersion of the database.
	//
	// +optional
	SchemaVersion int64 `json:"schemaVersion,omitempty"`

	// customers in the store.
	//
	// +optional
	Customers *int64 `json:"customers,omitempty"`

	// contacts in the store: persons who belong to an organization.
	//
	// +optional
	Contacts *int64 `json:"contacts,omitempty"`
}

// CustomerStore declares where the customers of a namespace live, and the
// policies that bind every message to them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=cstore,categories=fairlead
// +kubebuilder:printcolumn:name="Customers",type=integer,JSONPath=`.status.customers`
// +kubebuilder:printcolumn:name="Contacts",type=integer,JSONPath=`.status.contacts`
// +kubebuilder:printcolumn:name="Schema",type=integer,JSONPath=`.status.schemaVersion`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type CustomerStore struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the store.
	//
	// +required
	Spec CustomerStoreSpec `json:"spec"`

	// status is what is known of the store.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status CustomerStoreStatus `json:"status,omitempty"`
}

// CustomerStoreList is a list of CustomerStores.
//
// +kubebuilder:object:root=true
type CustomerStoreList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CustomerStore `json:"items"`
}
