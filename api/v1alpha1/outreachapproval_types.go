package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Reason of an OutreachApproval beside the shared ones.
const (
	// ReasonDigestMismatch says that the plan of the Outreach is another than the
	// one approved or denied, or that it ended without one. Mend it by another
	// OutreachApproval with the digest that its status shows.
	ReasonDigestMismatch = "DigestMismatch"
	// ReasonDeniedTooLate says that a plan was denied whose run was let go before,
	// so that the denial does nothing. Mend it by setting spec.cancel of the
	// Outreach, which ends the run.
	ReasonDeniedTooLate = "DeniedTooLate"
)

// Decision of an approver.
//
// +kubebuilder:validation:Enum=Approved;Denied
type Decision string

// The decisions.
const (
	DecisionApproved Decision = "Approved"
	DecisionDenied   Decision = "Denied"
)

// OutreachApprovalSpec says that a named person approves or denies one plan.
// Immutable.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an OutreachApproval is immutable: create another instead"
type OutreachApprovalSpec struct {
	// outreachName is the Outreach whose plan is meant.
	//
	// +required
	OutreachName ObjectName `json:"outreachName"`

	// planDigest of the plan, as status.planDigest of the Outreach shows it: what
	// is approved is what is sent.
	//
	// +required
	// +kubebuilder:validation:MaxLength=71
	// +kubebuilder:validation:XValidation:rule="self.matches('^sha256:[0-9a-f]{64}$')",message="must be the plan digest that the status of the Outreach shows: sha256: and 64 hexadecimal digits"
	PlanDigest string `json:"planDigest"`

	// decision on the plan.
	//
	// +required
	Decision Decision `json:"decision"`

	// approvedBy is the name of the user who decides. It must be the user who
	// creates this object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	ApprovedBy string `json:"approvedBy"`
}

// OutreachApprovalStatus is what is known of the approval.
type OutreachApprovalStatus struct {
	ObservedStatus `json:",inline"`
}

// OutreachApproval says that a named person approves or denies one plan. It is
// a kind of its own so that RBAC can give it to other people than authors.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=oapp,categories=fairlead
// +kubebuilder:printcolumn:name="Outreach",type=string,JSONPath=`.spec.outreachName`
// +kubebuilder:printcolumn:name="Decision",type=string,JSONPath=`.spec.decision`
// +kubebuilder:printcolumn:name="By",type=string,JSONPath=`.spec.approvedBy`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type OutreachApproval struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the decision.
	//
	// +required
	Spec OutreachApprovalSpec `json:"spec"`

	// status is what is known of the approval.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status OutreachApprovalStatus `json:"status,omitempty"`
}

// OutreachApprovalList is a list of OutreachApprovals.
//
// +kubebuilder:object:root=true
type OutreachApprovalList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []OutreachApproval `json:"items"`
}
