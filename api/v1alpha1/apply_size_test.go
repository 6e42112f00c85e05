package v1alpha1_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxAnnotationBytes is what all annotations of an object may have together.
const maxAnnotationBytes = 256 << 10

// TestTheLargestObjectsFitClientSideApply: kubectl apply keeps the object in an
// annotation, where every '<' is written as six bytes. The kinds are those with
// texts of the user's own.
func TestTheLargestObjectsFitClientSideApply(t *testing.T) {
	tests := map[string]struct {
		sample string
		// largest sets every field to its bound; more is one character too many.
		largest func(spec map[string]any)
		more    func(spec map[string]any)
	}{
		"CampaignRule": {
			sample: "CampaignRule/rebook-friends",
			largest: func(spec map[string]any) {
				spec["description"] = strings.Repeat("<", 1024)
				spec["audience"] = map[string]any{
					"include": segments("include"), "exclude": segments("exclude"),
				}
				var messages []any
				for i := range 16 {
					messages = append(messages, map[string]any{
						"locale": fmt.Sprintf("en-%02d", i), "subject": strings.Repeat("<", 500),
						"html": strings.Repeat("<", 750), "text": strings.Repeat("<", 750),
					})
				}
				outreach(spec)["messages"] = messages
			},
			more: func(spec map[string]any) {
				messages, _ := outreach(spec)["messages"].([]any)
				first, _ := messages[0].(map[string]any)
				first["text"] = strings.Repeat("<", 751)
			},
		},
		"LoyaltyProgram": {
			sample: "LoyaltyProgram/exhibitor-club",
			largest: func(spec map[string]any) {
				spec["description"] = strings.Repeat("<", 1024)
				spec["eligible"] = strings.Repeat("<", 4096)
				var accrual, tiers, benefits []any
				for i := range 32 {
					accrual = append(accrual, map[string]any{
						"name": longName("rule", i), "fact": "Participation",
						"where": strings.Repeat("<", 300), "points": strings.Repeat("<", 325),
					})
				}
				for i := range 16 {
					benefits = append(benefits, longName("benefit", i))
				}
				for i := range 10 {
					tiers = append(tiers, map[string]any{
						"name": longName("tier", i), "fromPoints": int64(999999990 + i), "benefits": benefits,
					})
				}
				spec["accrual"], spec["tiers"] = accrual, tiers
			},
			more: func(spec map[string]any) {
				accrual, _ := spec["accrual"].([]any)
				first, _ := accrual[0].(map[string]any)
				first["points"] = strings.Repeat("<", 326)
			},
		},
		"ContactPolicy": {
			sample: "ContactPolicy/fair-use",
			largest: func(spec map[string]any) {
				var topics, names []any
				for i := range 16 {
					var title []any
					for j := range 16 {
						title = append(title, map[string]any{
							"locale": fmt.Sprintf("en-%02d", j), "text": strings.Repeat("<", 100),
						})
					}
					topics = append(topics, map[string]any{
						"name": longName("topic", i), "title": title, "legalBasis": "LegitimateInterest",
					})
					names = append(names, longName("topic", i))
				}
				spec["topics"], spec["pauseOnOpenComplaint"] = topics, names
			},
			more: func(spec map[string]any) {
				topics, _ := spec["topics"].([]any)
				spec["topics"] = append(topics, topics[0])
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			object := patched(t, samples(t)[test.sample], `metadata: {name: largest}`)
			object.SetNamespace(metav1.NamespaceDefault)
			spec, _, err := unstructured.NestedMap(object.Object, "spec")
			if err != nil {
				t.Fatal(err)
			}
			test.largest(spec)
			object.Object["spec"] = spec
			applied, err := json.Marshal(object.Object)
			if err != nil {
				t.Fatal(err)
			}
			size := len(corev1.LastAppliedConfigAnnotation) + len(applied) + 1
			t.Logf("the annotation has %d bytes of %d", size, maxAnnotationBytes)
			if size >= maxAnnotationBytes {
				t.Errorf("the annotation has %d bytes, want fewer than %d", size, maxAnnotationBytes)
			}
			object.SetAnnotations(map[string]string{corev1.LastAppliedConfigAnnotation: string(applied) + "\n"})
			if err := server.Client.Create(t.Context(), object.DeepCopy(), client.DryRunAll); err != nil {
				t.Fatal(err)
			}
			test.more(spec)
			object.Object["spec"] = spec
			if err := server.Client.Create(t.Context(), object, client.DryRunAll); err == nil {
				t.Error("more is accepted too: this is not the largest object")
			}
		})
	}
}

// segments refers to as many segments and classes as an audience may.
func segments(prefix string) []any {
	var references []any
	for i := range 16 {
		var classes []any
		for j := range 16 {
			classes = append(classes, longName("class", j))
		}
		references = append(references, map[string]any{"segmentName": longName(prefix, i), "classes": classes})
	}
	return references
}

// longName is a name of 63 characters.
func longName(prefix string, i int) string {
	return fmt.Sprintf("%s-%0*d", prefix, 62-len(prefix), i)
}

func outreach(spec map[string]any) map[string]any {
	plan, _ := spec["outreach"].(map[string]any)
	return plan
}
