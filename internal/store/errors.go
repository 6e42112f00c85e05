package store

import "fmt"

// URLError says that the URL of a store is wrong. It never repeats the URL,
// which may hold a password.
type URLError struct{ Problem string }

func (e *URLError) Error() string { return "the store's URL is wrong: " + e.Problem }

// Refusal is why a database could not be used.
type Refusal string

// The refusals.
const (
	// Unreachable: nothing answers, or the connection broke. It may pass.
	Unreachable Refusal = "Unreachable"
	// WrongCredentials: the server does not accept the user or the password.
	WrongCredentials Refusal = "WrongCredentials"
	// NoDatabase: the server has no such database, or SQLite no such file.
	NoDatabase Refusal = "NoDatabase"
	// TooOld: the server is older than PostgreSQL 14.
	TooOld Refusal = "TooOld"
	// NoRight: the role lacks a right that is needed.
	NoRight Refusal = "NoRight"
)

// AccessError says that a database could not be used. It holds no password.
type AccessError struct {
	Refusal Refusal
	Problem string
}

func (e *AccessError) Error() string { return e.Problem }

// SchemaError says that the schema of a store does not fit this program. The
// store was not touched.
type SchemaError struct {
	// Found is the version of the store's schema; 0 if it has none.
	Found int64
	// MinCompatible is the oldest program's version that may use it.
	MinCompatible int64
	// Known is the newest version that this program knows.
	Known int64
}

// TooNew tells whether a newer program has to be used, and not a migration.
func (e *SchemaError) TooNew() bool { return e.MinCompatible > e.Known }

func (e *SchemaError) Error() string {
	switch {
	case e.TooNew():
		return fmt.Sprintf("the store has schema version %d, which needs a program that knows version %d; this one knows %d: use a newer release", e.Found, e.MinCompatible, e.Known)
	case e.Found == 0:
		return "the store has no schema yet: run fairlead migrate"
	default:
		return fmt.Sprintf("the store has schema version %d, and this program needs %d: run fairlead migrate", e.Found, e.Known)
	}
}

// OwnerError says that a store belongs to somebody else.
type OwnerError struct {
	// StoreID of the store that was found.
	StoreID string
	// Owner it is marked with.
	Owner Owner
}

func (e *OwnerError) Error() string {
	return fmt.Sprintf("store %s is marked as belonging to CustomerStore %s/%s of another cluster or name", e.StoreID, e.Owner.Namespace, e.Owner.Name)
}

// NotFoundError says that nobody or nothing was found under a name.
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return e.What }

// ConflictError says that something cannot be done in the state that things are in.
type ConflictError struct{ Problem string }

func (e *ConflictError) Error() string { return e.Problem }
