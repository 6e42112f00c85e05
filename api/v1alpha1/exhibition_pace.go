package v1alpha1

// BookingPaceStatus is how booking goes. Of lists counts what has a date.
type BookingPaceStatus struct {
	// roles of those who are booked.
	//
	// +optional
	// +listType=map
	// +listMapKey=role
	// +kubebuilder:validation:MaxItems=10
	Roles []RolePaceStatus `json:"roles,omitempty"`

	// halls that they are booked into, the largest first.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Halls []HallPaceStatus `json:"halls,omitempty"`
}

// RolePaceStatus is how booking goes in one role.
type RolePaceStatus struct {
	// role of those who are booked.
	//
	// +required
	Role PartyRole `json:"role"`

	BookedStatus `json:",inline"`
}

// HallPaceStatus is how booking goes in one hall.
type HallPaceStatus struct {
	// name of the hall.
	//
	// +required
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	BookedStatus `json:",inline"`
}

// BookedStatus is what is booked by now, and what was booked the last time.
type BookedStatus struct {
	// booked counts customers with a contract.
	//
	// +required
	Booked int64 `json:"booked"`
	// previousBooked counts those booked for the previous edition at the same distance from
	// its opening.
	//
	// +required
	PreviousBooked int64 `json:"previousBooked"`
	// previousBookedInTheEnd counts those booked for the previous edition in the end.
	//
	// +required
	PreviousBookedInTheEnd int64 `json:"previousBookedInTheEnd"`
	// areaSquareMetres that is booked.
	//
	// +optional
	AreaSquareMetres Decimal `json:"areaSquareMetres,omitempty"`
	// previousAreaSquareMetres was booked for the previous edition at the same distance.
	//
	// +optional
	PreviousAreaSquareMetres Decimal `json:"previousAreaSquareMetres,omitempty"`
}
