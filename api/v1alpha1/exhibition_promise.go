package v1alpha1

// PromiseMeasure is what a promise counts.
//
// +kubebuilder:validation:Enum=Contracted;Attended;AreaSquareMetres
type PromiseMeasure string

// The measures of a promise.
const (
	PromiseContracted       PromiseMeasure = "Contracted"
	PromiseAttended         PromiseMeasure = "Attended"
	PromiseAreaSquareMetres PromiseMeasure = "AreaSquareMetres"
)

// Promise is a figure the organiser has promised to participants.
type Promise struct {
	// name of the promise.
	//
	// +required
	Name EntryName `json:"name"`

	// role whose participation is counted.
	//
	// +required
	Role PartyRole `json:"role"`

	// measure that is counted.
	//
	// +required
	Measure PromiseMeasure `json:"measure"`

	// promised figure.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000000
	Promised int64 `json:"promised"`
}
