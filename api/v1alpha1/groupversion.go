package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "crm.fairlead.dev", Version: "v1alpha1"}

// AddToScheme registers every kind of this package with a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&CustomerStore{}, &CustomerStoreList{},
		&ContactPolicy{}, &ContactPolicyList{},
		&Exhibition{}, &ExhibitionList{},
		&CustomerSegment{}, &CustomerSegmentList{},
		&LoyaltyProgram{}, &LoyaltyProgramList{},
		&OutreachChannel{}, &OutreachChannelList{},
		&CampaignRule{}, &CampaignRuleList{},
		&Outreach{}, &OutreachList{},
		&OutreachApproval{}, &OutreachApprovalList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
